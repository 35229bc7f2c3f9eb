use tests::TestServer;
use tests::api::ErrorCode;

#[tokio::test]
pub async fn each_broken_rule_on_the_query_is_named_and_all_at_once() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let path = format!("/webhooks/{}/deliveries", server.webhook_of(&company.key).await);
    let (limit, cursor) = (("?limit", "range"), ("?cursor", "cursor"));
    for (path, issues) in [
        (format!("{path}?limit=0"), &[limit][..]),
        (format!("{path}?limit=101"), &[limit]),
        (format!("{path}?limit=-1"), &[limit]),
        (format!("{path}?limit="), &[limit]),
        (format!("{path}?limit=1.0"), &[limit]),
        (format!("{path}?limit=%2B2"), &[limit]),
        (format!("{path}?limit=002"), &[limit]),
        (format!("{path}?limit=1&limit=1"), &[limit]),
        (format!("{path}?cursor="), &[cursor]),
        (format!("{path}?cursor=next"), &[cursor]),
        (format!("{path}?cursor={}", server.id()), &[cursor]),
        (format!("{path}?cursor=x&limit=x"), &[limit, cursor]),
        ("/webhooks/1/deliveries?cursor=x&limit=x".to_owned(), &[("path:id", "uuid"), limit, cursor]),
    ] {
        let answer = company.get(&path).refused(ErrorCode::ValidationFailed).await;
        let expected: Vec<_> = issues.iter().map(|(at, rule)| ((*at).to_owned(), (*rule).to_owned())).collect();
        assert_eq!(answer.issues(), expected, "{path}");
    }
}
