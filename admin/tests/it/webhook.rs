//! Webhooks.

use domain::company::Owner;
use domain::event::EventType;
use domain::text::SingleLine;
use domain::time::Timestamp;
use domain::webhook::{Circuit, Sealed, Targets, Webhook, WebhookId, WebhookUrl};
use serde_json::{Value, json};
use store::{Create as _, Creation, IdempotencyRecord, WriteContext};

use crate::engine::{NOBODY, TestEngine, id, misuse};

/// A webhook, as its owner creates it with the API.
pub async fn create(engine: &TestEngine, owner: Owner, name: &str) -> String {
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
        sealed: Sealed::new(vec![1]),
        created_at: now,
        updated_at: now,
    };
    let record = IdempotencyRecord { request_id: "test", fingerprint: None };
    let context = WriteContext { tenant: owner, managed: None, record, trace_id: None, now };
    let created = webhook.create(&mut engine.store().await.session(), &context).await.unwrap();
    assert!(matches!(created, Creation::Created(_)), "{created:?}");
    webhook.id.to_string()
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
