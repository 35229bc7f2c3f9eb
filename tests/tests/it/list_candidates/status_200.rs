use serde_json::json;
use tests::TestServer;

use crate::any_route::lists::ids;

#[tokio::test]
pub async fn the_list_is_narrowed_by_job_and_status() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (one, jobs) = company.candidate_with_jobs(2).await;
    let (other, _) = company.candidate_with_jobs(1).await;
    server.set_attributes(&format!("CANDIDATE#{other}"), "CANDIDATE", &json!({"status": {"S": "REJECTED"}})).await;
    for (query, expected) in [
        (format!("jobId={}", jobs[1]), vec![&one]),
        ("status=REJECTED".to_owned(), vec![&other]),
        ("status=APPLIED".to_owned(), vec![&one]),
        (format!("jobId={}&status=REJECTED", jobs[0]), vec![]),
    ] {
        let page = company.get(&format!("/candidates?{query}")).answered(200).await;
        assert_eq!(ids(&page).iter().collect::<Vec<_>>(), expected, "{query}");
    }
}

/// A page looks for a hundred jobs at most, which one candidate alone may exceed.
#[tokio::test]
pub async fn a_page_ends_before_it_looks_for_more_than_a_hundred_jobs() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let mut newest_first = Vec::new();
    for jobs in [60, 50, 101, 0] {
        let id = company.candidate().await;
        let jobs: Vec<_> = (0..jobs).map(|_| json!({"S": server.id().to_string()})).collect();
        server.set_attributes(&format!("CANDIDATE#{id}"), "CANDIDATE", &json!({"jobIds": {"L": jobs}})).await;
        newest_first.insert(0, id);
        server.pass(std::time::Duration::from_millis(1));
    }
    let mut path = "/candidates".to_owned();
    for expected in [&newest_first[..1], &newest_first[1..2], &newest_first[2..3], &newest_first[3..]] {
        let page = company.get(&path).answered(200).await;
        assert_eq!(ids(&page), expected);
        path = format!("/candidates?cursor={}", page.body["nextCursor"].as_str().unwrap_or_default());
    }
    assert_eq!(path, "/candidates?cursor=");
}
