//! An endpoint that fails for long is spared.

use serde_json::json;

use super::attempts::subscribed;

const QUARTER: u64 = 15 * 60;

#[tokio::test]
async fn after_twenty_failures_over_an_hour_one_attempt_is_made_each_quarter_of_an_hour_until_one_succeeds() {
    let here = subscribed(500).await;
    // Ten deliveries, each with its first two attempts at once: twenty failures, but in five seconds.
    for _ in 0..10 {
        here.first_attempt().await;
    }
    here.pass_wait(5).await;
    here.endpoint.received(20).await;
    here.events.quiet().await;
    let webhook = here.company.get_webhook(&here.webhook.id).await;
    assert_eq!(
        (&webhook["circuit"]["state"], &webhook["circuit"]["consecutiveFailures"]),
        (&json!("CLOSED"), &json!(20))
    );

    // The third and fourth attempts, up to 35 minutes after the first, and one more delivery after an hour.
    here.pass_wait(300).await;
    here.endpoint.received(30).await;
    here.events.quiet().await;
    here.pass_wait(1_800).await;
    here.endpoint.received(40).await;
    here.events.quiet().await;
    assert_eq!(here.company.get_webhook(&here.webhook.id).await["circuit"]["state"], "CLOSED");
    here.pass_seconds(1_495).await;
    here.first_attempt().await;
    let circuit = here.company.get_webhook(&here.webhook.id).await["circuit"].clone();
    assert_eq!((&circuit["state"], &circuit["consecutiveFailures"]), (&json!("OPEN"), &json!(20)));
    assert_eq!(circuit["openedAt"], here.server.now().to_string());
    assert_eq!(circuit["nextProbeAt"], here.server.after(chrono::TimeDelta::minutes(15)).to_string());

    for trial in 1..=3 {
        here.pass_seconds(QUARTER - 1).await;
        assert_eq!(here.endpoint.posts().len(), 40 + trial, "before trial {trial}");
        here.pass_wait(1 + QUARTER / 10).await;
        assert_eq!(here.endpoint.received(41 + trial).await.len(), 41 + trial, "at trial {trial}");
        here.events.quiet().await;
        assert_eq!(here.company.get_webhook(&here.webhook.id).await["circuit"]["state"], "OPEN");
    }

    here.endpoint.answers(200);
    here.pass_wait(QUARTER + QUARTER / 10).await;
    here.endpoint.received(45).await;
    here.events.quiet().await;
    // The circuit is closed for all deliveries: the other ten come at their own time.
    here.pass_wait(2 * 60 * 60).await;
    here.endpoint.received(55).await;
    here.events.quiet().await;
    let circuit = here.company.get_webhook(&here.webhook.id).await["circuit"].clone();
    assert_eq!(circuit, json!({"state": "CLOSED", "consecutiveFailures": 0}));
    let deliveries = here.company.deliveries(&here.webhook.id).await;
    assert!(deliveries.iter().all(|delivery| delivery["status"] == "SUCCEEDED"), "{deliveries:#?}");
}

#[tokio::test]
async fn whoever_mended_the_endpoint_can_say_so() {
    let here = subscribed(500).await;
    let key = format!("WEBHOOK#{}", here.webhook.id);
    let circuit = json!({"circuit": {"M": {
        "consecutiveFailures": {"N": "30"}, "failingSince": {"S": "2026-05-15T00:00:00.000Z"},
        "openedAt": {"S": "2026-05-15T01:00:00.000Z"}, "nextProbeAt": {"S": "2026-05-16T00:00:00.000Z"},
    }}});
    here.server.set_attributes(&key, "WEBHOOK", &circuit).await;
    here.company.test_interview().await;
    here.events.published().await;
    assert_eq!(here.endpoint.posts().len(), 0);
    assert_eq!(here.delivery().await["status"], "PENDING");

    here.endpoint.answers(200);
    let reset = here.company.post(&format!("/webhooks/{}/reset-circuit", here.webhook.id)).answered(200).await;
    assert_eq!(reset.body["circuit"], json!({"state": "CLOSED", "consecutiveFailures": 0}));
    here.first_attempt().await;
    assert_eq!(here.endpoint.posts().len(), 1);
}

#[tokio::test]
async fn of_many_that_wait_one_tries_the_endpoint_out() {
    let here = subscribed(500).await;
    let circuit = json!({"circuit": {"M": {
        "consecutiveFailures": {"N": "20"}, "failingSince": {"S": "2026-05-15T00:00:00.000Z"},
        "openedAt": {"S": "2026-05-15T01:00:00.000Z"}, "nextProbeAt": {"S": here.server.now().to_string()},
    }}});
    here.server.set_attributes(&format!("WEBHOOK#{}", here.webhook.id), "WEBHOOK", &circuit).await;
    for _ in 0..5 {
        here.company.test_interview().await;
    }
    here.events.published().await;
    assert_eq!(here.endpoint.received(1).await.len(), 1);
    assert_eq!(here.company.deliveries(&here.webhook.id).await.len(), 5);
}
