//! Scopes: the rights of a key.

use crate::string_enum::string_enum;

string_enum! {
    /// What a key may be allowed to do.
    pub enum Scope {
        /// See agents.
        ReadAgents = "read:agents",
        /// Create and change agents.
        WriteAgents = "write:agents",
        /// Delete agents.
        DeleteAgents = "delete:agents",
        /// See candidates.
        ReadCandidates = "read:candidates",
        /// Create and change candidates.
        WriteCandidates = "write:candidates",
        /// Delete candidates, with all that is known of them.
        DeleteCandidates = "delete:candidates",
        /// See jobs.
        ReadJobs = "read:jobs",
        /// Create and change jobs.
        WriteJobs = "write:jobs",
        /// Delete jobs.
        DeleteJobs = "delete:jobs",
        /// See interviews, their analyses and transcripts.
        ReadInterviews = "read:interviews",
        /// Create, change and cancel interviews.
        WriteInterviews = "write:interviews",
        /// Delete interviews.
        DeleteInterviews = "delete:interviews",
        /// See the company, or the companies that a system manages.
        ReadCompanies = "read:companies",
        /// Create and change the companies that a system manages.
        WriteCompanies = "write:companies",
        /// See telephone numbers.
        ReadPhoneNumbers = "read:phone-numbers",
        /// See what was used of the allowance.
        ReadBilling = "read:billing",
        /// See webhooks and their deliveries.
        ReadWebhooks = "read:webhooks",
        /// Create, change, try and delete webhooks.
        WriteWebhooks = "write:webhooks",
    }
}
