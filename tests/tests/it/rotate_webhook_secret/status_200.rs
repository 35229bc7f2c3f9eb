use tests::TestServer;

#[tokio::test]
pub async fn a_new_secret_is_shown_once() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let path = format!("/webhooks/{}", server.webhook_of(&company.key).await);
    let first = company.post(&format!("{path}/rotate-secret")).answered(200).await;
    let second = company.post(&format!("{path}/rotate-secret")).answered(200).await;
    assert_ne!(first.text_of("signingSecret"), second.text_of("signingSecret"));
    for answer in [&first, &second] {
        assert!(answer.text_of("signingSecret").starts_with("whsec_"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.text_of("previousSecretExpiresAt"), "2026-05-16T10:20:30.456Z");
    }
    assert!(!company.get(&path).answered(200).await.text.contains("whsec_"));
}
