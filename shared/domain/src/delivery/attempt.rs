//! Attempts: one post of a delivery, and how it ended.

use serde::{Deserialize, Serialize};

use crate::string_enum::string_enum;
use crate::time::Timestamp;

/// Most bytes of an endpoint's answer that are kept, for its owner to read.
pub const RESPONSE_KEPT_MAX_BYTES: usize = 1_024;

string_enum! {
    /// How an attempt ended.
    pub enum AttemptOutcome {
        /// With a status from 200 to 299, in time.
        Delivered = "DELIVERED",
        /// With another status.
        BadStatus = "BAD_STATUS",
        /// With a redirect (301, 302, 303, 307, 308), which is not followed.
        Redirect = "REDIRECT",
        /// With 410: nobody is there any more.
        Gone = "GONE",
        /// Not within 15 seconds.
        Timeout = "TIMEOUT",
        /// The host's name has no address.
        DnsFailed = "DNS_FAILED",
        /// The host's address is none that we post to.
        AddressRefused = "ADDRESS_REFUSED",
        /// No connection.
        ConnectFailed = "CONNECT_FAILED",
        /// No trust in the endpoint's certificate, or no common version of TLS.
        TlsFailed = "TLS_FAILED",
        /// The connection was lost, or what came was not HTTP.
        ResponseBroken = "RESPONSE_BROKEN",
    }
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AttemptRecord {
    /// When it began.
    pub at: Timestamp,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// The endpoint's answer, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The beginning of what the endpoint answered, at most 1,024 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_body: Option<String>,
}
