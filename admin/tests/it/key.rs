//! API keys.

use std::net::IpAddr;

use domain::api_key::{ApiKey, ApiKeySecret, Scope};
use domain::key_use::SOURCES_LISTED_MAX;
use domain::time::Timestamp;
use serde_json::{Value, json};
use store::References;

use crate::engine::{NOBODY, TestEngine, id, members, misuse, run, run_with, text};

fn company(engine: &TestEngine) -> String {
    id(&engine.json("company create --name Acme"))
}

/// The key that a caller shows, as the API finds it.
async fn found(engine: &TestEngine, key: &Value) -> Option<ApiKey> {
    let secret = ApiKeySecret::parse(key.as_str().unwrap()).expect("a well-formed key");
    let nothing_else = References::default();
    engine.store().await.session().look_up(&secret.hash(), None, &nothing_else).await.unwrap().api_key
}

async fn is_admitted(engine: &TestEngine, key: &Value, scope: Scope, from: Option<&str>) -> bool {
    let now = Timestamp::new(chrono::Utc::now());
    let from = from.map(|address| address.parse().unwrap());
    found(engine, key).await.is_some_and(|key| key.admit(now, from, scope).is_ok())
}

#[tokio::test]
async fn a_new_key_works_and_is_shown_only_once() {
    let engine = TestEngine::new();
    let company = company(&engine);
    let created = engine.json(&format!("key create --company {company} --scopes write:agents,write:interviews"));
    assert_eq!(
        members(&created),
        ["allowedIps", "companyId", "createdAt", "id", "key", "limits", "scopes", "status", "updatedAt"]
    );
    assert_eq!(created["companyId"], company);
    assert_eq!(created["scopes"], json!(["write:agents", "write:interviews"]));
    assert_eq!(created["status"], "ACTIVE");
    let key = &created["key"];
    assert!(is_admitted(&engine, key, Scope::WriteAgents, None).await);
    assert!(is_admitted(&engine, key, Scope::WriteInterviews, None).await);

    let mut kept = created.clone();
    kept.as_object_mut().unwrap().remove("key");
    assert_eq!(engine.json(&format!("key list --company {company}")), json!([kept]));
    for command in [format!("key list --company {company}"), format!("key suspend {}", id(&created))] {
        assert!(!engine.words(&command).contains("sk_"), "{command}");
    }
}

/// Sends the store what a request with a key from an address does.
async fn use_from(engine: &TestEngine, key: &Value, address: &str) {
    let hash = ApiKeySecret::parse(key.as_str().unwrap()).unwrap().hash();
    let source = address.parse::<IpAddr>().unwrap().into();
    let now = Timestamp::new(chrono::Utc::now());
    let mut session = engine.store().await.session();
    let nothing = References::default();
    let (lookup, found) = session.look_up_and_count(&hash, None, &nothing, Some(source), now).await.unwrap();
    let limits = lookup.api_key.unwrap().limits;
    session.use_key(&hash, limits, lookup.owner_secret, found, now).unwrap();
    session.finish().await;
}

#[tokio::test]
async fn the_use_of_a_key_is_shown_without_addresses() {
    let engine = TestEngine::new();
    let created = engine.json(&format!("key create --company {} --scopes write:agents", company(&engine)));
    let show = format!("key show {}", id(&created));
    let unused = engine.json(&format!("{show} --address 203.0.113.7"));
    assert_eq!((unused.get("lastUsedOn"), &unused["sources"]), (None, &json!([])));
    assert_eq!((&unused["requestsOfOthers"], &unused["address"]), (&json!(0), &json!({"seen": false})));
    assert!(engine.words(&show).contains("\nlast used on        -\n"));

    for address in ["203.0.113.7", "2001:db8::1", "203.0.113.7"] {
        use_from(&engine, &created["key"], address).await;
    }
    let today = Timestamp::new(chrono::Utc::now()).date().to_string();
    let used = engine.json(&format!("{show} --address 2001:db8::ffff"));
    assert_eq!(used["lastUsedOn"], today);
    assert_eq!(used["sources"].as_array().unwrap().len(), 2);
    assert_eq!(members(&used["sources"][0]), ["firstHour", "lastHour", "month", "pseudonym"]);
    assert_eq!(used["address"]["seen"], true);
    assert!(used["address"]["lastHour"].as_str().unwrap().starts_with(&today));
    assert_eq!(engine.json(&show).get("address"), None);
    assert_eq!(engine.json(&format!("{show} --address 203.0.113.8"))["address"], json!({"seen": false}));
    let words = engine.words(&format!("{show} --address 203.0.113.7"));
    assert!(
        words.contains(&format!("\nlast used on        {today}\nsources             2\nsource              ")),
        "{words}"
    );
    assert!(words.contains("\naddress             hours from "), "{words}");
    let words = engine.words(&format!("{show} --address 203.0.113.8"));
    assert!(words.ends_with("\naddress             not among the sources\n"), "{words}");
    assert!(misuse(&format!("{show} --address 203.0.113.0/24")).contains("--address"));
}

#[tokio::test]
async fn people_are_told_of_uses_whose_source_is_not_listed() {
    let engine = TestEngine::new();
    let created = engine.json(&format!("key create --company {} --scopes write:agents", company(&engine)));
    for number in 0..=SOURCES_LISTED_MAX {
        use_from(&engine, &created["key"], &format!("192.0.2.{number}")).await;
    }
    let words = engine.words(&format!("key show {}", id(&created)));
    assert!(
        words.contains("\n\nRequests whose source is not among these: 1. Of an hour 16 sources are listed"),
        "{words}"
    );
}

#[tokio::test]
async fn people_are_told_to_keep_the_key() {
    let engine = TestEngine::new();
    let shown =
        engine.words(&format!("key create --company {} --scopes write:agents --name Website", company(&engine)));
    let key = shown.lines().next().unwrap().strip_prefix("key").unwrap().trim();
    assert!(is_admitted(&engine, &json!(key), Scope::WriteAgents, None).await);
    assert!(shown.contains("\nname       Website\n"), "{shown}");
    assert!(shown.contains("\naddresses  any\n"), "{shown}");
    assert!(shown.ends_with("\n\nKeep the key now: it is shown this once, and stored only as a hash.\n"), "{shown}");
}

#[tokio::test]
async fn a_key_has_the_bounds_that_it_was_given() {
    let engine = TestEngine::new();
    let created = engine.json(&format!(
        "key create --company {} --scopes write:agents,write:agents --expires-at 2999-01-01T01:00:00+01:00 \
         --allow-ip 203.0.113.0/24 --allow-ip 2001:db8::1 --name Office",
        company(&engine)
    ));
    assert_eq!(created["name"], "Office");
    assert_eq!(created["scopes"], json!(["write:agents"]));
    assert_eq!(created["expiresAt"], "2999-01-01T00:00:00.000Z");
    assert_eq!(created["allowedIps"], json!(["203.0.113.0/24", "2001:db8::1/128"]));
    let key = &created["key"];
    assert!(is_admitted(&engine, key, Scope::WriteAgents, Some("203.0.113.9")).await);
    assert!(is_admitted(&engine, key, Scope::WriteAgents, Some("2001:db8::1")).await);
    assert!(!is_admitted(&engine, key, Scope::WriteAgents, Some("198.51.100.1")).await);
    assert!(!is_admitted(&engine, key, Scope::WriteInterviews, Some("203.0.113.9")).await);
    assert_eq!(found(&engine, key).await.unwrap().valid_until.unwrap().to_string(), "2999-01-01T00:00:00.000Z");
}

#[tokio::test]
async fn a_suspended_key_works_again_when_activated_and_a_revoked_one_never() {
    let engine = TestEngine::new();
    let company = company(&engine);
    let created = engine.json(&format!("key create --company {company} --scopes write:agents"));
    let (key, id) = (&created["key"], id(&created));

    let suspended = engine.json(&format!("key suspend {id} --reason Leaked"));
    assert_eq!(suspended["id"], created["id"]);
    assert_eq!(suspended["status"], "SUSPENDED");
    assert_eq!(suspended["suspensionReason"], "Leaked");
    assert_eq!(suspended["suspendedAt"], suspended["updatedAt"]);
    assert!(!is_admitted(&engine, key, Scope::WriteAgents, None).await);
    let mut listed = suspended.clone();
    assert_eq!(listed.as_object_mut().unwrap().remove("webhooks"), Some(json!([])));
    assert_eq!(listed.as_object_mut().unwrap().remove("webhooksOfUnknownKeys"), Some(json!(0)));
    assert_eq!(engine.json(&format!("key list --company {company}")), json!([listed]));

    let activated = engine.json(&format!("key activate {id}"));
    assert_eq!(activated["status"], "ACTIVE");
    assert_eq!(activated.get("suspensionReason"), None);
    assert!(is_admitted(&engine, key, Scope::WriteAgents, None).await);

    assert_eq!(engine.json(&format!("key suspend {id}")).get("suspensionReason"), None);
    assert_eq!(engine.json(&format!("key revoke {id}"))["status"], "REVOKED");
    assert_eq!(engine.json(&format!("key revoke {id}"))["status"], "REVOKED");
    assert!(!is_admitted(&engine, key, Scope::WriteAgents, None).await);
    for command in ["suspend", "activate"] {
        let refused = engine.refusal(&format!("key {command} {id}"));
        assert_eq!(refused, "the key is revoked, and stays so; create another");
    }
}

#[tokio::test]
async fn keys_of_an_applicant_tracking_system_are_apart_from_those_of_its_companies() {
    let engine = TestEngine::new();
    let ats = id(&engine.json("ats create --name Partner"));
    let company = id(&engine.json(&format!("company create --name Acme --ats {ats}")));
    let created = engine.json(&format!("key create --ats {ats} --scopes write:interviews"));
    assert_eq!(created["atsId"], ats);
    assert_eq!(created.get("companyId"), None);
    assert!(is_admitted(&engine, &created["key"], Scope::WriteInterviews, None).await);
    let list = engine.json(&format!("key list --ats {ats}"));
    assert_eq!(list.as_array().unwrap().iter().map(id).collect::<Vec<_>>(), [id(&created)]);
    assert_eq!(engine.json(&format!("key list --company {company}")), json!([]));
    assert_eq!(engine.words(&format!("key list --company {company}")), "no keys\n");
}

#[test]
fn nobody_has_no_keys() {
    let engine = TestEngine::new();
    for (command, refused) in [
        ("create --scopes write:agents --company", "there is no such company; `company list` shows all"),
        ("create --scopes write:agents --ats", "there is no such applicant tracking system; `ats list` shows all"),
        ("list --company", "there is no such company; `company list` shows all"),
        ("list --ats", "there is no such applicant tracking system; `ats list` shows all"),
        ("revoke", "there is no such API key; `key list` shows those of a company or of a system"),
    ] {
        assert_eq!(engine.refusal(&format!("key {command} {NOBODY}")), refused, "{command}");
    }
}

#[test]
fn words_that_are_not_understood_are_named() {
    for (command, named) in [
        (format!("key create --company {NOBODY}"), "--scopes"),
        (format!("key create --company {NOBODY} --scopes read:anything"), "must be one of"),
        (format!("key create --company {NOBODY} --scopes write:agents,"), "must be one of"),
        ("key create --scopes write:agents".to_owned(), "<--company <ID>|--ats <ID>>"),
        (format!("key create --company {NOBODY} --ats {NOBODY} --scopes write:agents"), "cannot be used with"),
        (format!("key create --company {NOBODY} --scopes write:agents --expires-at 2099-01-01"), "RFC 3339"),
        (
            format!("key create --company {NOBODY} --scopes write:agents --expires-at 2020-01-01T00:00:00Z"),
            "must lie in the future",
        ),
        (format!("key create --company {NOBODY} --scopes write:agents --allow-ip 10.0.0.1/8"), "write 10.0.0.0/8"),
        ("key list".to_owned(), "<--company <ID>|--ats <ID>>"),
        ("key revoke 123".to_owned(), "must be a UUID"),
    ] {
        let refused = misuse(&command);
        assert!(refused.contains(named), "{command}: {refused}");
    }
}

const SECRET: &str = "sk_GreenroomDemoKeyNotASecret0000000000000000039jXpq";

/// Wherever a key is given in place of something else, it is told so and not repeated.
#[test]
fn a_key_on_the_command_line_is_never_shown() {
    for command in [
        format!("key suspend {SECRET}"),
        format!("key show {SECRET}"),
        format!("key list --company {SECRET}"),
        format!("webhook list --key {SECRET}"),
        format!("webhook pause {SECRET}"),
        format!("company show {SECRET}"),
        format!("phone-number remove {SECRET}"),
        format!("history --before={SECRET}"),
    ] {
        let refused = misuse(&command);
        assert!(refused.contains("'sk_…jXpq'") && refused.contains("is a secret, not an id"), "{refused}");
        assert!(refused.contains("`key find`"), "{refused}");
    }
    for command in [
        SECRET.to_owned(),
        format!("key {SECRET}"),
        format!("key find {SECRET}"),
        format!("company create --name {SECRET}"),
        format!("company create --name Acme --plan {SECRET}"),
        format!("--table greenroom --{SECRET} company list"),
    ] {
        assert!(!misuse(&command).contains(&SECRET[..20]), "{command}");
    }
}

#[test]
fn a_key_is_shown_by_its_id_and_found_by_itself_from_standard_input() {
    let engine = TestEngine::new();
    let company = company(&engine);
    let mut created = engine.json(&format!("key create --company {company} --scopes write:agents --name Web"));
    let key = created.as_object_mut().unwrap().remove("key").unwrap();
    let key = key.as_str().unwrap();
    created["sources"] = json!([]);
    created["requestsOfOthers"] = json!(0);
    assert_eq!(engine.json(&format!("key show {}", id(&created))), created);
    let words = engine.words(&format!("key show {}", id(&created)));
    assert!(words.contains(&format!("\ncompany             {company}\n")), "{words}");

    let find = |input: &str| run_with(&[], &format!("--endpoint-url {} --json key find", engine.url), input);
    for input in [format!("{key}\n"), key.to_owned(), format!("  {key}\r\nmore\n")] {
        let output = find(&input);
        assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), created, "{}", text(&output.stderr));
    }
    for (input, refused) in [
        (SECRET, "there is no such API key; `key list` shows those of a company or of a system"),
        ("", "what was read is no API key: that is sk_ and 49 letters and digits"),
        (&key[1..], "what was read is no API key: that is sk_ and 49 letters and digits"),
    ] {
        let output = find(input);
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(1), format!("error: {refused}\n")));
    }
}

#[tokio::test]
async fn a_key_is_replaced_and_the_old_one_works_for_the_grace_time() {
    let engine = TestEngine::new();
    let company = company(&engine);
    let old = engine
        .json(&format!("key create --company {company} --scopes write:agents --name Web --allow-ip 203.0.113.0/24"));
    let rotated = engine.json(&format!("key rotate {}", id(&old)));
    for name in ["name", "scopes", "allowedIps", "companyId", "status"] {
        assert_eq!(rotated[name], old[name], "{name}");
    }
    assert_eq!((rotated["oldKey"]["id"].as_str(), rotated.get("expiresAt")), (old["id"].as_str(), None));
    let old_end: Timestamp = rotated["oldKey"]["expiresAt"].as_str().unwrap().parse().unwrap();
    let rotated_at: Timestamp = rotated["createdAt"].as_str().unwrap().parse().unwrap();
    assert_eq!(old_end.saturating_since(rotated_at).as_secs(), 24 * 60 * 60);
    let from = Some("203.0.113.9");
    for key in [&old["key"], &rotated["key"]] {
        assert!(is_admitted(&engine, key, Scope::WriteAgents, from).await);
    }

    let words = engine.words(&format!("key rotate {} --grace 0", id(&rotated)));
    assert!(words.contains(&format!("\nold key       {}\n", id(&rotated))), "{words}");
    assert!(words.ends_with("\n\nKeep the key now: it is shown this once, and stored only as a hash.\n"), "{words}");
    assert!(!is_admitted(&engine, &rotated["key"], Scope::WriteAgents, from).await);
    let over = engine.refusal(&format!("key rotate {}", id(&rotated)));
    assert_eq!(over, "the key is revoked or has expired, and has no rights; create another");
    engine.json(&format!("key suspend {}", id(&old)));
    let suspended = engine.refusal(&format!("key rotate {}", id(&old)));
    assert_eq!(suspended, "the key is suspended; activate it first, or create another");
    assert!(misuse(&format!("key rotate {} --grace 91d", id(&old))).contains("up to 90 days"));
}

/// Companies and systems of before have none; nothing shows it.
#[tokio::test]
async fn who_has_no_secret_for_ids_is_given_one_with_all_keys_and_keeps_it() {
    let engine = TestEngine::new();
    let company = company(&engine);
    let ats = id(&engine.json("ats create --name Partner"));
    for owner in [format!("company {company}"), format!("ats {ats}")] {
        let (kind, owner_id) = owner.split_once(' ').unwrap();
        let key = engine.json(&format!("key create --{kind} {owner_id} --scopes write:agents"));
        assert!(key.get("idSecret").is_none(), "{key}");
        let set = engine.json(&format!("{kind} set-id-secret {owner_id}"));
        assert_eq!((&set["changed"], &set["keys"]), (&json!(false), &json!(0)), "new ones have it");
        assert!(engine.json(&format!("{kind} show {owner_id}")).get("idSecret").is_none());
        let words = engine.words(&format!("{kind} set-id-secret {owner_id}"));
        assert!(words.contains("\nsecret         was there already\n"), "{words}");
        let refused = engine.refusal(&format!("{kind} set-id-secret {NOBODY}"));
        assert!(refused.starts_with("there is no such "), "{refused}");
    }
}

#[test]
fn shells_complete_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let output = run(&[], &format!("completions {shell}"));
        let script = text(&output.stdout);
        assert!(output.status.success() && script.contains("phone-number") && script.contains("rotate"), "{script}");
    }
}
