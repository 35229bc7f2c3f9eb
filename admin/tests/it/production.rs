//! Changes of a table that may be AWS's: a question first, and a name in the history.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use crate::engine::{TestEngine, free_port, refusal, run, text, url};

const ARN: &str = "arn:aws:sts::123456789012:assumed-role/Operator/jane";

/// An STS that answers as long as the test lasts, and its address.
fn sts() -> String {
    let listener = free_port();
    let address = url(listener.local_addr().unwrap());
    thread::spawn(move || serve(&listener));
    address
}

fn serve(listener: &TcpListener) {
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let mut request = Vec::new();
        while !text(&request).contains("Action=GetCallerIdentity") {
            let mut some = [0; 4096];
            let length = stream.read(&mut some).unwrap();
            request.extend_from_slice(&some[..length]);
        }
        let body = format!(
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
             <Arn>{ARN}</Arn><UserId>AROA:jane</UserId><Account>123456789012</Account></GetCallerIdentityResult>\
             </GetCallerIdentityResponse>"
        );
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .unwrap();
    }
}

/// The engine at an address that no rule takes for a local one, though it leads there.
fn elsewhere(engine: &TestEngine) -> String {
    engine.url.replace("127.0.0.1", "0.0.0.0")
}

fn environment(sts: &str) -> [(&str, &str); 4] {
    [
        ("AWS_ACCESS_KEY_ID", "OPERATOR"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ENDPOINT_URL_STS", sts),
    ]
}

#[test]
fn nothing_is_changed_without_a_terminal_or_a_word_and_everything_may_be_read() {
    let (engine, sts) = (TestEngine::new(), sts());
    let (environment, url) = (environment(&sts), elsewhere(&engine));
    let before = engine.json("history");
    let line = refusal(&environment, &format!("--endpoint-url {url} company create --name Acme"));
    assert_eq!(
        line,
        "nothing was changed: this would change table greenroom in AWS account 123456789012, region eu-central-1, and \
         there is no terminal to ask at; add --yes"
    );
    assert_eq!(engine.json("history"), before);
    for command in ["company list", "ats list", "history"] {
        let output = run(&environment, &format!("--endpoint-url {url} {command}"));
        assert!(output.status.success(), "{command}: {}", text(&output.stderr));
    }
}

#[test]
fn the_history_names_who_sts_says_it_was() {
    let (engine, sts) = (TestEngine::new(), sts());
    for option in ["--yes", "-y", "--json"] {
        let command = format!("--endpoint-url {} {option} company create --name Acme", elsewhere(&engine));
        let output = run(&environment(&sts), &command);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert_eq!(text(&output.stderr), "");
        assert_eq!(engine.json("history --limit 1")[0]["by"], ARN, "{option}");
    }
    // A local endpoint asks nobody.
    engine.words("company create --name Acme");
    assert_eq!(engine.json("history --limit 1")[0]["by"], "unknown (no STS)");
}

#[test]
fn without_an_answer_of_sts_a_change_is_possible_and_never_silently() {
    let engine = TestEngine::new();
    let nobody = url(free_port().local_addr().unwrap());
    let command = format!("--endpoint-url {} company create --name Acme", elsewhere(&engine));
    let output = run(&environment(&nobody), &command);
    let errors = text(&output.stderr);
    assert!(errors.starts_with("warning: the history will name nobody: STS does not say who you are: "), "{errors}");
    assert!(errors.contains("in AWS account unknown (no STS), region eu-central-1"), "{errors}");
    assert_eq!(output.status.code(), Some(1));

    let output = run(&environment(&nobody), &format!("--yes {command}"));
    assert!(output.status.success() && text(&output.stderr).starts_with("warning: "));
    assert_eq!(engine.json("history --limit 1")[0]["by"], "unknown (no STS)");
}
