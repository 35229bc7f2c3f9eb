//! The state of things once the program says that it is ready.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use domain::StringEnum as _;
use domain::allowance::SubscriptionStatus;
use domain::api_key::{ApiKeyStatus, Scope};
use domain::company::{Owner, Plan};
use serde_json::Value;

use crate::program::{Program, command};

#[tokio::test]
async fn there_is_one_demo_company_with_a_plan_a_phone_number_and_a_key_for_everything() {
    let program = Program::ephemeral();
    let store = program.store().await;

    // The others are there for the examples of what a company must not see, and of the system.
    let companies: Vec<_> = store.companies().await.unwrap().into_iter().map(|company| company.id).collect();
    let managed = [openapi::ids::MANAGED_COMPANY, openapi::ids::OTHER_MANAGED_COMPANY];
    assert_eq!(companies, [&[openapi::ids::COMPANY, openapi::ids::OTHER_COMPANY], &managed[..]].concat());
    let id = companies[0];
    assert_eq!(id.to_string(), program.company);
    assert_eq!(store.api_keys(Owner::Company(companies[1])).await.unwrap(), []);
    let standing = store.company(id).await.unwrap();
    assert_eq!(standing.company.plan, Plan::Scale);
    assert_eq!(standing.allowance.subscription, SubscriptionStatus::Active);
    // What is not left is reserved for the interviews that the examples name.
    let allowance = &standing.allowance;
    assert_eq!(allowance.remaining_seconds + allowance.reserved_seconds, allowance.granted_seconds);

    let numbers = store.phone_numbers(id).await.unwrap();
    assert_eq!(numbers.len(), 1);
    assert!(numbers[0].number.as_str().starts_with("+421"));

    let keys = store.api_keys(Owner::Company(id)).await.unwrap();
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0].status, ApiKeyStatus::Active);
    assert_eq!(keys[0].scopes, Scope::ACCEPTED);
}

#[tokio::test]
async fn there_is_one_demo_system_with_a_key_for_everything() {
    let program = Program::ephemeral();
    let systems = program.store().await.ats_accounts().await.unwrap();
    let [system] = systems.as_slice() else { panic!("{systems:?}") };
    let answer = reqwest::Client::new().get(format!("{}/companies", program.api)).bearer_auth(&program.system_api_key);
    let page: Value = answer.send().await.unwrap().json().await.unwrap();
    assert_eq!(page["items"].as_array().unwrap().len(), system.companies.len());
    let keys = program.store().await.api_keys(Owner::Ats(system.ats.id)).await.unwrap();
    assert_eq!(keys.iter().map(|key| key.scopes.as_slice()).collect::<Vec<_>>(), [Scope::ACCEPTED]);
}

#[test]
fn the_printed_command_creates_an_interview_when_pasted() {
    let program = Program::ephemeral();
    let pasted = Command::new("sh").args(["-c", &program.curl]).output().unwrap();
    let answer = String::from_utf8(pasted.stdout).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let interview: Value = serde_json::from_str(body).unwrap();
    assert_eq!(interview["status"], "SCHEDULED");
}

#[tokio::test]
async fn a_restart_finds_the_same_company_and_key_and_makes_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let first = Program::on(folder.path());
    let (company, api_key) = (first.company.clone(), first.api_key.clone());
    first.signal("TERM");
    assert!(first.end().success());

    let second = Program::on(folder.path());
    assert_eq!((&second.company, &second.api_key), (&company, &api_key));
    let store = second.store().await;
    let companies = store.companies().await.unwrap();
    assert_eq!(companies.len(), 4);
    let id = companies[0].id;
    assert_eq!(store.phone_numbers(id).await.unwrap().len(), 1);
    assert_eq!(store.api_keys(Owner::Company(id)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_start_that_was_cut_off_is_finished_by_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let first = Program::on(folder.path());
    let company = first.company.clone();
    first.signal("KILL");
    first.end();
    // As if it had been killed just after it had written down who the company is to be.
    for file in ["greenroom.db", "greenroom.db-wal", "greenroom.db-shm"] {
        std::fs::remove_file(folder.path().join(file)).unwrap();
    }

    let second = Program::on(folder.path());
    assert_eq!(second.company, company);
    assert_eq!(second.store().await.companies().await.unwrap().len(), 4);
}

#[test]
fn only_its_owner_can_read_the_kept_keys() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::on(folder.path());
    let demo = std::fs::read_to_string(folder.path().join("demo.json")).unwrap();
    assert!(demo.contains(&program.api_key));
    for file in ["demo.json", "master.key"] {
        let file = folder.path().join(file);
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
    }
}

#[test]
fn without_a_folder_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let _program = Program::start(command(&["--ephemeral"]).current_dir(&folder));
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[test]
fn by_default_the_data_is_kept_in_the_current_folder() {
    let folder = tempfile::tempdir().unwrap();
    let _program = Program::start(command(&[]).current_dir(&folder));
    assert!(folder.path().join(".greenroom/greenroom.db").exists());
}

#[test]
fn the_version_is_told() {
    let told = Command::new(env!("CARGO_BIN_EXE_local")).arg("--version").output().unwrap();
    assert_eq!(String::from_utf8(told.stdout).unwrap(), concat!("local ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[tokio::test]
async fn a_quiet_program_writes_no_log_line() {
    for (arguments, is_logged) in [(["--ephemeral"].as_slice(), true), (&["--ephemeral", "--quiet"], false)] {
        let log = tempfile::NamedTempFile::new().unwrap();
        let program = Program::start_logging(&mut command(arguments), log.reopen().unwrap());
        reqwest::get(format!("{}/agents", program.api)).await.unwrap();
        program.signal("TERM");
        assert!(program.end().success());
        let written = std::fs::read_to_string(log.path()).unwrap();
        assert_eq!(written.lines().any(|line| line.starts_with('{')), is_logged, "{written}");
    }
}
