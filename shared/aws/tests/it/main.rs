//! Configurations from variables and files. A process has one environment, so each test runs in a process of its own.

mod function;
mod operator;
mod timeouts;

use std::future::Future;
use std::process::Command;

use aws::SdkConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;

/// Says to a process that it is the one with the environment of its test.
const IN_ITS_ENVIRONMENT: &str = "AWS_TEST_IN_ITS_ENVIRONMENT";

/// Runs the body of the test with that name with just these variables.
fn with_environment<F: Future>(test: &str, variables: &[(&str, &str)], body: impl FnOnce() -> F) {
    if std::env::var_os(IN_ITS_ENVIRONMENT).is_some() {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(body());
        return;
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env_clear()
        .env(IN_ITS_ENVIRONMENT, "1")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{stdout}{}", String::from_utf8_lossy(&output.stderr));
    assert!(stdout.contains("1 passed"), "no test is called {test}: {stdout}");
}

/// A home with a profile: region, endpoint and credentials that only an operator may find.
fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    std::fs::write(
        home.path().join(".aws/config"),
        "[default]\nregion = eu-north-1\nendpoint_url = http://127.0.0.1:1\n",
    )
    .unwrap();
    let credentials = "[default]\naws_access_key_id = PROFILE\naws_secret_access_key = secret\n";
    std::fs::write(home.path().join(".aws/credentials"), credentials).unwrap();
    home
}

/// The access key id that a configuration would sign with.
async fn access_key_id(config: &SdkConfig) -> Result<String, CredentialsError> {
    let credentials = config.credentials_provider().unwrap().provide_credentials().await;
    credentials.map(|credentials| credentials.access_key_id().to_owned())
}
