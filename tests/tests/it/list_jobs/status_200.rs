use serde_json::json;
use tests::{TestServer, body};

use crate::any_route::lists::ids;

#[tokio::test]
pub async fn the_list_is_narrowed_by_status() {
    let company = TestServer::start().await.company().create().await;
    let mut jobs = Vec::new();
    for status in ["OPEN", "CLOSED"] {
        let job = body::with(body::job(), json!({"status": status}));
        let interview = json!({"candidate": body::candidate(), "agent": body::agent(), "job": job, "isTest": true});
        jobs.push(company.created("/interviews", &interview).await.text_of("jobId").to_owned());
    }
    for (status, job) in ["OPEN", "CLOSED"].iter().zip(&jobs) {
        assert_eq!(ids(&company.get(&format!("/jobs?status={status}")).answered(200).await), std::slice::from_ref(job));
    }
}
