//! A key that got out: once it is revoked, and its webhooks are paused, whoever had it gets nothing more.

use domain::allowance::SubscriptionStatus;
use domain::api_key::{ApiKeyId, ApiKeyStatus};
use tests::api::ErrorCode;
use tests::{Company, Events, Request, TestServer, WebhookReceiver, body};

use super::Neighbour;

/// A company whose key somebody else has, and has created a webhook with.
struct Leak {
    server: TestServer,
    events: Events,
    neighbour: Neighbour,
    company: Company,
    own: WebhookReceiver,
    key: (ApiKeyId, String),
    stolen: WebhookReceiver,
    webhook: String,
}

impl Leak {
    async fn start() -> Self {
        let server = TestServer::start().await;
        let events = Events::start(&server).await;
        let neighbour = Neighbour::of(&server).await;
        let company = server.company().create().await;
        let (own, stolen) = (WebhookReceiver::start(), WebhookReceiver::start());
        company.webhook(&own).await;
        let key = company.api_key().create().await;
        let webhook = body::with(
            body::webhook(),
            serde_json::json!({
                "url": stolen.url(), "events": ["interview.completed", "analysis.completed"],
            }),
        );
        let webhook = server.post("/webhooks").key(&key.1).json(&webhook).answered(201).await.id();
        let leak = Self { server, events, neighbour, company, own, key, stolen, webhook };
        leak.company.test_interview().await;
        leak.stolen.received(2).await;
        leak
    }

    /// Every request that the thief may think of to keep the webhook.
    fn attempts(&self) -> Vec<Request> {
        let webhook = format!("/webhooks/{}", self.webhook);
        let resumed = serde_json::json!({"isActive": true});
        vec![
            self.server.request(reqwest::Method::PATCH, &webhook).json(&resumed),
            self.server.post("/webhooks").json(&body::webhook()),
            self.server.post(&format!("{webhook}/rotate-secret")),
            self.server.post(&format!("{webhook}/test")),
        ]
    }
}

#[tokio::test]
async fn a_revoked_key_s_webhooks_are_named_and_once_paused_get_nothing() {
    let leak = Leak::start().await;
    let (store, now) = (leak.server.store(), leak.server.now());
    let key = store.set_api_key_status(leak.key.0, ApiKeyStatus::Revoked, None, now).await.expect("a revocation");
    let of_key = store.webhooks_of_key(&key).await.expect("webhooks");
    let named: Vec<_> = of_key.webhooks.iter().map(|webhook| webhook.id.to_string()).collect();
    assert_eq!(named, [leak.webhook.as_str()], "neither the company's own nor none");
    for webhook in of_key.webhooks {
        store.set_webhook_active(webhook.id, Some(webhook.owner), false, now).await.expect("a pause");
    }
    for attempt in leak.attempts() {
        let answer = leak.neighbour.beside(attempt.key(&leak.key.1).answered(401)).await;
        assert_eq!(answer.code(), Some(ErrorCode::InvalidApiKey.as_str()), "{answer}");
    }
    leak.company.test_interview().await;
    leak.own.received(4).await;
    leak.neighbour.assert_events_arrive().await;
    leak.events.published().await;
    assert_eq!(leak.stolen.posts().len(), 2, "what it had before");
}

#[tokio::test]
async fn while_a_company_is_suspended_no_webhook_of_it_gets_anything_and_others_do() {
    let leak = Leak::start().await;
    leak.company.suspend().await;
    let interview = serde_json::json!({"candidate": body::candidate(), "agent": body::generic_agent(), "isTest": true});
    leak.server.post("/interviews").key(&leak.key.1).json(&interview).send().await;
    leak.neighbour.assert_events_arrive().await;
    leak.events.published().await;
    assert_eq!((leak.stolen.posts().len(), leak.own.posts().len()), (2, 2), "what they had before");
    let (store, now) = (leak.server.store(), leak.server.now());
    store.set_subscription(leak.company.id, SubscriptionStatus::Active, now).await.expect("an activation");
    leak.company.test_interview().await;
    leak.own.received(4).await;
    leak.neighbour.assert_unharmed().await;
}
