use aws::SdkConfig;
use aws_credential_types::provider::error::CredentialsError;
use aws_types::service_config::ServiceConfigKey;

use crate::{access_key_id, home, with_environment};

const OF_LAMBDA: [(&str, &str); 3] =
    [("AWS_REGION", "eu-central-1"), ("AWS_ACCESS_KEY_ID", "FUNCTION"), ("AWS_SECRET_ACCESS_KEY", "secret")];

#[test]
fn region_and_credentials_are_those_of_lambda_s_variables() {
    let home = home();
    let mut variables = vec![("HOME", home.path().to_str().unwrap())];
    variables.extend(OF_LAMBDA);
    with_environment("function::region_and_credentials_are_those_of_lambda_s_variables", &variables, async || {
        let config = aws::for_function().await.unwrap();
        assert_eq!(config.region().unwrap().as_ref(), "eu-central-1");
        assert_eq!(access_key_id(&config).await.unwrap(), "FUNCTION");
        assert_eq!(config.endpoint_url(), None);
        assert_eq!(config.retry_config().unwrap().max_attempts(), 1, "nothing is sent twice unasked");
        assert_eq!(config.app_name().unwrap().as_ref(), "greenroom");
    });
}

#[test]
fn no_file_and_no_metadata_service_is_asked_for_credentials() {
    let home = home();
    let variables = [("HOME", home.path().to_str().unwrap()), ("AWS_REGION", "eu-central-1")];
    with_environment("function::no_file_and_no_metadata_service_is_asked_for_credentials", &variables, async || {
        let config = aws::for_function().await.unwrap();
        assert!(matches!(access_key_id(&config).await, Err(CredentialsError::CredentialsNotLoaded(_))));
    });
}

#[test]
fn a_missing_region_is_named() {
    let home = home();
    let variables = [("HOME", home.path().to_str().unwrap())];
    with_environment("function::a_missing_region_is_named", &variables, async || {
        assert_eq!(aws::for_function().await.unwrap_err().to_string(), "AWS_REGION is not set");
    });
}

#[test]
fn a_bundle_of_authorities_that_cannot_be_read_is_named() {
    let mut variables = vec![("AWS_CA_BUNDLE", "/no/such/file.pem")];
    variables.extend(OF_LAMBDA);
    with_environment("function::a_bundle_of_authorities_that_cannot_be_read_is_named", &variables, async || {
        let error = aws::for_function().await.unwrap_err();
        assert_eq!(error.to_string(), "AWS_CA_BUNDLE /no/such/file.pem can't be read");
        assert!(std::error::Error::source(&error).is_some());
    });
}

#[test]
fn the_endpoint_of_one_service_survives_the_timeouts() {
    let mut variables = vec![("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:9324")];
    variables.extend(OF_LAMBDA);
    with_environment("function::the_endpoint_of_one_service_survives_the_timeouts", &variables, async || {
        let endpoint = |config: &SdkConfig| {
            let asked = ServiceConfigKey::builder()
                .service_id("SQS")
                .env("AWS_ENDPOINT_URL")
                .profile("endpoint_url")
                .build()
                .unwrap();
            config.service_config().unwrap().load_config(asked)
        };
        let config = aws::ClientTimeouts::STANDARD.applied_to(&aws::for_function().await.unwrap());
        assert_eq!(endpoint(&config).as_deref(), Some("http://127.0.0.1:9324"));
    });
}
