use serde_json::json;
use tests::{World, body};

#[tokio::test]
async fn an_agent_is_answered_as_it_was_sent() {
    let started = std::time::Instant::now();
    let world = World::start().await;
    eprintln!("{:?}", started.elapsed());
    let company = world.company().create().await;
    let answer = company.created("/agents", &body::agent()).await;
    let expected = body::with(
        body::agent(),
        json!({
            "id": answer.id(),
            "companyId": company.id,
            "backgroundSound": "OFFICE",
            "createdAt": "2026-05-15T10:20:30.456Z",
            "updatedAt": "2026-05-15T10:20:30.456Z",
        }),
    );
    assert_eq!(answer.body, expected);
    company.candidate_with_jobs(2).await;
    assert_eq!(world.items().await, 0);
}
