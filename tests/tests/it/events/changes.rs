//! Changes that an owner makes while deliveries are under way.

use std::sync::Arc;

use serde_json::{Value, json};
use tests::api::ErrorCode;
use tests::{Reaction, TestServer, WebhookReceiver};
use tokio::sync::Notify;

use super::attempts::subscribed;

const DAY: u64 = 24 * 60 * 60;

#[tokio::test]
async fn while_secrets_are_rotated_both_sign_and_after_a_day_only_the_new_one() {
    let here = subscribed(200).await;
    let old = &here.webhook.secret;
    let rotated = here.company.post(&format!("/webhooks/{}/rotate-secret", here.webhook.id)).answered(200).await;
    let new = rotated.text_of("signingSecret").to_owned();
    assert_ne!(*old, new);
    assert_eq!(rotated.header("cache-control"), Some("no-store"));
    assert_eq!(rotated.body["previousSecretExpiresAt"], here.server.after(chrono::TimeDelta::days(1)).to_string());
    here.first_attempt().await;
    here.pass_seconds(DAY - 1).await;
    here.first_attempt().await;
    here.pass_seconds(1).await;
    here.first_attempt().await;
    let signed = |post: &tests::ReceivedPost| (post.is_signed_with(old), post.is_signed_with(&new), post.signatures());
    let signed: Vec<_> = here.endpoint.posts().iter().map(signed).collect();
    assert_eq!(signed, [(true, true, 2), (true, true, 2), (false, true, 1)]);
}

#[tokio::test]
pub async fn at_most_five_secrets_sign_at_a_time() {
    let here = subscribed(200).await;
    let path = format!("/webhooks/{}/rotate-secret", here.webhook.id);
    for _ in 1..5 {
        here.company.post(&path).answered(200).await;
    }
    let refused = here.company.post(&path).refused(ErrorCode::LimitReached).await;
    assert_eq!(refused.body["limit"], 5);
    here.first_attempt().await;
    assert_eq!(here.endpoint.posts()[0].signatures(), 5);
    here.pass_seconds(DAY).await;
    here.company.post(&path).answered(200).await;
}

#[tokio::test]
async fn a_paused_webhook_misses_what_happens_and_what_was_under_way_waits() {
    let here = subscribed(500).await;
    here.first_attempt().await;
    let path = format!("/webhooks/{}", here.webhook.id);
    let paused = here.company.patch(&path).json(&json!({"isActive": false})).answered(200).await;
    assert_eq!((&paused.body["isActive"], &paused.body["pauseReason"]), (&json!(false), &json!("REQUESTED")));
    here.company.test_interview().await;
    here.events.published().await;
    here.pass_seconds(DAY).await;
    assert_eq!(here.endpoint.posts().len(), 1);

    here.endpoint.answers(200);
    let active = here.company.patch(&path).json(&json!({"isActive": true})).answered(200).await;
    assert_eq!((&active.body["isActive"], active.body.get("pauseReason")), (&json!(true), None));
    here.pass_seconds(20 * 60).await;
    here.events.published().await;
    assert_eq!(here.endpoint.posts().len(), 2, "the one that waited, not the one that was missed");
    assert_eq!(here.delivery().await["status"], "SUCCEEDED");
}

#[tokio::test]
async fn what_waits_for_a_paused_webhook_is_given_up_after_four_days() {
    let here = subscribed(500).await;
    here.first_attempt().await;
    here.company.patch(&format!("/webhooks/{}", here.webhook.id)).json(&json!({"isActive": false})).answered(200).await;
    for _ in 0..4 {
        here.pass_seconds(DAY).await;
    }
    here.pass_seconds(20 * 60).await;
    assert_eq!(here.events.dead_letters().await, 1);
    let delivery = here.delivery().await;
    assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("FAILED"), &json!(1)));
}

#[tokio::test]
async fn an_endpoint_that_is_gone_pauses_its_webhook() {
    let here = subscribed(410).await;
    here.first_attempt().await;
    let webhook = here.company.get_webhook(&here.webhook.id).await;
    assert_eq!((&webhook["isActive"], &webhook["pauseReason"]), (&json!(false), &json!("GONE")));
    here.company.test_interview().await;
    here.events.published().await;
    assert_eq!(here.endpoint.posts().len(), 1, "nobody is there");
}

#[tokio::test]
async fn what_is_pending_for_a_deleted_webhook_is_dropped() {
    let here = subscribed(500).await;
    here.first_attempt().await;
    let path = format!("/webhooks/{}", here.webhook.id);
    here.company.request(reqwest::Method::DELETE, &path).answered(204).await;
    here.company.get(&path).refused(ErrorCode::ResourceNotFound).await;
    here.company.get(&format!("{path}/deliveries")).refused(ErrorCode::ResourceNotFound).await;
    here.company.test_interview().await;
    here.events.published().await;
    here.pass_seconds(DAY).await;
    assert_eq!(here.endpoint.posts().len(), 1);
    assert_eq!(here.events.quiet().await, local::sqs::Counts::default());
    assert_eq!(here.events.dead_letters().await, 0);
}

#[tokio::test]
async fn a_changed_address_and_changed_headers_are_used_from_the_next_attempt_on() {
    let here = subscribed(500).await;
    let elsewhere = WebhookReceiver::start();
    here.first_attempt().await;
    let change = json!({"url": elsewhere.url(), "headers": [{"name": "X-New", "value": "1"}]});
    here.company.patch(&format!("/webhooks/{}", here.webhook.id)).json(&change).answered(200).await;
    here.pass_wait(5).await;
    let post = elsewhere.received(1).await.remove(0);
    here.events.quiet().await;
    assert!(post.is_signed_with(&here.webhook.secret), "other headers, the same secret");
    assert_eq!(post.headers["x-new"], "1");
    assert_eq!(here.delivery().await["status"], "SUCCEEDED");
}

#[tokio::test]
async fn what_becomes_of_a_post_to_the_old_address_is_not_held_against_the_new_one() {
    let here = subscribed(204).await;
    let (elsewhere, answered) = (WebhookReceiver::start(), Arc::new(Notify::new()));
    let until = answered.clone();
    here.endpoint.reacts(move |_| Reaction::Hang(until.clone(), 410));
    here.company.test_interview().await;
    here.endpoint.received(1).await;
    let change = json!({"url": elsewhere.url()});
    here.company.patch(&format!("/webhooks/{}", here.webhook.id)).json(&change).answered(200).await;
    answered.notify_one();
    here.events.quiet().await;
    let webhook = here.company.get_webhook(&here.webhook.id).await;
    assert_eq!((&webhook["isActive"], &webhook["circuit"]["consecutiveFailures"]), (&json!(true), &json!(0)));
    here.pass_wait(5).await;
    elsewhere.received(1).await;
    here.events.quiet().await;
    assert_eq!(here.delivery().await["status"], "SUCCEEDED");
}

#[tokio::test]
async fn a_redelivery_posts_the_same_event_again_under_the_same_id() {
    let here = subscribed(200).await;
    here.first_attempt().await;
    let delivery = here.delivery().await;
    let id = delivery["id"].as_str().unwrap();
    here.pass_seconds(60).await;
    let path = format!("/webhooks/{}/deliveries/{id}/redeliver", here.webhook.id);
    let accepted = here.company.post(&path).answered(202).await;
    assert_eq!((accepted.id().as_str(), &accepted.body["status"]), (id, &json!("PENDING")));
    let posts = here.endpoint.received(2).await;
    here.events.quiet().await;
    assert_eq!(posts[0].body, posts[1].body, "byte by byte");
    assert_ne!(posts[0].headers["webhook-timestamp"], posts[1].headers["webhook-timestamp"]);
    let delivery = here.delivery().await;
    assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("SUCCEEDED"), &json!(2)));
}

#[tokio::test]
async fn what_was_given_up_is_delivered_when_its_owner_asks_for_it() {
    let here = subscribed(500).await;
    here.first_attempt().await;
    for (made, wait) in [5, 300, 1_800, 7_200, 18_000, 36_000, 43_200, 43_200, 43_200].into_iter().enumerate() {
        here.pass_wait(wait).await;
        here.endpoint.received(made + 2).await;
        here.events.quiet().await;
    }
    let delivery = here.delivery().await;
    assert_eq!(delivery["status"], "FAILED");
    here.endpoint.answers(200);
    let path = format!("/webhooks/{}/deliveries/{}/redeliver", here.webhook.id, delivery["id"].as_str().unwrap());
    here.company.post(&path).answered(202).await;
    here.endpoint.received(11).await;
    here.events.quiet().await;
    assert_eq!(here.delivery().await["status"], "SUCCEEDED");
}

#[tokio::test]
async fn a_redelivery_tells_nothing_of_an_interview_that_is_gone() {
    let here = subscribed(200).await;
    here.first_attempt().await;
    let delivery = here.delivery().await;
    let interview = here.endpoint.posts()[0].interview_id();
    here.server.delete_item(&format!("INTERVIEW#{interview}"), "INTERVIEW").await;
    let path = format!("/webhooks/{}/deliveries/{}/redeliver", here.webhook.id, delivery["id"].as_str().unwrap());
    let refused = here.company.post(&path).refused(ErrorCode::ResourceNotFound).await;
    assert_eq!((&refused.body["resourceType"], &refused.body["resourceId"]), (&json!("INTERVIEW"), &json!(interview)));
}

#[tokio::test]
async fn a_try_pings_at_once_whatever_the_state_and_changes_none() {
    let here = subscribed(200).await;
    let path = format!("/webhooks/{}", here.webhook.id);
    here.company.patch(&path).json(&json!({"isActive": false})).answered(200).await;
    let before = here.company.get_webhook(&here.webhook.id).await;
    let tried = here.company.post(&format!("{path}/test")).answered(200).await;
    let post = here.endpoint.posts().remove(0);
    assert!(post.is_signed_with(&here.webhook.secret));
    assert_eq!(post.json()["event"], "ping");
    assert_eq!(post.json()["data"], json!({"webhookId": here.webhook.id}));
    assert_eq!(tried.body["deliveryId"], post.delivery_id());
    assert_eq!((&tried.body["success"], &tried.body["httpStatus"]), (&json!(true), &json!(200)));

    here.endpoint.answers(500);
    let tried = here.company.post(&format!("{path}/test")).answered(200).await;
    assert_eq!((&tried.body["success"], &tried.body["httpStatus"]), (&json!(false), &json!(500)));
    assert!(tried.text_of("message").contains("200 to 299"));
    assert_eq!(here.company.get_webhook(&here.webhook.id).await, before);

    let statuses: Vec<Value> =
        here.company.deliveries(&here.webhook.id).await.iter().map(|delivery| delivery["status"].clone()).collect();
    assert_eq!(statuses.len(), 2);
    assert!(statuses.contains(&json!("SUCCEEDED")) && statuses.contains(&json!("FAILED")), "{statuses:?}");
    assert_eq!(here.events.quiet().await, local::sqs::Counts::default(), "a try is not repeated");
}

#[tokio::test]
async fn deliveries_are_listed_in_pages_newest_first() {
    let here = subscribed(200).await;
    for seconds in 0..5 {
        here.pass_seconds(seconds).await;
        here.first_attempt().await;
    }
    let path = format!("/webhooks/{}/deliveries?limit=2", here.webhook.id);
    let mut cursor = String::new();
    let mut seen = Vec::new();
    for expected in [2, 2, 1] {
        let page = here.company.get(&format!("{path}{cursor}")).answered(200).await.body;
        let deliveries = page["items"].as_array().unwrap();
        assert_eq!(deliveries.len(), expected);
        seen.extend(deliveries.iter().map(|delivery| delivery["timestamp"].as_str().unwrap().to_owned()));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => assert_eq!(expected, 1),
        }
    }
    assert!(seen.is_sorted_by(|newer, older| newer >= older), "{seen:?}");
    assert_eq!(seen.len(), 5);
}

#[tokio::test]
async fn secrets_and_headers_are_encrypted_in_the_table() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let body = json!({
        "url": "https://example.com", "events": ["ping"], "headers": [{"name": "Authorization", "value": "Bearer hush"}],
    });
    let created = company.post("/webhooks").json(&body).answered(201).await;
    let secret = created.text_of("signingSecret");
    let stored = format!("{:?}", server.all_items().await);
    let base64 = |text: &str| {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(text)
    };
    for hidden in [secret, &secret["whsec_".len()..], "hush", &base64(secret), &base64("Bearer hush")] {
        assert!(!stored.contains(hidden), "{hidden} is stored");
    }
    let webhook = company.get_webhook(&created.id()).await;
    assert_eq!(webhook["headers"], json!([{"name": "Authorization", "value": "********"}]));
    assert_eq!(webhook.get("signingSecret"), None);
}
