//! A candidate to be created or changed.

use domain::candidate::{CandidateProfile, CandidateStatus, ChangedCandidate, CreateCandidate, NAMED_JOBS_MAX};
use domain::job::JobId;
use domain::time::Timestamp;

use crate::fields::{Fields, Shape};
use crate::patch::Patched;
use crate::rule::{FutureDate, MetadataRule, email, id, list, telephone_number, text, word};

/// The `candidate` of `POST /interviews`.
pub struct CandidateShape {
    /// The present, for dates that must lie in the future.
    pub now: Timestamp,
}

impl Shape for CandidateShape {
    /// The candidate, and the job that it names for itself.
    type Value = (CandidateProfile, Option<JobId>);

    const NAME: &'static str = "NewCandidate";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<Self::Value> {
        let profile = profile(fields, self.now);
        let job_id = fields.optional(
            "jobId",
            id(),
            "An existing job that the candidate is assigned to. Not together with `jobId` or `job` of the interview.",
        );
        Some((profile?, job_id))
    }
}

/// The body of `POST /candidates`.
pub struct CreateCandidateShape {
    /// The present, for dates that must lie in the future.
    pub now: Timestamp,
}

impl Shape for CreateCandidateShape {
    type Value = CreateCandidate;

    const NAME: &'static str = "CreateCandidateRequest";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<CreateCandidate> {
        let profile = profile(fields, self.now);
        let job_id = fields.optional(
            "jobId",
            id(),
            "An existing job that the candidate is assigned to. Not together with `jobIds`.",
        );
        let job_ids = job_ids(fields);
        let status = status(fields);
        fields.at_most_one("jobId", "jobIds");
        let job_ids = job_ids.unwrap_or_else(|| job_id.into_iter().collect());
        Some(CreateCandidate { profile: profile?, job_ids, status })
    }
}

/// The result of `PATCH /candidates/{id}`.
pub struct ChangedCandidateShape {
    /// The present, for dates that must lie in the future.
    pub now: Timestamp,
}

impl Shape for ChangedCandidateShape {
    /// The candidate, and the jobs that the patch names, if it names any.
    type Value = (ChangedCandidate, Option<Vec<JobId>>);

    const NAME: &'static str = "ChangedCandidate";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<Self::Value> {
        let profile = profile(fields, self.now);
        let job_ids = job_ids(fields);
        let status = status(fields);
        Some((ChangedCandidate { profile: profile?, status }, job_ids))
    }
}

impl Patched for ChangedCandidateShape {
    const PATCH_NAME: &'static str = "ChangeCandidateRequest";
}

fn profile<F: Fields>(fields: &mut F, now: Timestamp) -> Option<CandidateProfile> {
    let first_name = fields.required("firstName", text(), "Given name.");
    let last_name = fields.required("lastName", text(), "Family name.");
    let gdpr_expiry_date = fields.required(
        "gdprExpiryDate",
        FutureDate { now },
        "Until when you may keep this person's data: a date, or an instant whose UTC date counts. In the future.",
    );
    let email = fields.optional(
        "email",
        email(),
        "E-mail address; its domain may be internationalised. Required without `phoneNumber`.",
    );
    let phone_number = fields.optional(
        "phoneNumber",
        telephone_number(),
        "Telephone number in E.164 form. Required without `email`, and for agents of type PHONE.",
    );
    let metadata = fields.optional("metadata", MetadataRule, "Your own data, returned as you sent it.");
    fields.at_least_one("email", "phoneNumber");
    Some(CandidateProfile {
        first_name: first_name?,
        last_name: last_name?,
        gdpr_expiry_date: gdpr_expiry_date?,
        email,
        phone_number,
        metadata,
    })
}

/// The jobs, each once, in the order in which they are named first.
fn job_ids<F: Fields>(fields: &mut F) -> Option<Vec<JobId>> {
    let about = "All jobs that the candidate is assigned to, each an existing one. Empty: the talent pool.";
    let named = fields.optional("jobIds", list(id(), NAMED_JOBS_MAX), about)?;
    let mut each_once: Vec<JobId> = Vec::new();
    for id in named {
        if !each_once.contains(&id) {
            each_once.push(id);
        }
    }
    Some(each_once)
}

fn status<F: Fields>(fields: &mut F) -> CandidateStatus {
    fields.defaulted("status", word(), CandidateStatus::Applied, "How far the application is.")
}
