//! The ids and the time of the documented examples: a small world, in which each of them has its documented answer.
//!
//! `local` stores them for its demo company, so that the examples can be tried out on its page.

use domain::agent::AgentId;
use domain::api_key::ApiKeyId;
use domain::candidate::CandidateId;
use domain::company::{AtsId, CompanyId};
use domain::delivery::DeliveryId;
use domain::interview::InterviewId;
use domain::job::JobId;
use domain::phone_number::PhoneNumberId;
use domain::time::Timestamp;
use domain::webhook::WebhookId;
use uuid::Uuid;

/// The present of the examples: their times are still to come then.
pub const NOW: &str = "2026-11-22T09:30:00Z";

/// The present as a timestamp.
pub fn now() -> anyhow::Result<Timestamp> {
    Ok(NOW.parse()?)
}

/// Declares each id as a constant, and all of them as a table of their names.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident: $id:ident = $value:expr;)*) => {
        $($(#[$doc])* pub const $name: $id = $id::new(Uuid::from_u128($value));)*

        /// Every id by the name of its constant.
        pub(crate) const ALL: &[(&str, Uuid)] = &[$((stringify!($name), $name.uuid()),)*];
    };
}

ids! {
    /// The company that sends the examples. Its subscription is active, with minutes enough.
    COMPANY: CompanyId = 0x5a0c_1f7e_3b64_4d29_9c81_7e2f_4a6b_0001;
    /// Another company.
    OTHER_COMPANY: CompanyId = 0x5a0c_1f7e_3b64_4d29_9c81_7e2f_4a6b_0002;
    /// A company of the system's.
    MANAGED_COMPANY: CompanyId = 0x5a0c_1f7e_3b64_4d29_9c81_7e2f_4a6b_0003;
    /// Another company of the system's.
    OTHER_MANAGED_COMPANY: CompanyId = 0x5a0c_1f7e_3b64_4d29_9c81_7e2f_4a6b_0004;
    /// A company that the system does not manage: [`OTHER_COMPANY`].
    FOREIGN_COMPANY: CompanyId = 0x5a0c_1f7e_3b64_4d29_9c81_7e2f_4a6b_0002;
    /// A company that does not exist.
    UNKNOWN_COMPANY: CompanyId = 0x5a0c_1f7e_3b64_4d29_9c81_7e2f_4a6b_00ff;

    /// The applicant tracking system that sends the examples of routes for systems.
    ATS: AtsId = 0x86d1_2c5f_94ae_4b37_8f60_3d9b_7a14_0001;
    /// The public id of the system's key.
    ATS_API_KEY: ApiKeyId = 0x86d1_2c5f_94ae_4b37_8f60_3d9b_7a14_0002;

    /// A job of the company's.
    JOB: JobId = 0x7d2e_9b40_6c15_4f83_a1d7_0b5c_8e3f_0001;
    /// Another job of the company's.
    OTHER_JOB: JobId = 0x7d2e_9b40_6c15_4f83_a1d7_0b5c_8e3f_0002;
    /// A job of the company's that is no longer needed.
    RETIRED_JOB: JobId = 0x7d2e_9b40_6c15_4f83_a1d7_0b5c_8e3f_0003;
    /// A job of the other company's.
    FOREIGN_JOB: JobId = 0x7d2e_9b40_6c15_4f83_a1d7_0b5c_8e3f_0004;
    /// A job that does not exist.
    UNKNOWN_JOB: JobId = 0x7d2e_9b40_6c15_4f83_a1d7_0b5c_8e3f_00ff;

    /// A candidate of the company's, assigned to [`JOB`], with a telephone number.
    CANDIDATE: CandidateId = 0x2b91_d6c3_0e57_4a18_b4f2_9d70_1c6e_0001;
    /// A candidate who is assigned to both jobs, without a telephone number.
    CANDIDATE_WITH_TWO_JOBS: CandidateId = 0x2b91_d6c3_0e57_4a18_b4f2_9d70_1c6e_0002;
    /// A candidate of the other company's.
    FOREIGN_CANDIDATE: CandidateId = 0x2b91_d6c3_0e57_4a18_b4f2_9d70_1c6e_0003;
    /// A candidate that does not exist.
    UNKNOWN_CANDIDATE: CandidateId = 0x2b91_d6c3_0e57_4a18_b4f2_9d70_1c6e_00ff;
    /// A candidate of the talent pool who no longer wants to be known; has [`OTHER_SCHEDULED_INTERVIEW`].
    LEAVING_CANDIDATE: CandidateId = 0x2b91_d6c3_0e57_4a18_b4f2_9d70_1c6e_0004;
    /// A candidate of the talent pool, who has [`SCHEDULED_INTERVIEW`].
    APPLICANT: CandidateId = 0x2b91_d6c3_0e57_4a18_b4f2_9d70_1c6e_0005;
    /// A candidate of the talent pool, who has [`MOVED_INTERVIEW`].
    OTHER_APPLICANT: CandidateId = 0x2b91_d6c3_0e57_4a18_b4f2_9d70_1c6e_0006;


    /// An agent of the company's: ONLINE, SCREENING.
    AGENT: AgentId = 0x9e47_30a8_5d2c_4b6f_8a93_6f1e_2d7b_0001;
    /// The company's agent for the talent pool: ONLINE, GENERIC.
    GENERIC_AGENT: AgentId = 0x9e47_30a8_5d2c_4b6f_8a93_6f1e_2d7b_0002;
    /// The company's agent that calls: PHONE, SCREENING, from [`PHONE_NUMBER`].
    PHONE_AGENT: AgentId = 0x9e47_30a8_5d2c_4b6f_8a93_6f1e_2d7b_0003;
    /// An agent of the other company's.
    FOREIGN_AGENT: AgentId = 0x9e47_30a8_5d2c_4b6f_8a93_6f1e_2d7b_0004;
    /// An agent of the company's that is no longer needed.
    RETIRED_AGENT: AgentId = 0x9e47_30a8_5d2c_4b6f_8a93_6f1e_2d7b_0005;
    /// An agent that does not exist.
    UNKNOWN_AGENT: AgentId = 0x9e47_30a8_5d2c_4b6f_8a93_6f1e_2d7b_00ff;

    /// A telephone number of the company's.
    PHONE_NUMBER: PhoneNumberId = 0xc638_4e1d_7f90_4d52_93be_5a08_d1c4_0001;
    /// A telephone number of the other company's.
    FOREIGN_PHONE_NUMBER: PhoneNumberId = 0xc638_4e1d_7f90_4d52_93be_5a08_d1c4_0002;
    /// A telephone number that does not exist.
    UNKNOWN_PHONE_NUMBER: PhoneNumberId = 0xc638_4e1d_7f90_4d52_93be_5a08_d1c4_00ff;

    /// An interview of the company's that is over.
    INTERVIEW: InterviewId = 0x41f5_8d92_0ac3_4e67_b2d8_7c19_5e3a_0001;
    /// An interview of [`CANDIDATE_WITH_TWO_JOBS`] that is over.
    OTHER_INTERVIEW: InterviewId = 0x41f5_8d92_0ac3_4e67_b2d8_7c19_5e3a_0002;
    /// An interview of the company's that is still to come.
    SCHEDULED_INTERVIEW: InterviewId = 0x41f5_8d92_0ac3_4e67_b2d8_7c19_5e3a_0003;
    /// Another interview of the company's that is still to come.
    OTHER_SCHEDULED_INTERVIEW: InterviewId = 0x41f5_8d92_0ac3_4e67_b2d8_7c19_5e3a_0004;
    /// An interview of the other company's.
    FOREIGN_INTERVIEW: InterviewId = 0x41f5_8d92_0ac3_4e67_b2d8_7c19_5e3a_0005;
    /// An interview of the company's that is still to come, at another time than first agreed.
    MOVED_INTERVIEW: InterviewId = 0x41f5_8d92_0ac3_4e67_b2d8_7c19_5e3a_0006;
    /// An interview that does not exist.
    UNKNOWN_INTERVIEW: InterviewId = 0x41f5_8d92_0ac3_4e67_b2d8_7c19_5e3a_00ff;

    /// A webhook of the company's whose endpoint takes what is posted.
    WEBHOOK: WebhookId = 0xe3a9_517c_2d80_4b46_9f15_c84d_6b70_0001;
    /// A webhook of the company's whose endpoint has failed so long that its circuit is open.
    FAILING_WEBHOOK: WebhookId = 0xe3a9_517c_2d80_4b46_9f15_c84d_6b70_0002;
    /// A webhook of the company's that is no longer needed.
    RETIRED_WEBHOOK: WebhookId = 0xe3a9_517c_2d80_4b46_9f15_c84d_6b70_0004;
    /// A webhook of the other company's.
    FOREIGN_WEBHOOK: WebhookId = 0xe3a9_517c_2d80_4b46_9f15_c84d_6b70_0003;
    /// A webhook that does not exist.
    UNKNOWN_WEBHOOK: WebhookId = 0xe3a9_517c_2d80_4b46_9f15_c84d_6b70_00ff;

    /// The newest delivery to [`WEBHOOK`]: it went well.
    DELIVERY: DeliveryId = 0x01a2_028e_2600_8b1e_9c47_d25f_60a8_0001;
    /// A delivery to [`WEBHOOK`], about [`INTERVIEW`]: it was given up.
    FAILED_DELIVERY: DeliveryId = 0x01a1_f41f_fee0_8c5d_a391_0f7b_4e26_0002;
    /// A delivery that does not exist.
    UNKNOWN_DELIVERY: DeliveryId = 0x01a1_f41f_fee0_8c5d_a391_0f7b_4e26_00ff;
}
