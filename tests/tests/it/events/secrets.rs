//! Secrets beside their webhook: read when something is posted, wherever an earlier version stored them.

use local::sqs::QueueName;
use serde_json::json;
use tests::events::{Webhook, ping_jobs};

use super::attempts::{EventSubscription, subscribed};

impl EventSubscription {
    fn partition(&self) -> String {
        format!("WEBHOOK#{}", self.webhook.id)
    }

    /// Stores the webhook as it was stored when its secrets were part of its item.
    async fn move_secrets_within(&self) {
        let sealed = self.server.item(&self.partition(), "SECRETS").await["sealed"].clone();
        self.server.set_attributes(&self.partition(), "WEBHOOK", &json!({"sealed": sealed})).await;
        self.server.delete_item(&self.partition(), "SECRETS").await;
    }

    /// True if the secrets lie in the webhook's item, false if they lie beside it; they never lie in both.
    async fn has_secrets_within(&self) -> bool {
        let webhook = self.server.item(&self.partition(), "WEBHOOK").await;
        let within = webhook.get("sealed").is_some();
        assert_ne!(within, self.server.item(&self.partition(), "SECRETS").await.is_object(), "{webhook}");
        within
    }
}

#[tokio::test]
async fn a_webhook_that_an_earlier_version_stored_goes_on_and_its_secrets_move_with_its_next_change() {
    let here = subscribed(200).await;
    let path = format!("/webhooks/{}", here.webhook.id);
    let headers = json!({"headers": [{"name": "X-Old", "value": "kept"}]});
    here.company.patch(&path).json(&headers).answered(200).await;

    // Reading it, trying it and delivering to it change nothing.
    here.move_secrets_within().await;
    here.company.get(&path).answered(200).await;
    assert_eq!(here.company.post(&format!("{path}/test")).answered(200).await.body["success"], true);
    here.first_attempt().await;
    assert!(here.has_secrets_within().await);

    for change in ["rename", "count a failure", "probe", "change headers", "rotate"] {
        match change {
            "rename" => drop(here.company.patch(&path).json(&json!({"name": "New"})).answered(200).await),
            "count a failure" => {
                here.endpoint.answers(500);
                here.first_attempt().await;
                here.endpoint.answers(200);
                here.pass_wait(5).await;
            }
            "probe" => {
                let circuit = json!({"circuit": {"M": {
                    "consecutiveFailures": {"N": "20"}, "failingSince": {"S": "2026-01-01T00:00:00.000Z"},
                    "openedAt": {"S": "2026-01-01T02:00:00.000Z"}, "nextProbeAt": {"S": "2026-01-01T02:15:00.000Z"},
                }}});
                here.server.set_attributes(&here.partition(), "WEBHOOK", &circuit).await;
                here.first_attempt().await;
                let circuit = here.company.get_webhook(&here.webhook.id).await["circuit"].clone();
                assert_eq!(circuit["state"], "CLOSED");
            }
            "change headers" => {
                let more =
                    json!({"headers": [{"name": "X-Old", "value": "kept"}, {"name": "X-New", "value": "added"}]});
                here.company.patch(&path).json(&more).answered(200).await;
            }
            _ => drop(here.company.post(&format!("{path}/rotate-secret")).answered(200).await),
        }
        assert!(!here.has_secrets_within().await, "{change}");
        here.first_attempt().await;
        let post = here.endpoint.posts().pop().expect("a post");
        assert!(post.is_signed_with(&here.webhook.secret), "{change}");
        assert_eq!(post.headers["x-old"], "kept", "{change}");
        here.move_secrets_within().await;
    }
    here.company.request(reqwest::Method::DELETE, &path).answered(204).await;
    assert_eq!(here.server.item(&here.partition(), "WEBHOOK").await["entityType"]["S"], "Tombstone");
}

/// Nothing was posted, so it is no attempt, and the message comes back.
#[tokio::test]
async fn secrets_that_cannot_be_read_cost_no_attempt() {
    let here = subscribed(200).await;
    let sealed = here.server.item(&here.partition(), "SECRETS").await["sealed"].clone();
    let unreadable = json!({"sealed": {"S": "not bytes"}});
    here.server.set_attributes(&here.partition(), "SECRETS", &unreadable).await;
    let ping = ping_jobs(&here.server, &Webhook { id: here.webhook.id.clone(), secret: String::new() }, 1);
    here.server.queues().send(QueueName::Deliveries, ping).await.expect("sent");
    here.events.quiet().await;
    assert_eq!(here.endpoint.posts().len(), 0);
    let delivery = here.delivery().await;
    assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("PENDING"), &json!(0)));
    here.server.set_attributes(&here.partition(), "SECRETS", &json!({"sealed": sealed})).await;
    here.pass_wait(6 * 60).await;
    here.endpoint.received(1).await;
    here.events.quiet().await;
    assert_eq!(here.delivery().await["attempts"], 1);
}
