//! Requests when the program ends.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::program::Program;

#[test]
fn both_signals_of_a_stop_end_it_cleanly() {
    for signal in ["TERM", "INT"] {
        let program = Program::ephemeral();
        program.signal(signal);
        assert_eq!(program.end().code(), Some(0), "{signal}");
    }
}

#[tokio::test]
async fn a_request_that_has_begun_is_answered_before_the_stop() {
    let program = Program::ephemeral();
    let mut connection = TcpStream::connect(program.api.strip_prefix("http://").unwrap()).unwrap();
    let head = "POST /agents HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    connection.write_all(head.as_bytes()).unwrap();
    let mut answer = BufReader::new(connection.try_clone().unwrap());
    let mut line = String::new();
    answer.read_line(&mut line).unwrap();
    answer.read_line(&mut line).unwrap();
    assert_eq!(line, "HTTP/1.1 100 Continue\r\n\r\n");

    program.signal("TERM");
    // New connections are refused from here on, so the signal has arrived.
    while TcpStream::connect(program.api.strip_prefix("http://").unwrap()).is_ok() {
        // Each connection is one more that the program has to end within the second.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // The program waits for the body: for a while nothing comes, and no end of the connection either.
    connection.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    assert!(answer.read_line(&mut line).is_err(), "the connection was closed");
    connection.set_read_timeout(None).unwrap();
    connection.write_all(b"{}").unwrap();
    let mut rest = String::new();
    answer.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("HTTP/1.1 401 "), "{rest}");
    assert_eq!(program.end().code(), Some(0));
}

#[test]
fn half_of_a_request_does_not_hold_up_the_stop() {
    let program = Program::ephemeral();
    let head = "POST /agents HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n";
    let mut connections = Vec::new();
    for half in ["".to_owned(), head.to_owned(), format!("{head}\r\n{{")] {
        for server in [&program.api, &program.services, &program.dynamodb] {
            let mut connection = TcpStream::connect(server.strip_prefix("http://").unwrap()).unwrap();
            connection.write_all(half.as_bytes()).unwrap();
            connections.push(connection);
        }
    }
    // As long as functions may take is ten seconds: with that wait the end would come after them.
    program.signal("TERM");
    for connection in &mut connections {
        connection.set_read_timeout(Some(Duration::from_secs(9))).unwrap();
        let mut rest = Vec::new();
        match connection.read_to_end(&mut rest) {
            Ok(_) => {}
            // One that the program had not taken yet when it stopped.
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "the connection is kept"),
        }
    }
    assert_eq!(program.end().code(), Some(0));
}

#[tokio::test]
async fn a_kill_loses_nothing_that_was_answered() {
    let folder = tempfile::tempdir().unwrap();
    let agent = json!({"name": "Kept", "type": "ONLINE", "focus": "GENERIC", "language": "SK", "duration": 10});
    let first = Program::on(folder.path());
    let mut created = Vec::new();
    for number in 0..20 {
        let answer = first.post("/agents", &format!("key-{number}"), &agent).await;
        assert_eq!(answer.status(), 201);
        assert!(!answer.headers().contains_key("idempotent-replayed"));
        created.push(answer.json::<Value>().await.unwrap());
    }
    first.signal("KILL");
    assert_eq!(first.end().code(), None);

    let second = Program::on(folder.path());
    for (number, created) in created.iter().enumerate() {
        let answer = second.post("/agents", &format!("key-{number}"), &agent).await;
        assert_eq!(answer.status(), 201);
        assert_eq!(answer.headers()["idempotent-replayed"], "true");
        assert_eq!(&answer.json::<Value>().await.unwrap(), created);
    }
}
