use tests::{TestServer, body};

/// The answer is the one to its creation, under the same version.
#[tokio::test]
pub async fn it_is_shown_as_it_was_created() {
    let company = TestServer::start().await.company().minutes(60).create().await;
    for agent in [body::agent(), body::phone_agent(&company.phone_number().await)] {
        let created = company.created("/agents", &agent).await;
        let shown = company.get(&format!("/agents/{}", created.id())).answered(200).await;
        assert_eq!((&shown.text, shown.header("etag")), (&created.text, created.header("etag")));
    }
}
