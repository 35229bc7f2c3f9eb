use serde_json::json;
use tests::{TestServer, body};

/// A job that came along with an interview is shown with all that was sent of it.
#[tokio::test]
pub async fn it_is_shown_as_it_was_sent() {
    let company = TestServer::start().await.company().create().await;
    let job = body::with(
        body::job(),
        json!({
            "description": "Bakes bread at night.", "requiredSkills": ["Baking"], "education": ["BACHELOR_LEVEL"],
            "location": {"workMode": "ONSITE", "city": "Nitra"},
            "salary": {"min": 1_200.5, "max": 1_500.5, "currency": "EUR", "period": "MONTHLY"},
            "metadata": {"shop": 7},
        }),
    );
    let interview = json!({"candidate": body::candidate(), "agent": body::agent(), "job": job, "isTest": true});
    let id = company.created("/interviews", &interview).await.text_of("jobId").to_owned();
    let shown = company.get(&format!("/jobs/{id}")).answered(200).await;
    let sent = job.as_object().expect("an object");
    for (name, value) in sent {
        assert_eq!(&shown.body[name], value, "{name}");
    }
    assert_eq!((shown.text_of("id"), shown.text_of("companyId")), (id.as_str(), company.id.to_string().as_str()));
    assert_eq!(shown.text_of("status"), "OPEN");
}
