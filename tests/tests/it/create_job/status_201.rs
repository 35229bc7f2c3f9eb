use serde_json::json;
use tests::{TestServer, body};

#[tokio::test]
pub async fn every_field_is_answered_as_it_was_sent() {
    let company = TestServer::start().await.company().create().await;
    let job = json!({
        "title": "Warehouse lead", "description": "Leads a team of ten.", "jobUrl": "https://example.com/jobs/1",
        "benefits": "Meal vouchers", "requiredSkills": ["Leading"], "niceToHaveSkills": ["Forklift"],
        "languageRequirements": [{"language": "SK", "proficiency": "C1"}], "education": ["BACHELOR_LEVEL"],
        "experience": "ONE_TO_3_YEARS", "contractType": "FULL_TIME", "status": "CLOSED",
        "location": {
            "workMode": "ONSITE", "street": "Hlavná 1", "city": "Košice", "postalCode": "040 01", "countryCode": "SK",
        },
        "salary": {"min": 1500.0, "max": 2000.5, "currency": "EUR", "period": "MONTHLY"}, "metadata": {"ref": 17},
    });
    let answer = company.created("/jobs", &job).await;
    let id = answer.id();
    assert_eq!(answer.header("location"), Some(format!("/jobs/{id}").as_str()));
    let now = company.server().now();
    let besides = json!({"id": id, "companyId": company.id, "createdAt": now, "updatedAt": now});
    assert_eq!(answer.body, body::with(job, besides));
}

#[tokio::test]
pub async fn a_job_is_open_by_itself_and_an_interview_can_be_about_it() {
    let company = TestServer::start().await.company().create().await;
    let job = company.created("/jobs", &body::job()).await;
    assert_eq!(job.body["status"], "OPEN");
    let interview = json!({"candidate": body::candidate(), "agent": body::agent(), "jobId": job.id()});
    assert_eq!(company.created("/interviews", &interview).await.text_of("jobId"), job.id());
}
