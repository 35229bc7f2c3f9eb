//! Scopes: the rights of a key.

use crate::string_enum::string_enum;

string_enum! {
    /// What a key may be allowed to do.
    pub enum Scope {
        /// Create agents.
        WriteAgents = "write:agents",
        /// Create interviews.
        WriteInterviews = "write:interviews",
        /// See webhooks and their deliveries.
        ReadWebhooks = "read:webhooks",
        /// Create, change, try and delete webhooks.
        WriteWebhooks = "write:webhooks",
    }
}
