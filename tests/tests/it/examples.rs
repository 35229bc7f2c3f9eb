//! Each example of the OpenAPI document is answered as the document says.

use openapi::world;
use serde_json::{Value, json};
use tests::api::{CREATE_AGENT, CREATE_INTERVIEW, Route};
use tests::document::DOCUMENT;
use tests::{Company, World, body};

/// The world that the examples refer to.
struct Documented {
    company: Company,
    /// What the document calls a thing, and what it is called here.
    ids: Vec<(String, String)>,
}

impl Documented {
    async fn start() -> Documented {
        let world = World::start().await;
        world.set_clock(world::NOW);
        let company = world.company().id(world::COMPANY).create().await;
        let other = world.company().id(world::OTHER_COMPANY).create().await;
        let number = company.phone_number().await;
        let agent = company.agent(&body::agent()).await;
        let generic_agent = company.agent(&body::generic_agent()).await;
        let phone_agent = company.agent(&body::phone_agent(&number)).await;

        let (one_job, jobs) = company.candidate_with_jobs(1).await;
        let without_number = body::without(body::candidate(), "phoneNumber");
        let sent = json!({"candidate": without_number, "agentId": agent, "jobId": jobs[0], "isTest": true});
        let two_jobs = company.created("/interviews", &sent).await.text_of("candidateId").to_owned();
        let sent = json!({"candidateId": two_jobs, "agentId": agent, "job": body::job(), "isTest": true});
        let other_job = company.created("/interviews", &sent).await.text_of("jobId").to_owned();

        let ids = [
            (world::PHONE_NUMBER.uuid(), number),
            (world::FOREIGN_PHONE_NUMBER.uuid(), other.phone_number().await),
            (world::AGENT.uuid(), agent),
            (world::GENERIC_AGENT.uuid(), generic_agent),
            (world::PHONE_AGENT.uuid(), phone_agent),
            (world::FOREIGN_AGENT.uuid(), other.agent(&body::agent()).await),
            (world::CANDIDATE.uuid(), one_job),
            (world::CANDIDATE_WITH_TWO_JOBS.uuid(), two_jobs),
            (world::JOB.uuid(), jobs[0].clone()),
            (world::OTHER_JOB.uuid(), other_job),
        ];
        Documented { company, ids: ids.map(|(documented, here)| (documented.to_string(), here)).to_vec() }
    }

    /// A documented text in the words of this world.
    fn here(&self, text: &str) -> String {
        self.ids.iter().fold(text.to_owned(), |text, (documented, here)| text.replace(documented, here))
    }

    fn answered(&self, text: &str) -> Value {
        let text = self.ids.iter().fold(text.to_owned(), |text, (documented, here)| text.replace(here, documented));
        serde_json::from_str(&text).expect("JSON")
    }
}

async fn each_example_is_answered_as_documented(route: Route) {
    let operation = &DOCUMENT["paths"][route.path]["post"];
    let examples = operation["requestBody"]["content"]["application/json"]["examples"].as_object().expect("examples");
    assert!(examples.len() >= 7, "{examples:?}");
    for (name, example) in examples {
        let status = u16::try_from(example["x-answer"]["status"].as_u64().expect("a status")).expect("a status");
        let world = Documented::start().await;
        let request = world.company.post(route.path).text(world.here(&example["value"].to_string()));
        let answer = request.idempotent(name).answered(status).await;
        match example["x-answer"].get("code") {
            Some(code) => assert_eq!(&answer.body["code"], code, "{name}: {answer}"),
            None => {
                let documented = &operation["responses"]["201"]["content"]["application/json"]["examples"][name];
                assert_eq!(world.answered(&answer.text), documented["value"], "{name}");
            }
        }
    }
}

#[tokio::test]
async fn each_example_of_an_agent_is_answered_as_documented() {
    each_example_is_answered_as_documented(CREATE_AGENT).await;
}

#[tokio::test]
async fn each_example_of_an_interview_is_answered_as_documented() {
    each_example_is_answered_as_documented(CREATE_INTERVIEW).await;
}
