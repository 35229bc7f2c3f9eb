//! Scopes: what a key may be allowed to do.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::StringEnum;

/// What a key may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Scope {
    /// Create agents.
    #[serde(rename = "write:agents")]
    WriteAgents,
    /// Create interviews.
    #[serde(rename = "write:interviews")]
    WriteInterviews,
    /// See webhooks and their deliveries.
    #[serde(rename = "read:webhooks")]
    ReadWebhooks,
    /// Create, change, try and delete webhooks.
    #[serde(rename = "write:webhooks")]
    WriteWebhooks,
}

impl StringEnum for Scope {
    const ACCEPTED: &'static [Self] =
        &[Self::WriteAgents, Self::WriteInterviews, Self::ReadWebhooks, Self::WriteWebhooks];

    fn as_str(self) -> &'static str {
        match self {
            Self::WriteAgents => "write:agents",
            Self::WriteInterviews => "write:interviews",
            Self::ReadWebhooks => "read:webhooks",
            Self::WriteWebhooks => "write:webhooks",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
