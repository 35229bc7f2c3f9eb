//! Starts that cannot succeed: one clear line, and an exit code that says so.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, StreamSpecification,
    StreamViewType,
};
use local::demo::DemoCompany;
use local::dynamodb::Engine;

use crate::program::{Program, command, command_on, error_line};

#[test]
fn a_taken_port_is_named_with_the_option_that_chooses_another() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let table = [
        ([port.as_str(), "0", "0"], "--port"),
        (["0", &port, "0"], "--dynamodb-port"),
        (["0", "0", &port], "--services-port"),
    ];
    for (ports, option) in table {
        let line = error_line(&mut command_on(ports, &["--ephemeral"]));
        assert!(line.contains(&format!("port {port} is taken")), "{line}");
        assert!(line.contains(&format!("with {option} ")), "{line}");
    }
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let _first = Program::on(folder.path());
    let line = error_line(&mut command(&["--data", folder.path().to_str().unwrap()]));
    assert!(line.contains("in use by another server"), "{line}");
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for data in [file.clone(), file.join("below")] {
        let data = data.to_str().unwrap();
        let line = error_line(&mut command(&["--data", data]));
        assert!(line.contains(data), "{line}");
    }
}

/// Writes the keys that belong to data.
fn write_keys(folder: &Path) {
    fs::write(folder.join("master.key"), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap();
    fs::write(folder.join("demo.json"), serde_json::to_string(&DemoCompany::fresh()).unwrap()).unwrap();
}

#[test]
fn damaged_data_is_named_and_left_alone() {
    let no_database = "not a database, but long enough to be one; ".repeat(200);
    let table = [
        ("greenroom.db", no_database.clone()),
        ("queue.db", no_database),
        ("master.key", "AAAA".to_owned()),
        ("demo.json", "{".to_owned()),
    ];
    for (name, content) in table {
        let folder = tempfile::tempdir().unwrap();
        write_keys(folder.path());
        let file = folder.path().join(name);
        fs::write(&file, &content).unwrap();
        let line = error_line(&mut command(&["--data", folder.path().to_str().unwrap()]));
        assert!(line.contains(name), "{line}");
        assert_eq!(fs::read_to_string(&file).unwrap(), content);
    }
}

#[test]
fn data_without_the_key_that_they_need_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::on(folder.path());
    program.signal("TERM");
    assert!(program.end().success());
    let start = || command(&["--data", folder.path().to_str().unwrap()]);
    for key in ["master.key", "demo.json"] {
        let (file, away) = (folder.path().join(key), folder.path().join("away"));
        fs::rename(&file, &away).unwrap();
        let line = error_line(&mut start());
        assert!(line.contains(key) && line.contains("is missing beside") && line.contains("put back"), "{line}");
        assert!(!file.exists(), "{key} was made anew");
        fs::rename(&away, &file).unwrap();
    }
    drop(Program::start(&mut start()));
    // Without data, keys are made anew.
    for file in ["master.key", "greenroom.db", "queue.db"] {
        fs::remove_file(folder.path().join(file)).unwrap();
    }
    for rest in ["greenroom.db-wal", "greenroom.db-shm", "queue.db-wal", "queue.db-shm"] {
        let _ = fs::remove_file(folder.path().join(rest));
    }
    drop(Program::start(&mut start()));
}

/// Secrets that another key sealed would fail one by one, long after the start.
#[test]
fn another_master_key_is_noticed_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    drop(Program::on(folder.path()));
    let start = || command(&["--data", folder.path().to_str().unwrap()]);
    let file = folder.path().join("master.key");
    let right = fs::read_to_string(&file).unwrap();
    let other = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    fs::write(&file, other).unwrap();
    let line = error_line(&mut start());
    assert!(line.contains("master.key is not the key that") && line.contains("put back"), "{line}");
    assert_eq!(fs::read_to_string(&file).unwrap(), other);
    fs::write(&file, &right).unwrap();
    drop(Program::start(&mut start()));

    // A folder of an earlier version, which had no check, gets one with the next start.
    let check = folder.path().join("master.check");
    fs::remove_file(&check).unwrap();
    drop(Program::start(&mut start()));
    assert!(check.exists());
}

#[test]
fn damaged_pages_are_told_as_such_and_left_alone() {
    for name in ["greenroom.db", "queue.db"] {
        let folder = tempfile::tempdir().unwrap();
        let program = Program::on(folder.path());
        program.signal("TERM");
        assert!(program.end().success());
        let file = folder.path().join(name);
        let mut content = fs::read(&file).unwrap();
        // All pages but the first, which says that this is a database.
        content[4096..].fill(0xaa);
        fs::write(&file, &content).unwrap();
        let line = error_line(&mut command(&["--data", folder.path().to_str().unwrap()]));
        assert!(line.contains(name) && line.contains("damaged") && line.contains("put back"), "{line}");
        assert_eq!(fs::read(&file).unwrap(), content, "{name}");
    }
}

#[tokio::test]
async fn a_folder_of_an_earlier_version_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("greenroom.db");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let engine = Engine::file_on(&file, listener).unwrap();
    let client = aws_sdk_dynamodb::Client::new(&aws::at_endpoint(&engine.url(), local::http_client()).await);
    // Its stream had only the new images.
    let stream = StreamSpecification::builder().stream_enabled(true).stream_view_type(StreamViewType::NewImage);
    let mut table = client.create_table().table_name(local::TABLE).stream_specification(stream.build().unwrap());
    for (name, key) in [("PK", KeyType::Hash), ("SK", KeyType::Range)] {
        let attribute = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
        let key = KeySchemaElement::builder().attribute_name(name).key_type(key).build().unwrap();
        table = table.key_schema(key).attribute_definitions(attribute.build().unwrap());
    }
    table.billing_mode(BillingMode::PayPerRequest).send().await.unwrap();
    engine.stop().await;
    let content = fs::read(&file).unwrap();
    write_keys(folder.path());

    let data = folder.path().to_str().unwrap();
    let line = error_line(&mut command(&["--data", data]));
    assert!(line.contains(data) && line.contains("earlier version") && line.contains("--data"), "{line}");
    assert_eq!(fs::read(&file).unwrap(), content);
}
