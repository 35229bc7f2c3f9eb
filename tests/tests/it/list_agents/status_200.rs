use serde_json::json;
use tests::{TestServer, body};

use crate::any_route::lists::ids;

#[tokio::test]
pub async fn the_list_is_narrowed_by_focus_and_type() {
    let company = TestServer::start().await.company().create().await;
    let number = company.phone_number().await;
    let screening = company.agent(&body::agent()).await;
    let generic = company.agent(&body::generic_agent()).await;
    let phone = company.agent(&body::with(body::phone_agent(&number), json!({"focus": "GENERIC"}))).await;
    for (query, expected) in [
        ("focus=SCREENING", vec![&screening]),
        ("focus=GENERIC", vec![&phone, &generic]),
        ("type=PHONE", vec![&phone]),
        ("focus=GENERIC&type=ONLINE", vec![&generic]),
        ("focus=OUTREACH", vec![]),
    ] {
        let page = company.get(&format!("/agents?{query}")).answered(200).await;
        let mut found = ids(&page);
        found.sort();
        let mut expected: Vec<_> = expected.into_iter().cloned().collect();
        expected.sort();
        assert_eq!((found, page.body.get("nextCursor")), (expected, None), "{query}");
    }
}

/// A page reads a hundred agents at most: then it ends, be there many of those that are looked for, few or none.
#[tokio::test]
pub async fn a_page_of_a_narrowed_list_ends_after_a_hundred() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let oldest = company.agent(&body::generic_agent()).await;
    for _ in 0..100 {
        server.pass(std::time::Duration::from_millis(1));
        company.agent(&body::agent()).await;
    }
    let page = company.get("/agents?focus=GENERIC&limit=1").answered(200).await;
    assert_eq!(ids(&page), [""; 0]);
    // The count of the request beside them; the key, its counter, three of the index, and the agents.
    assert_eq!(
        (&page.log["dynamodb"]["requests"], page.log["dynamodb"]["readUnits"].as_f64()),
        (&json!(4), Some(104.5))
    );
    let next = page.text_of("nextCursor");
    let last = company.get(&format!("/agents?focus=GENERIC&limit=1&cursor={next}")).answered(200).await;
    assert_eq!((ids(&last), last.body.get("nextCursor")), (vec![oldest], None));
    let full = company.get("/agents?focus=SCREENING&limit=3").answered(200).await;
    assert_eq!(ids(&full).len(), 3);
    assert!(full.body.get("nextCursor").is_some());
}

/// A page that would be too long for one answer ends early, and the next one goes on.
#[tokio::test]
pub async fn a_page_is_cut_at_two_megabytes() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let large =
        body::with(body::agent(), json!({"questions": vec!["🦀".repeat(500); 50], "instructions": "🦀".repeat(2_000)}));
    let mut newest_first = Vec::new();
    for _ in 0..22 {
        server.pass(std::time::Duration::from_millis(1));
        newest_first.insert(0, company.agent(&large).await);
    }
    let first = company.get("/agents?limit=100").answered(200).await;
    assert!(first.text.len() <= 2 * 1024 * 1024 + 200, "{}", first.text.len());
    let next = first.text_of("nextCursor");
    let second = company.get(&format!("/agents?limit=100&cursor={next}")).answered(200).await;
    assert_eq!([ids(&first), ids(&second)].concat(), newest_first);
}
