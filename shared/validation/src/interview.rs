//! An interview to be created or changed.

use domain::Reference;
use domain::interview::{ChangedInterview, CreateInterview};
use domain::json::Json;
use domain::time::Timestamp;
use serde_json::json;

use crate::agent::AgentShape;
use crate::candidate::CandidateShape;
use crate::fields::{Fields, Shape, object, present, together_with};
use crate::job::JobShape;
use crate::patch::Patched;
use crate::rule::{MetadataRule, ScheduleTime, boolean, id};

/// The body of `POST /interviews`.
pub struct InterviewShape {
    /// The present, for times that must lie in the future.
    pub now: Timestamp,
}

impl Shape for InterviewShape {
    type Value = CreateInterview;

    const NAME: &'static str = "CreateInterviewRequest";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<CreateInterview> {
        let now = self.now;
        let candidate_id = fields.optional("candidateId", id(), "An existing candidate. Else `candidate`.");
        let candidate = fields.optional(
            "candidate",
            object(&CandidateShape { now }),
            "A candidate to be created. Else `candidateId`.",
        );
        let agent_id = fields.optional("agentId", id(), "An existing agent. Else `agent`.");
        let agent = fields.optional("agent", object(&AgentShape), "An agent to be created. Else `agentId`.");
        let job_id = fields.optional("jobId", id(), "An existing job. Not together with `job`.");
        let job = fields.optional("job", object(&JobShape), "A job to be created. Not together with `jobId`.");
        let schedule_time = fields.optional(
            "scheduleTime",
            ScheduleTime { now },
            "When the interview is due: in the future, at most 30 days ahead. Absent: at once.",
        );
        let is_test = fields.defaulted(
            "isTest",
            boolean(),
            false,
            "Try an integration: the interview is completed at once with a mock analysis, and never billed.",
        );
        let metadata = fields.optional("metadata", MetadataRule, "Your own data, returned as you sent it.");
        fields.exactly_one("candidateId", "candidate");
        fields.exactly_one("agentId", "agent");
        fields.at_most_one("jobId", "job");
        let candidate_job_id = candidate.as_ref().and_then(|(_, job_id)| *job_id);
        fields.between(
            || {
                let job_twice = json!({"anyOf": [present("jobId"), present("job")]});
                let in_candidate = json!({"required": ["candidate"], "properties": {"candidate": {
                    "type": "object", "required": ["jobId"], "properties": {"jobId": {"not": {"type": "null"}}},
                }}});
                Some(json!({"not": {"allOf": [in_candidate, job_twice]}}))
            },
            |fields| {
                let first = ["jobId", "job"].into_iter().find(|name| fields.has(name))?;
                // Also where the candidate is refused for something else: all issues come at once.
                let Some(Json::Object(candidate)) = fields.get("candidate") else { return None };
                let twice = candidate.iter().any(|(name, json)| name == "jobId" && *json != Json::Null);
                twice.then(|| (first, together_with("candidate.jobId")))
            },
        );

        let candidate = match (candidate_id, candidate) {
            (Some(id), _) => Reference::Existing(id),
            (None, candidate) => Reference::New(candidate?.0),
        };
        let agent = match (agent_id, agent) {
            (Some(id), _) => Reference::Existing(id),
            (None, agent) => Reference::New(agent?),
        };
        let job = job.map(Reference::New).or(job_id.or(candidate_job_id).map(Reference::Existing));
        Some(CreateInterview { candidate, agent, job, schedule_time, is_test, metadata })
    }
}

/// The result of `PATCH /interviews/{id}`.
pub struct ChangedInterviewShape {
    /// The present, for times that must lie in the future.
    pub now: Timestamp,
}

impl Shape for ChangedInterviewShape {
    type Value = ChangedInterview;

    const NAME: &'static str = "ChangedInterview";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<ChangedInterview> {
        let schedule_time = fields.required(
            "scheduleTime",
            ScheduleTime { now: self.now },
            "When the interview is due: in the future, at most 30 days ahead. Only while it is SCHEDULED.",
        );
        let metadata = fields.optional("metadata", MetadataRule, "Your own data, returned as you sent it.");
        Some(ChangedInterview { schedule_time: schedule_time?, metadata })
    }
}

impl Patched for ChangedInterviewShape {
    const PATCH_NAME: &'static str = "ChangeInterviewRequest";
}
