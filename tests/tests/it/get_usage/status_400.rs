use reqwest::Method;
use tests::TestServer;
use tests::api::ErrorCode;

fn issues(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(pointer, rule)| ((*pointer).to_owned(), (*rule).to_owned())).collect()
}

#[tokio::test]
pub async fn days_that_are_none_too_many_or_in_the_wrong_order_are_refused() {
    let company = TestServer::start().await.company().create().await;
    for (query, expected) in [
        ("start=2026-05-15&end=2026-05-14", &[("?end", "order")][..]),
        // The last day is today, unless it is given.
        ("start=2026-05-16", &[("?end", "order")]),
        ("start=2025-05-14", &[("?end", "range")]),
        ("start=2025-05-14&end=2026-05-15", &[("?end", "range")]),
        ("start=2026-02-30", &[("?start", "date")]),
        ("start=2026-5-1", &[("?start", "date")]),
        ("start=&end=tomorrow", &[("?start", "date"), ("?end", "date")]),
        ("start=2026-05-15T00:00:00Z", &[("?start", "date")]),
        ("start=%2B12026-05-15", &[("?start", "date")]),
        ("end=2026-05-15&end=2026-05-15", &[("?end", "date")]),
        ("limit=0&start=2026-05-15&end=2026-05-14", &[("?limit", "range"), ("?end", "order")]),
    ] {
        let answer = company.get(&format!("/billing/usage?{query}")).refused(ErrorCode::ValidationFailed).await;
        assert_eq!(answer.issues(), issues(expected), "{query}");
    }
}

/// A cursor holds for the same days and the same key's companies.
#[tokio::test]
pub async fn a_cursor_of_other_days_or_of_another_caller_is_refused() {
    let server = TestServer::start().await;
    let (ats, other_ats) = (server.ats().await, server.ats().await);
    for system in [ats, ats, other_ats, other_ats] {
        server.company().managed_by(system).create().await;
    }
    let (_, key) = server.ats_key(ats).create().await;
    let (_, other_key) = server.ats_key(other_ats).create().await;
    let get = |key: &str, query: &str| server.request(Method::GET, &format!("/billing/usage?{query}")).key(key);
    let next = get(&key, "limit=1").answered(200).await.text_of("nextCursor").to_owned();
    get(&key, &format!("cursor={next}")).answered(200).await;
    let foreign = get(&other_key, "limit=1").answered(200).await.text_of("nextCursor").to_owned();
    for query in [
        format!("cursor={next}&start=2026-05-15"),
        format!("cursor={next}&end=2026-05-15"),
        format!("cursor={foreign}"),
        format!("cursor={next}0"),
    ] {
        let answer = get(&key, &query).refused(ErrorCode::ValidationFailed).await;
        assert_eq!(answer.issues(), issues(&[("?cursor", "cursor")]), "{query}");
    }
}

#[tokio::test]
pub async fn a_system_names_a_company_by_its_id_once() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let company = server.company().managed_by(ats).create().await;
    let (_, key) = server.ats_key(ats).create().await;
    for query in ["companyId=1".to_owned(), "companyId=".to_owned(), format!("companyId={0}&companyId={0}", company.id)]
    {
        let request = server.request(Method::GET, &format!("/billing/usage?{query}")).key(&key);
        assert_eq!(request.refused(ErrorCode::ValidationFailed).await.issues(), issues(&[("?companyId", "uuid")]));
    }
}
