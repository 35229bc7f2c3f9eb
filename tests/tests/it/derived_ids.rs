//! Ids that derive from idempotency keys: the same for all who act for a company, and unknown to everybody else.

use domain::api_key::ApiKeySecret;
use domain::company::{AtsId, CompanyId, Owner};
use domain::idempotency::{IdSecret, IdSource, IdempotencyKey};
use reqwest::Method;
use serde_json::json;
use tests::accepted::body_of;
use tests::api::{ErrorCode, Route};
use tests::{Answer, Company, TestServer};

/// A key that others may guess.
const KEY: &str = "ada.novak@example.com";

/// Every route that creates something, with the kind of its ids.
pub const CREATES: [(Route, &str); 3] =
    [(Route::CreateAgent, "agent"), (Route::CreateInterview, "interview"), (Route::CreateWebhook, "webhook")];

/// The id as whoever knows so much computes it.
fn computed(owner: impl Into<Owner>, secret: Option<IdSecret>, create_of: (Route, &str)) -> String {
    computed_under(KEY, owner, secret, create_of)
}

/// The same under another key.
pub fn computed_under(
    key: &str,
    owner: impl Into<Owner>,
    secret: Option<IdSecret>,
    (route, kind): (Route, &str),
) -> String {
    let key = &IdempotencyKey::parse(key).unwrap();
    IdSource::Derived { owner: owner.into(), secret, route: route.entry().key, key }.id(kind).to_string()
}

async fn create(server: &TestServer, key: &str, route: Route, query: &str) -> Answer {
    let path = format!("{}{query}", route.entry().path);
    server.post(&path).key(key).json(&body_of(route)).idempotent(KEY).answered(201).await
}

/// The secret of an item, as stored.
pub async fn secret(server: &TestServer, pk: &str, sk: &str) -> Option<IdSecret> {
    IdSecret::from_stored(server.item(pk, sk).await["idSecret"]["S"].as_str()?)
}

pub fn key_item(key: &str) -> String {
    format!("KEY#{}", ApiKeySecret::parse(key).unwrap().hash().as_str())
}

/// As the items of companies and keys were before there were secrets.
async fn forget_secret(server: &TestServer, company: &Company, keys: &[&str]) {
    server.remove_attribute(&format!("COMPANY#{}", company.id), "COMPANY", "idSecret").await;
    for key in keys {
        server.remove_attribute(&key_item(key), "KEY", "idSecret").await;
    }
}

#[tokio::test]
async fn two_companies_of_one_id_and_different_secrets_have_different_ids() {
    let id: CompanyId = "0a000000-0000-4000-8000-0000000000c0".parse().unwrap();
    for create_of in CREATES {
        let mut ids = Vec::new();
        for _ in 0..2 {
            let server = TestServer::start().await;
            let company = server.company().id(id).create().await;
            ids.push(create(&server, &company.key, create_of.0, "").await.id());
        }
        assert_ne!(ids[0], ids[1]);
    }
}

#[tokio::test]
async fn all_keys_of_a_company_and_its_system_s_find_each_other_s_repeats() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let company = server.company().managed_by(ats).create().await;
    let (another, rotated) = (company.api_key().create().await.1, company.rotated_key().await);
    let (_, of_system) = server.ats_key(ats).create().await;
    let query = format!("?companyId={}", company.id);
    for (route, _) in [CREATES[0], CREATES[1]] {
        let first = create(&server, &of_system, route, &query).await;
        for key in [&company.key, &another, &rotated] {
            let repeat = create(&server, key, route, "").await;
            assert!(repeat.replayed() && repeat.id() == first.id());
        }
    }
    // A system's webhooks are its own, under its own secret.
    let webhook = create(&server, &of_system, Route::CreateWebhook, "").await;
    assert!(create(&server, &server.ats_key(ats).create().await.1, Route::CreateWebhook, "").await.replayed());
    let own = secret(&server, &format!("ATS#{ats}"), "ATS").await;
    assert!(own.is_some() && own != secret(&server, &format!("COMPANY#{}", company.id), "COMPANY").await);
    assert_eq!(webhook.id(), computed(Owner::Ats(ats), own, CREATES[2]));
    for key in [&company.key, &another, &rotated] {
        let webhook = create(&server, key, Route::CreateWebhook, "").await;
        assert_ne!(webhook.id(), computed(Owner::Ats(AtsId::new(company.id.uuid())), own, CREATES[2]));
    }
}

/// All its keys at once: two that derive other ids would not find each other's repeats.
#[tokio::test]
async fn a_company_without_a_secret_derives_as_before_until_it_is_given_one() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let company = server.company().managed_by(ats).create().await;
    let another = company.api_key().create().await.1;
    let (_, of_system) = server.ats_key(ats).create().await;
    forget_secret(&server, &company, &[&company.key, &another]).await;
    let (new, rotated) = (company.api_key().create().await.1, company.rotated_key().await);
    let query = format!("?companyId={}", company.id);
    let keys = [(&company.key, ""), (&another, ""), (&new, ""), (&rotated, ""), (&of_system, query.as_str())];
    for create_of in [CREATES[0], CREATES[1]] {
        for (key, query) in keys {
            let created = create(&server, key, create_of.0, query).await;
            assert_eq!(created.id(), computed(company.id, None, create_of));
        }
    }

    let (given, now) = (IdSecret::from_bytes([9; 16]), server.now());
    let set = async |secret| server.store().set_id_secret(company.id.into(), secret, now).await.unwrap();
    assert_eq!(set(given).await, Some(4));
    assert_eq!(set(IdSecret::from_bytes([8; 16])).await, None, "a secret stays");
    let later = company.api_key().create().await.1;
    for create_of in [CREATES[0], CREATES[1]] {
        for (key, query) in keys.into_iter().chain([(&later, "")]) {
            let created = create(&server, key, create_of.0, query).await;
            assert_eq!(created.id(), computed(company.id, Some(given), create_of));
        }
    }
    // A key that was not seen, since it was created at the same time.
    server.remove_attribute(&key_item(&later), "KEY", "idSecret").await;
    assert_eq!(set(IdSecret::from_bytes([8; 16])).await, Some(1));
    assert_eq!(secret(&server, &key_item(&later), "KEY").await, Some(given));
}

#[tokio::test]
async fn more_keys_than_one_transaction_takes_are_given_the_secret_too() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let mut keys = vec![company.key.clone()];
    for _ in 0..100 {
        keys.push(company.api_key().create().await.1);
    }
    forget_secret(&server, &company, &keys.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let given = IdSecret::from_bytes([9; 16]);
    let set = server.store().set_id_secret(company.id.into(), given, server.now()).await.unwrap();
    assert_eq!(set, Some(101));
    for key in &keys {
        assert_eq!(secret(&server, &key_item(key), "KEY").await, Some(given));
    }
}

/// The secret comes with the caller's key: nothing more is read.
#[tokio::test]
async fn a_secret_costs_no_request() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    for route in [Route::CreateAgent, Route::CreateInterview] {
        let created = create(&server, &company.key, route, "").await;
        // The two of any create, and the count of the key's requests beside them.
        assert_eq!(created.log["dynamodb"]["requests"], 3);
    }
}

#[tokio::test]
async fn after_a_deletion_the_same_request_finds_nothing_and_another_is_refused() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let webhook = body_of(Route::CreateWebhook);
    let post = |body| company.post("/webhooks").json(body).idempotent(KEY);
    let id = post(&webhook).answered(201).await.id();
    company.request(Method::DELETE, &format!("/webhooks/{id}")).answered(204).await;
    let other = tests::body::with(webhook.clone(), json!({"name": "Another"}));
    for _ in 0..2 {
        post(&webhook).refused(ErrorCode::ResourceNotFound).await;
        post(&other).refused(ErrorCode::IdempotencyKeyReused).await;
    }
    // A tombstone of before does not tell what the request was.
    server.remove_attribute(&format!("WEBHOOK#{id}"), "WEBHOOK", "fingerprint").await;
    for body in [&webhook, &other] {
        post(body).refused(ErrorCode::ResourceNotFound).await;
    }
}
