//! A candidate to be created.

use domain::candidate::CandidateProfile;
use domain::job::JobId;
use domain::time::Timestamp;

use crate::fields::{Fields, Shape};
use crate::rule::{FutureDate, MetadataRule, email, id, telephone_number, text};

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
        let first_name = fields.required("firstName", text(), "Given name.");
        let last_name = fields.required("lastName", text(), "Family name.");
        let gdpr_expiry_date = fields.required(
            "gdprExpiryDate",
            FutureDate { now: self.now },
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
        let job_id = fields.optional(
            "jobId",
            id(),
            "An existing job that the candidate is assigned to. Not together with `jobId` or `job` of the interview.",
        );
        let metadata = fields.optional("metadata", MetadataRule, "Your own data, returned as you sent it.");
        fields.at_least_one("email", "phoneNumber");
        let profile = CandidateProfile {
            first_name: first_name?,
            last_name: last_name?,
            gdpr_expiry_date: gdpr_expiry_date?,
            email,
            phone_number,
            metadata,
        };
        Some((profile, job_id))
    }
}
