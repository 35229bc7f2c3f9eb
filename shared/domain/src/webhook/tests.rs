use std::collections::BTreeSet;

use serde::de::value::{BytesDeserializer, Error as ValueError};
use uuid::Uuid;

use std::time::Duration;

use super::*;
use crate::company::AtsId;
use crate::contact::WEB_URL_MAX_CHARACTERS;
use crate::violation::broken;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const COMPANY: CompanyId = CompanyId::new(Uuid::from_u128(1));
const OTHER_COMPANY: CompanyId = CompanyId::new(Uuid::from_u128(2));
const SYSTEM: Owner = Owner::Ats(AtsId::new(Uuid::from_u128(3)));
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const MILLISECOND: Duration = Duration::from_millis(1);

fn start() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

fn later(duration: Duration) -> Timestamp {
    start().saturating_add(duration)
}

fn url(text: &str) -> WebhookUrl {
    WebhookUrl::parse(text, Targets::Public).unwrap()
}

fn header(name: &str, value: &str) -> WebhookHeader {
    WebhookHeader { name: HeaderName::parse(name).unwrap(), value: HeaderValue::parse(value).unwrap() }
}

fn webhook() -> Webhook {
    Webhook {
        id: WebhookId::new(Uuid::from_u128(9)),
        owner: Owner::Company(COMPANY),
        only_company_id: None,
        url: url("https://example.com/hooks"),
        events: vec![EventType::InterviewCompleted],
        name: Some(WebhookName::parse("Ours").unwrap()),
        description: Some(WebhookDescription::parse("For the\nwarehouse").unwrap()),
        header_names: vec![HeaderName::parse("Authorization").unwrap()],
        paused: None,
        circuit: Circuit::default(),
        sealed_within: None,
        created_by_key_id: None,
        created_at: start(),
        updated_at: start(),
    }
}

/// A webhook as it stands, to be changed.
fn form() -> ChangedWebhook {
    ChangedWebhook::of(&webhook())
}

fn failing() -> Circuit {
    Circuit {
        consecutive_failures: 20,
        failing_since: Some(start()),
        opened_at: Some(start()),
        next_probe_at: Some(later(DAY)),
    }
}

#[test]
fn addresses_that_events_are_posted_to() {
    for text in [
        "https://example.com",
        "https://example.com:8443/a?b=c",
        "https://example.com?a@b",
        "https://example.com/@team",
        "https://EXAMPLE.com/%20ž",
        "https://xn--bcher-kva.example",
        "https://bücher.example",
        // Where they lead is looked at when they are posted to.
        "https://127.0.0.1",
        "https://localhost",
        "https://[::1]:1",
        "https://0x7f.1",
    ] {
        for targets in [Targets::Public, Targets::PublicAndLoopback] {
            assert_eq!(WebhookUrl::parse(text, targets).unwrap().as_str(), text);
        }
    }
}

#[test]
fn addresses_that_are_refused_and_why() {
    for (text, rule) in [
        ("", "https"),
        ("example.com", "https"),
        ("//example.com", "https"),
        ("ftp://example.com", "https"),
        ("wss://example.com", "https"),
        ("file:///etc/passwd", "https"),
        ("HTTPS://example.com", "https"),
        ("https:example.com", "https"),
        ("https:/example.com", "https"),
        ("https://", "url"),
        // Browsers would take the path's first step for the host.
        ("https:///example.com", "url"),
        ("https://?example.com", "url"),
        ("https://#example.com", "url"),
        ("https://:443", "url"),
        ("https://exa mple.com", "url"),
        ("https://example.com/a b", "url"),
        (" https://example.com", "url"),
        ("https://example.com\n", "url"),
        ("https://exa\tmple.com", "url"),
        ("https://example.com/\u{a0}", "url"),
        ("https://example.com/\0", "url"),
        ("https://example.com/\u{85}", "url"),
        ("https:\\\\example.com", "https"),
        ("https://example.com\\@evil.example", "url"),
        ("https://example.com/a\\b", "url"),
        ("https://example.com:65536", "url"),
        ("https://[::1", "url"),
        ("https://1.2.3.256", "url"),
        ("https://user@example.com", "credentials"),
        ("https://user:password@example.com", "credentials"),
        ("https://:password@example.com", "credentials"),
        ("https://user:@example.com", "credentials"),
        ("https://@example.com", "credentials"),
        ("https://:@example.com", "credentials"),
        ("https://a@b@example.com/", "credentials"),
        ("https://example.com#", "fragment"),
        ("https://example.com/a?b#c", "fragment"),
    ] {
        for targets in [Targets::Public, Targets::PublicAndLoopback] {
            assert_eq!(broken(WebhookUrl::parse(text, targets)), Some(rule), "{text}");
        }
    }
}

#[test]
fn plain_http_is_for_this_machine_itself_and_only_where_that_is_allowed() {
    for text in [
        "http://localhost",
        "http://localhost:4000/hooks",
        "http://LOCALHOST",
        "http://127.0.0.1:4000",
        "http://127.255.0.1",
        "http://127.1",
        "http://0x7f000001",
        "http://[::1]:4000",
    ] {
        assert_eq!(broken(WebhookUrl::parse(text, Targets::Public)), Some("https"), "{text}");
        assert!(WebhookUrl::parse(text, Targets::PublicAndLoopback).is_ok(), "{text}");
    }
    for text in [
        "http://example.com",
        "http://localhost.example.com",
        "http://localhost.",
        "http://my.localhost",
        "http://0.0.0.0",
        "http://10.0.0.1",
        "http://169.254.169.254",
        "http://[::]",
        "http://[::ffff:127.0.0.1]",
        "http://127.0.0.1.example.com",
    ] {
        assert_eq!(broken(WebhookUrl::parse(text, Targets::PublicAndLoopback)), Some("https"), "{text}");
    }
    let credentials = WebhookUrl::parse("http://user@localhost", Targets::PublicAndLoopback);
    assert_eq!(broken(credentials), Some("credentials"));
}

#[test]
fn services_of_networks_are_not_posted_to() {
    let at_port = |text: &str, targets| {
        broken(WebhookUrl::parse(text, targets).and_then(|url| url.at_port(&WebhookPorts::default(), targets)))
    };
    for targets in [Targets::Public, Targets::PublicAndLoopback] {
        for text in
            ["https://example.com", "https://example.com:443", "https://example.com:8443/a", "https://[2600::1]:1024"]
        {
            assert_eq!(at_port(text, targets), None, "{text}");
        }
        for text in
            ["https://example.com:25", "https://example.com:80/", "https://8.8.8.8:1023", "https://example.com:0"]
        {
            assert_eq!(at_port(text, targets), Some("port"), "{text}");
        }
    }
    // This machine's own may be any, where it is posted to at all.
    for text in ["https://localhost:22", "https://127.0.0.1:1", "https://[::1]:80"] {
        assert_eq!(at_port(text, Targets::Public), Some("port"), "{text}");
        assert_eq!(at_port(text, Targets::PublicAndLoopback), None, "{text}");
    }
    assert_eq!(at_port("http://localhost", Targets::PublicAndLoopback), None);
}

#[test]
fn an_address_has_at_most_2048_characters() {
    let edge = format!("https://e.co/{}", "ž".repeat(WEB_URL_MAX_CHARACTERS - 13));
    assert_eq!(edge.chars().count(), 2_048);
    assert!(WebhookUrl::parse(&edge, Targets::Public).is_ok());
    assert_eq!(broken(WebhookUrl::parse(&format!("{edge}ž"), Targets::Public)), Some("maxLength"));
}

#[test]
fn targets_have_two_spellings_and_no_other() {
    assert_eq!("public".parse(), Ok(Targets::Public));
    assert_eq!("public-and-loopback".parse(), Ok(Targets::PublicAndLoopback));
    for text in ["", "Public", "loopback", "public-and-loopback "] {
        assert_eq!(text.parse::<Targets>(), Err(InvalidTargets), "{text}");
    }
}

#[test]
fn names_of_headers() {
    let longest = "n".repeat(255);
    for text in ["a", "Authorization", "X-Api-Key", "x_1", "!#$%&'*+-.^_`|~", "webhook", "Content", "proxy", &longest] {
        assert_eq!(HeaderName::parse(text).unwrap().as_str(), text);
    }
    assert_eq!(broken(HeaderName::parse("")), Some("minLength"));
    assert_eq!(broken(HeaderName::parse(&"n".repeat(256))), Some("maxLength"));
    for text in ["a b", "a:", "ž", "a\n", " a", "a\"", "(a)", "a/b", "a@b", "[a]", "{a}", "a,b", "a;", "a=", "a\0"] {
        assert_eq!(broken(HeaderName::parse(text)), Some("headerName"), "{text}");
    }
}

#[test]
fn what_frames_and_signs_a_post_is_reserved_in_any_case() {
    let exact = ["host", "content-length", "transfer-encoding", "connection", "content-type", "user-agent", "expect"];
    let begun =
        ["webhook-id", "webhook-timestamp", "webhook-signature", "webhook-", "webhook-anything", "proxy-authorization"];
    for name in RESERVED_HEADERS.into_iter().chain(exact).chain(begun) {
        let capitals = name.split('-').map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_ascii_uppercase() + rest
        });
        for spelling in [name.to_owned(), name.to_ascii_uppercase(), capitals.collect::<Vec<_>>().join("-")] {
            assert_eq!(broken(HeaderName::parse(&spelling)), Some("reserved"), "{spelling}");
        }
    }
    assert_eq!(RESERVED_HEADERS.iter().collect::<BTreeSet<_>>().len(), RESERVED_HEADERS.len());
}

#[test]
fn values_of_headers() {
    let longest = "v".repeat(4_096);
    for text in ["v", "Bearer abc", "a\tb", "a  b", "~!\"\\", &longest] {
        assert_eq!(HeaderValue::parse(text).unwrap().reveal(), text);
    }
    assert_eq!(broken(HeaderValue::parse("")), Some("minLength"));
    assert_eq!(broken(HeaderValue::parse(&"v".repeat(4_097))), Some("maxLength"));
    for text in [" ", "\t", " v", "v ", "\tv", "v\t", "a\nb", "a\r\nX: y", "a\0b", "a\u{7f}b", "ž", "a\u{a0}b"] {
        assert_eq!(broken(HeaderValue::parse(text)), Some("headerValue"), "{text:?}");
    }
}

#[test]
fn a_secret_is_32_random_bytes_as_standard_webhooks_writes_them() {
    let drawn: BTreeSet<String> = (0..50).map(|_| SigningSecret::generate().unwrap().reveal().to_owned()).collect();
    assert_eq!(drawn.len(), 50);
    for secret in drawn {
        let bytes = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        assert_eq!(bytes.len(), 32);
    }
}

/// Secrets rotated at those times after the start, and how many of them sign at another.
fn live_after(rotations: &[Duration], now: Duration) -> usize {
    let mut secrets = WebhookSecrets::new(SigningSecret::generate().unwrap(), Vec::new(), start());
    for at in rotations {
        assert!(secrets.rotate(SigningSecret::generate().unwrap(), later(*at)).is_ok());
    }
    secrets.live(later(now)).count()
}

#[test]
fn a_replaced_secret_signs_for_24_hours_more_and_not_a_millisecond_longer() {
    assert_eq!(ROTATION_OVERLAP, DAY);
    assert_eq!(live_after(&[], 1_000 * DAY), 1);
    assert_eq!(live_after(&[DAY], DAY), 2);
    assert_eq!(live_after(&[DAY], 2 * DAY - MILLISECOND), 2);
    assert_eq!(live_after(&[DAY], 2 * DAY), 1);
    // A second rotation gives the first secret no more time.
    assert_eq!(live_after(&[DAY, DAY + DAY / 2], 2 * DAY - MILLISECOND), 3);
    assert_eq!(live_after(&[DAY, DAY + DAY / 2], 2 * DAY), 2);
    assert_eq!(live_after(&[DAY, DAY + DAY / 2], 2 * DAY + DAY / 2), 1);
}

#[test]
fn the_newest_secret_comes_first() {
    let (old, new) = (SigningSecret::generate().unwrap(), SigningSecret::generate().unwrap());
    let mut secrets = WebhookSecrets::new(old.clone(), vec![header("A", "b")], start());
    assert!(secrets.rotate(new.clone(), later(DAY)).is_ok());
    let live: Vec<_> = secrets.live(later(DAY)).map(SigningSecret::reveal).collect();
    assert_eq!(live, [new.reveal(), old.reveal()]);
    let live: Vec<_> = secrets.live(later(2 * DAY)).map(SigningSecret::reveal).collect();
    assert_eq!(live, [new.reveal()]);
    assert!(secrets.headers == [header("A", "b")]);
}

#[test]
fn five_secrets_sign_at_most() {
    let mut secrets = WebhookSecrets::new(SigningSecret::generate().unwrap(), Vec::new(), start());
    let mut rotate = |at: Duration| secrets.rotate(SigningSecret::generate().unwrap(), later(at)).is_ok();
    for minute in 1..=4 {
        assert!(rotate(Duration::from_secs(60 * minute)), "{minute}");
    }
    assert!(!rotate(Duration::from_secs(60 * 5)));
    // The first has been replaced a minute after the start.
    let first_ends = DAY + Duration::from_secs(60);
    assert!(!rotate(first_ends - MILLISECOND));
    assert!(rotate(first_ends));
    assert!(!rotate(first_ends));
    assert_eq!(secrets.live(later(first_ends)).count(), LIVE_SECRETS_MAX);
    assert_eq!(secrets.signing.len(), LIVE_SECRETS_MAX);
}

#[test]
fn the_first_secret_is_shown_for_a_day_until_another_takes_its_place() {
    let secret = SigningSecret::generate().unwrap();
    let mut secrets = WebhookSecrets::new(secret.clone(), Vec::new(), start());
    let shown =
        |secrets: &WebhookSecrets, at| secrets.first(&webhook(), later(at)).map(|secret| secret.reveal().to_owned());
    assert_eq!(shown(&secrets, Duration::ZERO).as_deref(), Some(secret.reveal()));
    assert_eq!(shown(&secrets, DAY - MILLISECOND).as_deref(), Some(secret.reveal()));
    assert_eq!(shown(&secrets, DAY), None);
    assert!(secrets.rotate(SigningSecret::generate().unwrap(), later(MILLISECOND)).is_ok());
    assert_eq!(shown(&secrets, Duration::ZERO), None);
    // Alone again, but another one.
    secrets.signing.truncate(1);
    assert_eq!(shown(&secrets, Duration::ZERO), None);
}

#[test]
fn what_is_sealed_is_bytes_and_not_shown() {
    let sealed = Sealed::new(b"whsec_secret".to_vec());
    assert_eq!(format!("{sealed:?}"), "Sealed(12 bytes)");
    let read = Sealed::deserialize(BytesDeserializer::<ValueError>::new(sealed.as_bytes())).unwrap();
    assert_eq!(read, sealed);
    assert!(serde_json::from_str::<Sealed>("7").is_err());
}

#[test]
fn nothing_secret_is_in_what_debug_prints() {
    let headers = vec![header("Authorization", "Bearer hush-hush")];
    let command = CreateWebhook {
        url: url("https://example.com/hooks"),
        events: vec![EventType::Ping],
        name: None,
        description: None,
        headers: headers.clone(),
        company_id: None,
    };
    let stored = Webhook { sealed_within: Some(Sealed::new(b"hush-hush".to_vec())), ..webhook() };
    let bytes = format!("{:?}", b"hush");
    for printed in
        [format!("{:?}", headers[0]), format!("{:?}", headers[0].value), format!("{command:?}"), format!("{stored:?}")]
    {
        let told = printed.contains("hush") || printed.contains(&bytes[1..bytes.len() - 1]);
        assert!(!told, "{printed}");
    }
    assert_eq!(format!("{:?}", headers[0]), "Authorization: …");
}

#[test]
fn a_webhook_gets_the_events_that_it_asked_for_of_the_companies_that_it_is_for() {
    let events = vec![EventType::InterviewCompleted, EventType::AnalysisFailed];
    let all = EventSubscription { events, is_active: true, only_company_id: None };
    let one = EventSubscription { only_company_id: Some(COMPANY), ..all.clone() };
    let paused = EventSubscription { is_active: false, ..all.clone() };
    for company in [COMPANY, OTHER_COMPANY] {
        for event in [EventType::InterviewCompleted, EventType::AnalysisFailed] {
            assert!(all.wants(event, company));
            assert_eq!(one.wants(event, company), company == COMPANY);
            assert!(!paused.wants(event, company));
        }
        for event in [EventType::InterviewStarted, EventType::AnalysisCompleted, EventType::Ping] {
            assert!(!all.wants(event, company) && !one.wants(event, company), "{event}");
        }
    }
}

#[test]
fn a_subscription_says_what_the_publisher_needs() {
    let webhook = Webhook { owner: SYSTEM, only_company_id: Some(COMPANY), ..webhook() };
    let subscription = EventSubscription {
        events: vec![EventType::InterviewCompleted],
        is_active: true,
        only_company_id: Some(COMPANY),
    };
    assert_eq!(webhook.subscription(), subscription);
    let gone = Webhook { paused: Some(PauseReason::Gone), ..webhook };
    assert_eq!(gone.subscription(), EventSubscription { is_active: false, ..subscription });
}

#[test]
fn a_change_of_nothing_changes_the_time_only() {
    let changed = form().apply(&webhook(), None, later(DAY));
    assert_eq!(changed, Webhook { updated_at: later(DAY), ..webhook() });
}

#[test]
fn what_is_changed_replaces_what_was() {
    let change = ChangedWebhook {
        url: url("https://example.com/other"),
        events: vec![EventType::AnalysisCompleted],
        name: Some(WebhookName::parse("Other").unwrap()),
        description: None,
        ..form()
    };
    let headers = [header("X-One", "1"), header("x-two", "2")];
    let changed = change.clone().apply(&webhook(), Some(&headers), later(DAY));
    assert_eq!(changed.url.as_str(), "https://example.com/other");
    assert_eq!(changed.events, [EventType::AnalysisCompleted]);
    assert_eq!(changed.name, change.name);
    assert_eq!(changed.description, change.description);
    let names: Vec<&str> = changed.header_names.iter().map(HeaderName::as_str).collect();
    assert_eq!(names, ["X-One", "x-two"]);
    assert_eq!((changed.id, changed.owner, changed.created_at), (webhook().id, webhook().owner, start()));

    assert!(form().apply(&webhook(), Some(&[]), start()).header_names.is_empty());
}

#[test]
fn empty_words_for_people_are_taken_away() {
    let change = ChangedWebhook {
        name: Some(WebhookName::parse("").unwrap()),
        description: Some(WebhookDescription::parse("").unwrap()),
        ..form()
    };
    let changed = change.apply(&webhook(), None, start());
    assert_eq!((&changed.name, &changed.description), (&None, &None));
}

#[test]
fn where_a_proof_is_asked_for_another_address_and_an_unproven_one_stay_paused() {
    let resumed = |webhook: &Webhook| form().apply(webhook, None, start());
    let moved = Webhook { url: WebhookUrl::parse("https://example.org/", Targets::Public).unwrap(), ..webhook() };
    let unproven = Webhook { paused: AddressProof::On.first_pause(), ..webhook() };
    assert_eq!(AddressProof::Off.first_pause(), None);
    let paused = |proof: AddressProof, old: &Webhook, new: &Webhook| proof.after_change(old, new.clone()).paused;
    for (proof, expected) in [(AddressProof::Off, None), (AddressProof::On, Some(PauseReason::Unproven))] {
        assert_eq!(paused(proof, &webhook(), &moved), expected);
        assert_eq!(paused(proof, &unproven, &resumed(&unproven)), expected);
        assert_eq!(paused(proof, &webhook(), &webhook()), None);
    }
    let proven = Webhook { circuit: failing(), ..unproven }.proven(later(DAY));
    assert_eq!((proven.paused, proven.circuit, proven.updated_at), (None, Circuit::default(), later(DAY)));
}

#[test]
fn a_pause_keeps_the_circuit_and_going_on_forgets_it() {
    let set = |webhook: &Webhook, is_active: bool, now: Timestamp| {
        ChangedWebhook { is_active, ..ChangedWebhook::of(webhook) }.apply(webhook, None, now)
    };
    let open = Webhook { circuit: failing(), ..webhook() };
    let paused = set(&open, false, later(DAY));
    assert_eq!((paused.paused, &paused.circuit), (Some(PauseReason::Requested), &failing()));
    assert!(!paused.is_active());
    let resumed = set(&paused, true, later(2 * DAY));
    assert_eq!((resumed.paused, &resumed.circuit), (None, &Circuit::default()));

    // Why it is paused stays, and so does the circuit of a webhook that was not paused.
    let gone = Webhook { paused: Some(PauseReason::Gone), ..open.clone() };
    assert_eq!(set(&gone, false, start()).paused, Some(PauseReason::Gone));
    assert_eq!(set(&gone, true, start()).circuit, Circuit::default());
    assert_eq!(set(&open, true, start()).circuit, failing());
}

#[test]
fn another_address_begins_with_a_circuit_of_its_own() {
    let open = Webhook { circuit: failing(), ..webhook() };
    let to = |url| ChangedWebhook { url, ..form() }.apply(&open, None, start()).circuit;
    assert_eq!(to(open.url.clone()), failing());
    assert_eq!(to(WebhookUrl::parse("https://elsewhere.example/", Targets::Public).unwrap()), Circuit::default());
}

#[test]
fn only_a_system_s_webhook_is_confined_to_a_company() {
    let confine = ChangedWebhook { company_id: Some(COMPANY), ..form() };
    let of_system = Webhook { owner: SYSTEM, ..webhook() };
    let confined = confine.clone().apply(&of_system, None, start());
    assert_eq!(confined.only_company_id, Some(COMPANY));
    assert_eq!(ChangedWebhook::of(&confined).company_id, Some(COMPANY));
    assert_eq!(form().apply(&confined, None, start()).only_company_id, None);
    assert_eq!(confine.apply(&webhook(), None, start()).only_company_id, None);
}

#[test]
fn an_address_of_the_deployment_itself_is_refused() {
    let own = OwnHosts {
        authorities: vec!["api.example.com".to_owned(), "127.0.0.1:3000".to_owned()],
        api_id: Some("abcdef1234".to_owned()),
    };
    let outside = |text: &str| WebhookUrl::parse(text, Targets::PublicAndLoopback).unwrap().outside(&own).is_ok();
    for inside in [
        "https://api.example.com",
        "https://API.example.com/webhooks?x=1",
        "https://api.example.com:443/",
        "https://api.example.com./",
        "https://abcdef1234.execute-api.eu-central-1.amazonaws.com/webhooks",
        "https://ABCDEF1234.execute-api.us-gov-west-1.amazonaws.com:8443/prod",
        "http://127.0.0.1:3000/hooks",
        "https://127.0.0.1:3000/hooks",
        "http://localhost:3000/hooks",
        "http://[::1]:3000/",
        "http://127.1:3000/",
    ] {
        assert!(!outside(inside), "{inside}");
    }
    for text in [
        "https://api.example.com:8443/",
        "https://hooks.api.example.com/",
        "https://example.com/api.example.com",
        "https://abcdef1235.execute-api.eu-central-1.amazonaws.com/",
        "https://abcdef1234.example.com/",
        "http://127.0.0.1:3001/",
        "http://localhost/",
    ] {
        assert!(outside(text), "{text}");
    }
}

#[test]
fn the_agent_of_posts_begins_as_every_version_s_does() {
    assert!(POST_USER_AGENT.starts_with(POST_AGENT) && POST_USER_AGENT.len() > POST_AGENT.len());
}
