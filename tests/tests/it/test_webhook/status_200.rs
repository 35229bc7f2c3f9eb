use serde_json::json;
use tests::{TestServer, WebhookReceiver, body};

#[tokio::test]
pub async fn an_endpoint_that_takes_the_ping_is_a_success() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let endpoint = WebhookReceiver::start();
    let created = company.created("/webhooks", &body::with(body::webhook(), json!({"url": endpoint.url()}))).await;
    let answer = company.post(&format!("/webhooks/{}/test", created.id())).answered(200).await;
    assert_eq!((&answer.body["success"], &answer.body["httpStatus"]), (&json!(true), &json!(204)));
    assert_eq!(answer.body["message"], "The endpoint took the ping.");

    let posts = endpoint.posts();
    let [post] = posts.as_slice() else { panic!("one post, not {posts:?}") };
    post.check();
    assert_eq!(post.event(), "ping");
    assert_eq!(post.json()["data"], json!({"webhookId": created.id()}));
    assert_eq!(post.delivery_id(), answer.text_of("deliveryId"));
    assert!(post.is_signed_with(created.text_of("signingSecret")));
}

#[tokio::test]
pub async fn an_endpoint_that_fails_is_told_as_it_is() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let endpoint = WebhookReceiver::start();
    let sent = body::with(body::webhook(), json!({"url": endpoint.url()}));
    let path = format!("/webhooks/{}/test", company.created("/webhooks", &sent).await.id());
    for (status, message) in [
        (500, "The endpoint answered with a status outside 200 to 299."),
        (302, "The endpoint redirects, which is not followed: set the final address as url."),
        (410, "The endpoint answered 410: an event would pause the webhook."),
    ] {
        endpoint.answers(status);
        let answer = company.post(&path).answered(200).await;
        assert_eq!((&answer.body["success"], &answer.body["httpStatus"]), (&json!(false), &json!(status)));
        assert_eq!(answer.body["message"], message);
    }
    let nobody_answers = format!("/webhooks/{}/test", server.webhook_of(&company.key).await);
    let answer = company.post(&nobody_answers).answered(200).await;
    assert_eq!((&answer.body["success"], answer.body.get("httpStatus")), (&json!(false), None));
    assert_eq!(answer.body["message"], "No connection to the endpoint could be opened.");
}
