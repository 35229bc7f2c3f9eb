//! Webhooks.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use domain::company::Owner;
use domain::event::EventType;
use domain::text::SingleLine;
use domain::time::Timestamp;
use domain::webhook::{Circuit, Sealed, Targets, Webhook, WebhookId, WebhookUrl};
use serde_json::{Value, json};
use store::{Create as _, Creation, IdempotencyRecord, NewWebhook, WriteContext};

use crate::engine::{NOBODY, TestEngine, free_port, id, misuse, run, text, url};

/// A webhook, as its owner creates it with the API.
pub async fn create(engine: &TestEngine, owner: Owner, name: &str) -> String {
    create_by(engine, owner, name, None).await
}

/// The same, by a key of the owner.
async fn create_by(engine: &TestEngine, owner: Owner, name: &str, key: Option<&str>) -> String {
    let now = Timestamp::new(chrono::Utc::now());
    let webhook = Webhook {
        id: WebhookId::new(uuid::Uuid::new_v4()),
        owner,
        only_company_id: None,
        url: WebhookUrl::parse("https://example.com/hooks", Targets::Public).unwrap(),
        events: vec![EventType::InterviewCompleted],
        name: SingleLine::parse(name).ok(),
        description: None,
        header_names: Vec::new(),
        paused: None,
        circuit: Circuit::default(),
        sealed_within: None,
        created_by_key_id: key.map(|id| id.parse().unwrap()),
        created_at: now,
        updated_at: now,
    };
    let record = IdempotencyRecord { request_id: "test", fingerprint: None };
    let context = WriteContext { tenant: owner, managed: None, record, trace_id: None, now };
    let new = NewWebhook { webhook, sealed: Sealed::new(vec![1]) };
    let created = new.create(&mut engine.store().await.session(), &context).await.unwrap();
    assert!(matches!(created, Creation::Created(_)), "{created:?}");
    new.webhook.id.to_string()
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|webhook| webhook["name"].as_str().unwrap()).collect()
}

fn active(list: &Value) -> Vec<bool> {
    list.as_array().unwrap().iter().map(|webhook| webhook["isActive"].as_bool().unwrap()).collect()
}

#[tokio::test]
async fn webhooks_are_stopped_one_by_one_or_all_of_an_owner() {
    let engine = TestEngine::new();
    let company = id(&engine.json("company create --name Acme"));
    let other = id(&engine.json("company create --name Other"));
    let ats = id(&engine.json("ats create --name Partner"));
    let key = id(&engine.json(&format!("key create --company {company} --scopes write:webhooks")));
    let first = create(&engine, Owner::Company(company.parse().unwrap()), "First").await;
    create(&engine, Owner::Company(company.parse().unwrap()), "Second").await;
    create(&engine, Owner::Ats(ats.parse().unwrap()), "Partner's").await;

    for owner in [format!("--company {company}"), format!("--key {key}")] {
        assert_eq!(names(&engine.json(&format!("webhook list {owner}"))), ["First", "Second"]);
    }
    assert_eq!(names(&engine.json(&format!("webhook list --ats {ats}"))), ["Partner's"]);
    assert_eq!(engine.json(&format!("webhook list --company {other}")), json!([]));
    let words = engine.words(&format!("webhook show {first}"));
    assert!(words.contains("\nstatus        active\n") && words.contains(&company), "{words}");
    assert!(!words.contains("whsec_"), "{words}");

    let paused = engine.json(&format!("webhook pause {first}"));
    assert_eq!((&paused["isActive"], &paused["pauseReason"]), (&json!(false), &json!("REQUESTED")));
    assert_eq!(engine.json(&format!("webhook pause {first}")), paused, "a second time changes nothing");
    assert_eq!(active(&engine.json(&format!("webhook pause --key {key}"))), [false, false]);
    assert_eq!(engine.json(&format!("webhook resume {first} --company {company}"))["isActive"], true);
    assert_eq!(active(&engine.json(&format!("webhook resume --company {company}"))), [true, true]);
    assert_eq!(active(&engine.json(&format!("webhook list --ats {ats}"))), [true]);

    let foreign = "there is no such webhook, or it is somebody else's; `webhook list` shows those of an owner";
    for command in ["show", "pause", "resume", "delete"] {
        assert_eq!(engine.refusal(&format!("webhook {command} {first} --company {other}")), foreign);
    }
    assert_eq!(id(&engine.json(&format!("webhook delete {first}"))), first);
    assert_eq!(engine.refusal(&format!("webhook delete {first}")), foreign);
    assert_eq!(names(&engine.json(&format!("webhook delete --company {company}"))), ["Second"]);
    assert_eq!(engine.words(&format!("webhook list --company {company}")), "no webhooks\n");

    let changes = engine.json(&format!("history --company {company} --limit 3"));
    let actions: Vec<_> = changes.as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["DELETE_WEBHOOK", "DELETE_WEBHOOK", "RESUME_WEBHOOK"]);
}

#[tokio::test]
async fn a_key_that_is_stopped_names_its_webhooks_and_those_of_the_keys_that_it_replaced() {
    let engine = TestEngine::new();
    let company = id(&engine.json("company create --name Acme"));
    let owner = Owner::Company(company.parse().unwrap());
    let key = || id(&engine.json(&format!("key create --company {company} --scopes write:webhooks")));
    let (first, other) = (key(), key());
    let second = id(&engine.json(&format!("key rotate {first}")));
    let third = id(&engine.json(&format!("key rotate {second}")));
    for (name, key) in [("1", &first), ("2", &second), ("3", &third), ("Other", &other)] {
        create_by(&engine, owner, name, Some(key)).await;
    }
    create(&engine, owner, "Old").await;

    let stopped = engine.json(&format!("key suspend {second}"));
    assert_eq!((&stopped["id"], &stopped["status"]), (&json!(second), &json!("SUSPENDED")));
    assert_eq!((names(&stopped["webhooks"]), active(&stopped["webhooks"])), (vec!["1", "2"], vec![true, true]));
    assert_eq!(
        (&stopped["webhooks"][0]["createdByKeyId"], &stopped["webhooksOfUnknownKeys"]),
        (&json!(first), &json!(1))
    );
    assert_eq!(names(&engine.json(&format!("key revoke {third}"))["webhooks"]), ["1", "2", "3"]);

    let leaked = engine.json(&format!("key revoke {first} --pause-webhooks"));
    assert_eq!((names(&leaked["webhooks"]), active(&leaked["webhooks"])), (vec!["1"], vec![false]));
    let all = || engine.json(&format!("webhook list --company {company}"));
    assert_eq!(active(&all()), [false, true, true, true, true]);
    let words = engine.words(&format!("key revoke {second}"));
    let webhook = |place: usize| all()[place]["id"].as_str().unwrap().to_owned();
    for (place, status) in [(0, "paused (requested)"), (1, "active")] {
        let line = format!("\nwebhook    {} {status} https://example.com/hooks\n", webhook(place));
        assert!(words.contains(&line), "{words}");
    }
    assert!(words.contains("still get events: 1. To pause them, give --pause-webhooks too."), "{words}");
    assert!(words.ends_with(&format!("are older than that: 1. See `webhook list --key {second}`.\n")), "{words}");
    let words = engine.words(&format!("key suspend {other} --reason Leaked --pause-webhooks"));
    assert!(words.contains("paused (requested)") && !words.contains("--pause-webhooks"), "{words}");
    assert_eq!(active(&all()), [false, true, true, false, true]);
}

#[tokio::test]
async fn a_key_is_stopped_even_if_a_webhook_can_t_be_paused_and_the_same_command_goes_on() {
    let engine = TestEngine::new();
    let company = id(&engine.json("company create --name Acme"));
    let key = id(&engine.json(&format!("key create --company {company} --scopes write:webhooks")));
    let mut ids = Vec::new();
    for name in ["First", "Second", "Third"] {
        ids.push(create_by(&engine, Owner::Company(company.parse().unwrap()), name, Some(&key)).await);
    }
    // The key is the first transaction, and the first webhook the second.
    let broken = refusing_the_second_transaction(&engine);
    let output = run(&[], &format!("--endpoint-url {broken} --json key revoke {key} --pause-webhooks"));
    assert_eq!(output.status.code(), Some(1));
    let error = text(&output.stderr);
    let left = format!("error: webhook {} was not changed, and 2 after it were not tried: ", ids[0]);
    assert!(error.starts_with(&left) && error.contains("Not now."), "{error}");
    let shown: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
    assert_eq!((&shown["status"], active(&shown["webhooks"])), (&json!("REVOKED"), vec![true, true, true]));

    let resumed = engine.json(&format!("key revoke {key} --pause-webhooks"));
    assert_eq!(active(&resumed["webhooks"]), [false, false, false]);
    let changes = engine.json(&format!("history --company {company}"));
    let changes = changes.as_array().unwrap().iter().take(4);
    let changes: Vec<_> = changes.map(|entry| (entry["action"].as_str().unwrap(), &entry["subject"])).collect();
    let mut expected: Vec<_> = vec![("REVOKE_KEY", json!(key))];
    expected.extend(ids.iter().map(|id| ("PAUSE_WEBHOOK", json!(id))));
    let mut told: Vec<_> = changes.into_iter().map(|(action, subject)| (action, subject.clone())).collect();
    told.sort_by_key(|(action, subject)| (*action != "REVOKE_KEY", ids.iter().position(|id| *subject == json!(id))));
    assert_eq!(told, expected, "each once");
}

/// An address where the engine answers, except that it refuses the second transaction.
fn refusing_the_second_transaction(engine: &TestEngine) -> String {
    let listener = free_port();
    let address = url(listener.local_addr().unwrap());
    let engine = engine.url.strip_prefix("http://").unwrap().to_owned();
    let transactions = Arc::new(AtomicUsize::new(0));
    thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, engine, transactions) = (client.unwrap(), engine.clone(), transactions.clone());
            thread::spawn(move || {
                let mut server = TcpStream::connect(engine).unwrap();
                let mut answers = server.try_clone().unwrap();
                let mut back = client.try_clone().unwrap();
                thread::spawn(move || io::copy(&mut answers, &mut back));
                let mut some = [0; 65536];
                // A client sends a request's head at once.
                while let Ok(length @ 1..) = client.read(&mut some) {
                    let is_transaction =
                        text(&some[..length]).to_lowercase().contains("dynamodb_20120810.transactwriteitems");
                    if is_transaction && transactions.fetch_add(1, Ordering::Relaxed) == 1 {
                        let body =
                            r#"{"__type": "com.amazon.coral.service#AccessDeniedException", "Message": "Not now."}"#;
                        let length = body.len();
                        let head =
                            "HTTP/1.1 400 Bad Request\r\nContent-Type: application/x-amz-json-1.0\r\nConnection: close";
                        write!(client, "{head}\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
                        return;
                    }
                    server.write_all(&some[..length]).unwrap();
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn of_several_webhooks_those_that_were_changed_are_shown_and_the_one_that_was_not() {
    let engine = TestEngine::new();
    let company = id(&engine.json("company create --name Acme"));
    let mut ids = Vec::new();
    for name in ["First", "Second", "Third"] {
        ids.push(create(&engine, Owner::Company(company.parse().unwrap()), name).await);
    }
    for json in ["--json ", ""] {
        let command = format!("--endpoint-url {} {json}webhook pause", refusing_the_second_transaction(&engine));
        let output = run(&[], &format!("{command} --company {company}"));
        assert_eq!(output.status.code(), Some(1));
        let (shown, error) = (text(&output.stdout), text(&output.stderr));
        let left = format!("error: webhook {} was not changed, and 1 after it were not tried: ", ids[1]);
        assert!(error.starts_with(&left) && error.contains("Not now."), "{error}");
        assert!(shown.contains(&ids[0]) && !shown.contains(&ids[1]) && !shown.contains(&ids[2]), "{shown}");
        if !json.is_empty() {
            assert_eq!(names(&serde_json::from_str(&shown).unwrap()), ["First"]);
        }
        assert_eq!(active(&engine.json(&format!("webhook list --company {company}"))), [false, true, true]);
        engine.json(&format!("webhook resume --company {company}"));
    }
}

#[test]
fn nobody_has_no_webhooks() {
    let engine = TestEngine::new();
    for (owner, refused) in [
        ("company", "there is no such company; `company list` shows all"),
        ("ats", "there is no such applicant tracking system; `ats list` shows all"),
        ("key", "there is no such API key; `key list` shows those of a company or of a system"),
    ] {
        for command in ["list", "pause"] {
            assert_eq!(engine.refusal(&format!("webhook {command} --{owner} {NOBODY}")), refused);
        }
    }
    for (command, named) in [
        ("webhook list".to_owned(), "give one of --company, --ats and --key"),
        ("webhook pause".to_owned(), "give a webhook, or one of --company, --ats and --key"),
        (format!("webhook pause --company {NOBODY} --ats {NOBODY}"), "cannot be used with"),
    ] {
        let refused = misuse(&command);
        assert!(refused.contains(named), "{command}: {refused}");
    }
}
