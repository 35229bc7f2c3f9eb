//! The job that an interview is for: the rules in their documented order.

use serde_json::{Value, json};
use tests::api::ErrorCode;
use tests::{Answer, Company, TestServer, body};

/// The jobs that a candidate is assigned to.
async fn jobs_of(company: &Company, candidate_id: &str) -> Vec<String> {
    let item = company.server().item(&format!("CANDIDATE#{candidate_id}"), "CANDIDATE").await;
    let jobs = item["jobIds"]["L"].as_array().cloned().unwrap_or_default();
    jobs.iter().map(|job| job["S"].as_str().expect("an id").to_owned()).collect()
}

async fn start() -> Company {
    TestServer::start().await.company().create().await
}

#[tokio::test]
pub async fn a_job_that_is_given_is_created_and_assigned() {
    let company = start().await;
    let agent_id = company.agent(&body::agent()).await;
    for jobs in 0..3 {
        let (candidate_id, mut job_ids) = company.candidate_with_jobs(jobs).await;
        let sent = json!({"candidateId": candidate_id, "agentId": agent_id, "job": body::job()});
        let answer = company.created("/interviews", &sent).await;
        job_ids.push(answer.text_of("jobId").to_owned());
        assert_eq!(jobs_of(&company, &candidate_id).await, job_ids);
    }
    let sent = json!({"candidate": body::candidate(), "agentId": agent_id, "job": body::job()});
    let answer = company.created("/interviews", &sent).await;
    assert_eq!(jobs_of(&company, answer.text_of("candidateId")).await, [answer.text_of("jobId")]);
}

#[tokio::test]
pub async fn a_named_job_is_assigned_if_it_is_not_yet() {
    let company = start().await;
    let agent_id = company.agent(&body::agent()).await;
    let (other, second) = (company.job().await, company.job().await);
    let (candidate_id, mut job_ids) = company.candidate_with_jobs(1).await;
    for job_id in [job_ids[0].clone(), other.clone(), other, second] {
        let sent = json!({"candidateId": candidate_id, "agentId": agent_id, "jobId": job_id});
        let answer = company.created("/interviews", &sent).await;
        assert_eq!(answer.text_of("jobId"), job_id);
        if !job_ids.contains(&job_id) {
            job_ids.push(job_id);
        }
        assert_eq!(jobs_of(&company, &candidate_id).await, job_ids);
    }
}

#[tokio::test]
pub async fn an_assignment_is_a_new_version_of_the_candidate_and_no_assignment_is_none() {
    let company = start().await;
    let server = company.server();
    let agent_id = company.agent(&body::agent()).await;
    let candidate_id = company.candidate().await;
    let key = format!("CANDIDATE#{candidate_id}");
    let job_id = company.job().await;
    server.set_clock("2026-05-15T11:00:00Z");
    for version in ["2", "2"] {
        let sent = json!({"candidateId": candidate_id, "agentId": agent_id, "jobId": job_id});
        company.created("/interviews", &sent).await;
        let candidate = server.item(&key, "CANDIDATE").await;
        assert_eq!(candidate["version"]["N"], version);
        assert_eq!(candidate["updatedAt"]["S"], "2026-05-15T11:00:00.000Z");
        assert_eq!(candidate["createdAt"]["S"], "2026-05-15T10:20:30.456Z");
        server.set_clock("2026-05-15T12:00:00Z");
    }
}

#[tokio::test]
pub async fn an_inline_candidate_may_name_its_job() {
    let company = start().await;
    let job_id = company.job().await;
    for agent in [json!({"agentId": company.agent(&body::agent()).await}), json!({"agent": body::agent()})] {
        let candidate = body::with(body::candidate(), json!({"jobId": job_id}));
        let answer = company.created("/interviews", &body::with(agent, json!({"candidate": candidate}))).await;
        assert_eq!(answer.text_of("jobId"), job_id);
        assert_eq!(jobs_of(&company, answer.text_of("candidateId")).await, [job_id.as_str()]);
    }
}

#[tokio::test]
pub async fn a_generic_agent_interviews_without_a_job() {
    let company = start().await;
    let agent_id = company.agent(&body::generic_agent()).await;
    let candidate_id = company.candidate().await;
    for sent in [
        json!({"candidateId": candidate_id, "agentId": agent_id}),
        json!({"candidateId": candidate_id, "agent": body::generic_agent()}),
        json!({"candidate": body::candidate(), "agentId": agent_id}),
        json!({"candidate": body::candidate(), "agent": body::generic_agent()}),
    ] {
        let answer = company.created("/interviews", &sent).await;
        assert!(answer.body.get("jobId").is_none(), "{answer}");
        assert!(jobs_of(&company, answer.text_of("candidateId")).await.is_empty());
    }
}

/// The refusal of a GENERIC agent that meets a job.
pub async fn refused_for_a_job(company: &Company, sent: &Value) -> Answer {
    company.refused("/interviews", sent, ErrorCode::GenericAgentNeedsUnassignedCandidate).await
}

#[tokio::test]
pub async fn a_generic_agent_refuses_a_job_from_any_source() {
    let company = start().await;
    let agent_id = company.agent(&body::generic_agent()).await;
    let (one_job, job_ids) = company.candidate_with_jobs(1).await;
    let (two_jobs, _) = company.candidate_with_jobs(2).await;
    let none = company.candidate().await;
    let job_id = &job_ids[0];
    for agent in [json!({"agentId": agent_id}), json!({"agent": body::generic_agent()})] {
        let with_agent = |rest: Value| body::with(agent.clone(), rest);
        for sent in [
            with_agent(json!({"candidateId": one_job})),
            with_agent(json!({"candidateId": two_jobs})),
            with_agent(json!({"candidateId": one_job, "jobId": job_id})),
            with_agent(json!({"candidateId": none, "jobId": job_id})),
            with_agent(json!({"candidateId": none, "job": body::job()})),
            with_agent(json!({"candidate": body::candidate(), "job": body::job()})),
            with_agent(json!({"candidate": body::candidate(), "jobId": job_id})),
            with_agent(json!({"candidate": body::with(body::candidate(), json!({"jobId": job_id}))})),
        ] {
            refused_for_a_job(&company, &sent).await;
            refused_for_a_job(&company, &body::with(sent, json!({"isTest": true}))).await;
        }
    }
}

#[tokio::test]
pub async fn the_only_job_of_a_candidate_is_taken() {
    let company = start().await;
    let (candidate_id, job_ids) = company.candidate_with_jobs(1).await;
    for focus in ["SCREENING", "OUTREACH", "LANGUAGE_TEST"] {
        let sent = json!({"candidateId": candidate_id, "agent": body::with(body::agent(), json!({"focus": focus}))});
        let answer = company.created("/interviews", &sent).await;
        assert_eq!(answer.text_of("jobId"), job_ids[0]);
    }
    assert_eq!(jobs_of(&company, &candidate_id).await, job_ids);
}

#[tokio::test]
pub async fn one_of_several_jobs_must_be_chosen() {
    let company = start().await;
    let (candidate_id, job_ids) = company.candidate_with_jobs(3).await;
    let agent_id = company.agent(&body::agent()).await;
    let sent = json!({"candidateId": candidate_id, "agentId": agent_id});
    let answer = company.refused("/interviews", &sent, ErrorCode::JobSelectionRequired).await;
    assert_eq!(answer.body["jobIds"], json!(job_ids));
    let answer = company.created("/interviews", &body::with(sent, json!({"jobId": job_ids[1]}))).await;
    assert_eq!(answer.text_of("jobId"), job_ids[1]);
}

#[tokio::test]
pub async fn without_a_job_from_any_source_one_is_required() {
    let company = start().await;
    let candidate_id = company.candidate().await;
    for focus in ["SCREENING", "OUTREACH", "LANGUAGE_TEST"] {
        let agent = body::with(body::agent(), json!({"focus": focus}));
        for sent in [
            json!({"candidateId": candidate_id, "agent": agent}),
            json!({"candidate": body::candidate(), "agent": agent}),
            json!({"candidate": body::candidate(), "agentId": company.agent(&agent).await, "isTest": true}),
        ] {
            company.refused("/interviews", &sent, ErrorCode::JobRequired).await;
        }
    }
}

#[tokio::test]
pub async fn a_phone_agent_needs_a_candidate_with_a_phone_number() {
    let company = start().await;
    let number = company.phone_number().await;
    let agent = body::phone_agent(&number);
    let only_email = body::without(body::candidate(), "phoneNumber");
    let candidate_id = company.candidate_of(&only_email).await;
    for sent in [
        json!({"candidateId": candidate_id, "agentId": company.agent(&agent).await, "job": body::job()}),
        json!({"candidate": only_email, "agent": agent, "job": body::job()}),
        json!({"candidate": only_email, "agent": body::with(agent, json!({"focus": "GENERIC"})), "isTest": true}),
    ] {
        company.refused("/interviews", &sent, ErrorCode::CandidatePhoneNumberRequired).await;
    }
}

#[tokio::test]
pub async fn a_candidate_takes_a_thousand_jobs_and_no_more() {
    let company = start().await;
    let server = company.server();
    let (candidate_id, job_ids) = company.candidate_with_jobs(1).await;
    let agent_id = company.agent(&body::agent()).await;
    let fill = |jobs: usize| {
        let others = (1..jobs).map(|_| json!({"S": server.id()}));
        let all: Vec<Value> = [json!({"S": job_ids[0]})].into_iter().chain(others).collect();
        json!({"jobIds": {"L": all}})
    };
    let key = format!("CANDIDATE#{candidate_id}");
    server.set_attributes(&key, "CANDIDATE", &fill(999)).await;
    let one_more = json!({"candidateId": candidate_id, "agentId": agent_id, "job": body::job()});
    company.created("/interviews", &one_more).await;
    let answer = company.refused("/interviews", &one_more, ErrorCode::ValidationFailed).await;
    assert_eq!(answer.issues(), [(String::new(), "maxCandidateJobs".to_owned())]);
    let known = json!({"candidateId": candidate_id, "agentId": agent_id, "jobId": job_ids[0]});
    company.created("/interviews", &known).await;
}
