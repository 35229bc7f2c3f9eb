//! Starts that cannot succeed: one clear line, and an exit code that says so.

use std::fs;
use std::net::TcpListener;

use crate::program::{Program, command, command_on, complaint};

#[test]
fn a_taken_port_is_named_with_the_option_that_chooses_another() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (ports, option) in [([port.as_str(), "0"], "--port"), (["0", &port], "--dynamodb-port")] {
        let line = complaint(&mut command_on(ports, &["--ephemeral"]));
        assert!(line.contains(&format!("port {port} is taken")), "{line}");
        assert!(line.contains(&format!("with {option} ")), "{line}");
    }
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let _first = Program::on(folder.path());
    let line = complaint(&mut command(&["--data", folder.path().to_str().unwrap()]));
    assert!(line.contains("in use by another server"), "{line}");
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for data in [file.clone(), file.join("below")] {
        let data = data.to_str().unwrap();
        let line = complaint(&mut command(&["--data", data]));
        assert!(line.contains(data), "{line}");
    }
}

#[test]
fn damaged_data_is_named_and_left_alone() {
    for (name, content) in
        [("greenroom.db", "not a database, but long enough to be one; ".repeat(200)), ("demo.json", "{".to_owned())]
    {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        fs::write(&file, &content).unwrap();
        let line = complaint(&mut command(&["--data", folder.path().to_str().unwrap()]));
        assert!(line.contains(name), "{line}");
        assert_eq!(fs::read_to_string(&file).unwrap(), content);
    }
}
