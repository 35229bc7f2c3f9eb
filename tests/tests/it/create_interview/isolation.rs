//! No company reaches another's resources: every id-bearing field, alone and combined, by ordinary and by tracking
//! system's keys.

use domain::company::CompanyId;
use serde_json::{Value, json};
use tests::api::ErrorCode;
use tests::{Company, Request, TestServer, body};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Owner {
    Own,
    /// Another company that the same tracking system manages.
    Sibling,
    /// A company that the tracking system does not manage.
    Foreign,
    Nobody,
}

const OWNERS: [Owner; 4] = [Owner::Own, Owner::Sibling, Owner::Foreign, Owner::Nobody];

/// The ids of what one company has.
#[derive(Clone)]
struct Ids {
    candidate: String,
    agent: String,
    job: String,
    phone_number: String,
}

impl Ids {
    async fn of(company: &Company) -> Ids {
        let (candidate, mut jobs) = company.candidate_with_jobs(1).await;
        let phone_number = company.phone_number().await;
        Ids { candidate, agent: company.agent(&body::agent()).await, job: jobs.remove(0), phone_number }
    }

    fn of_nobody(server: &TestServer) -> Ids {
        let id = || server.id().to_string();
        Ids { candidate: id(), agent: id(), job: id(), phone_number: id() }
    }
}

struct Matrix {
    server: TestServer,
    company_id: CompanyId,
    key: String,
    ats_key: String,
    ids: [Ids; 4],
}

impl Matrix {
    async fn start() -> Matrix {
        let server = TestServer::start().await;
        let (ats, other_ats) = (server.ats().await, server.ats().await);
        let own = server.company().managed_by(ats).create().await;
        let sibling = server.company().managed_by(ats).create().await;
        let foreign = server.company().managed_by(other_ats).create().await;
        let (_, ats_key) = server.ats_key(ats).create().await;
        let ids = [Ids::of(&own).await, Ids::of(&sibling).await, Ids::of(&foreign).await, Ids::of_nobody(&server)];
        Matrix { server, company_id: own.id, key: own.key.clone(), ats_key, ids }
    }

    fn of(&self, owner: Owner) -> &Ids {
        &self.ids[owner as usize]
    }

    fn requests(&self) -> [Request; 2] {
        let by_ats = self.server.post(&format!("/interviews?companyId={}", self.company_id)).key(&self.ats_key);
        [self.server.post("/interviews").key(&self.key), by_ats]
    }

    /// Sends a body by both keys. `named` lists the ids in it, in the order in which they are looked at: the first that
    /// is not the company's own is the answer.
    async fn check(&self, body: &Value, named: &[(&str, Owner, &str)]) {
        for request in self.requests() {
            let request = request.json(body);
            let Some((kind, owner, id)) = named.iter().find(|(_, owner, _)| *owner != Owner::Own) else {
                request.answered(201).await;
                continue;
            };
            let code = match owner {
                Owner::Nobody => ErrorCode::ResourceNotFound,
                Owner::Own | Owner::Sibling | Owner::Foreign => ErrorCode::ResourceAccessDenied,
            };
            let answer = request.refused(code).await;
            assert_eq!(answer.body["resourceType"], *kind, "{body}");
            assert_eq!(answer.body["resourceId"], *id, "{body}");
            let members: Vec<&String> = answer.body.as_object().expect("an object").keys().collect();
            let expected = ["code", "detail", "requestId", "resourceId", "resourceType", "status", "title", "type"];
            assert_eq!(members, expected, "nothing else of the resource");
        }
    }
}

#[tokio::test]
pub async fn named_candidates_agents_and_jobs() {
    let matrix = Matrix::start().await;
    for candidate in OWNERS {
        for agent in OWNERS {
            for job in OWNERS {
                let (candidate_id, agent_id) = (&matrix.of(candidate).candidate, &matrix.of(agent).agent);
                let job_id = &matrix.of(job).job;
                let body = json!({"candidateId": candidate_id, "agentId": agent_id, "jobId": job_id});
                let named =
                    [("CANDIDATE", candidate, candidate_id.as_str()), ("AGENT", agent, agent_id), ("JOB", job, job_id)];
                matrix.check(&body, &named).await;
            }
        }
    }
}

#[tokio::test]
pub async fn the_job_of_an_inline_candidate() {
    let matrix = Matrix::start().await;
    for agent in OWNERS {
        for job in OWNERS {
            let (agent_id, job_id) = (&matrix.of(agent).agent, &matrix.of(job).job);
            let candidate = body::with(body::candidate(), json!({"jobId": job_id}));
            let body = json!({"candidate": candidate, "agentId": agent_id});
            matrix.check(&body, &[("AGENT", agent, agent_id), ("JOB", job, job_id)]).await;
        }
    }
}

#[tokio::test]
pub async fn the_phone_number_of_an_inline_agent() {
    let matrix = Matrix::start().await;
    for candidate in OWNERS {
        for job in OWNERS {
            for number in OWNERS {
                let (candidate_id, job_id) = (&matrix.of(candidate).candidate, &matrix.of(job).job);
                let number_id = &matrix.of(number).phone_number;
                let agent = body::phone_agent(number_id);
                let body = json!({"candidateId": candidate_id, "jobId": job_id, "agent": agent});
                let named = [
                    ("CANDIDATE", candidate, candidate_id.as_str()),
                    ("JOB", job, job_id),
                    ("PHONE_NUMBER", number, number_id),
                ];
                matrix.check(&body, &named).await;
            }
        }
    }
    for number in OWNERS {
        let number_id = &matrix.of(number).phone_number;
        let agent = body::with(body::generic_agent(), json!({"companyPhoneNumberId": number_id}));
        let body = json!({"candidate": body::candidate(), "agent": agent});
        matrix.check(&body, &[("PHONE_NUMBER", number, number_id)]).await;
    }
}

#[tokio::test]
pub async fn what_is_inline_does_not_hide_what_is_named() {
    let matrix = Matrix::start().await;
    for owner in OWNERS {
        let ids = matrix.of(owner);
        for body in [
            json!({"candidateId": ids.candidate, "agent": body::agent()}),
            json!({"candidateId": ids.candidate, "agent": body::agent(), "isTest": true}),
            json!({"candidateId": ids.candidate, "agent": body::agent(), "job": body::job()}),
        ] {
            matrix.check(&body, &[("CANDIDATE", owner, &ids.candidate)]).await;
        }
        let body = json!({"candidate": body::candidate(), "agentId": ids.agent, "job": body::job()});
        matrix.check(&body, &[("AGENT", owner, &ids.agent)]).await;
        let body = json!({"candidate": body::candidate(), "agent": body::agent(), "jobId": ids.job, "isTest": true});
        matrix.check(&body, &[("JOB", owner, &ids.job)]).await;
    }
}
