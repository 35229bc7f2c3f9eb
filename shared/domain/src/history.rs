//! History: the changes that operators make, so that it is known later who changed what.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

use crate::company::Owner;
use crate::id::id;
use crate::string_enum::string_enum;
use crate::time::Timestamp;

/// The days for which a change is remembered: a year, and time to look at it once the year is over.
pub const HISTORY_KEPT_DAYS: u64 = 400;

id! {
    /// A change by an operator. Ids sort by time.
    HistoryEntryId
}

impl HistoryEntryId {
    /// The id of a change at that time: a UUID of version 7, which begins with the time in milliseconds.
    pub fn at(time: Timestamp, random: Uuid) -> Self {
        let mut bytes = [0; 10];
        bytes.copy_from_slice(&random.as_bytes()[6..]);
        let milliseconds = u64::try_from(time.epoch_ms()).unwrap_or(0);
        Self(Builder::from_unix_timestamp_millis(milliseconds, &bytes).into_uuid())
    }
}

/// The person or program that makes a change, as AWS knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Operator(String);

impl Operator {
    /// An operator by the ARN that STS tells of its credentials.
    pub fn identified(arn: String) -> Self {
        Self(arn)
    }

    /// An operator whom no STS was asked for: at a local endpoint, or where STS does not answer.
    pub fn unknown() -> Self {
        Self("unknown (no STS)".to_owned())
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

string_enum! {
    /// The kind of a change by an operator.
    pub enum HistoryAction {
        CreateTable = "CREATE_TABLE",
        CreateCompany = "CREATE_COMPANY",
        RenameCompany = "RENAME_COMPANY",
        SetPlan = "SET_PLAN",
        SetCompanyLimits = "SET_COMPANY_LIMITS",
        SuspendCompany = "SUSPEND_COMPANY",
        ActivateCompany = "ACTIVATE_COMPANY",
        MendPeriod = "MEND_PERIOD",
        CreateAts = "CREATE_ATS",
        SetDefaultPlan = "SET_DEFAULT_PLAN",
        SetIdSecret = "SET_ID_SECRET",
        CreateKey = "CREATE_KEY",
        SuspendKey = "SUSPEND_KEY",
        ActivateKey = "ACTIVATE_KEY",
        RevokeKey = "REVOKE_KEY",
        RotateKey = "ROTATE_KEY",
        SetKeyLimits = "SET_KEY_LIMITS",
        AddPhoneNumber = "ADD_PHONE_NUMBER",
        RemovePhoneNumber = "REMOVE_PHONE_NUMBER",
        PauseWebhook = "PAUSE_WEBHOOK",
        ResumeWebhook = "RESUME_WEBHOOK",
        DeleteWebhook = "DELETE_WEBHOOK",
        EraseCandidate = "ERASE_CANDIDATE",
    }
}

/// A change by an operator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    pub id: HistoryEntryId,
    /// The operator.
    pub by: Operator,
    pub action: HistoryAction,
    /// The id of what was changed; the name of a table.
    pub subject: String,
    /// The company or the system that it belongs to, or that it is.
    #[serde(flatten)]
    pub owner: Option<Owner>,
    /// The values that are others now. Never a secret.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ValueChange>,
    /// The time of the change.
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The time at which the table deletes it, in seconds since 1970.
    pub expires_at: i64,
}

/// A value before and after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueChange {
    /// The name of the value.
    pub name: String,
    /// The value before; none if there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The value after; none if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

impl HistoryEntry {
    /// A change that has changed no value yet.
    pub fn new(
        id: HistoryEntryId,
        by: Operator,
        action: HistoryAction,
        subject: impl ToString,
        owner: Option<Owner>,
        now: Timestamp,
    ) -> Self {
        let kept = Duration::from_secs(HISTORY_KEPT_DAYS * 24 * 60 * 60);
        Self {
            id,
            by,
            action,
            subject: subject.to_string(),
            owner,
            changes: Vec::new(),
            created_at: now,
            updated_at: now,
            expires_at: now.saturating_add(kept).epoch_seconds(),
        }
    }

    /// The same change with a further value, unless that stays as it was.
    pub fn value<T: ToString>(mut self, name: &str, from: Option<T>, to: Option<T>) -> Self {
        let (from, to) = (from.map(|value| value.to_string()), to.map(|value| value.to_string()));
        if from != to {
            self.changes.push(ValueChange { name: name.to_owned(), from, to });
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn entry() -> HistoryEntry {
        let now = at("2026-11-22T10:00:00.123Z");
        let id = HistoryEntryId::at(now, Uuid::nil());
        HistoryEntry::new(id, Operator::unknown(), HistoryAction::SetPlan, "x", None, now)
    }

    #[test]
    fn ids_sort_by_time_and_differ_at_the_same_time() {
        let (early, late) = (at("2026-11-22T10:00:00.123Z"), at("2026-11-22T10:00:00.124Z"));
        assert!(HistoryEntryId::at(early, Uuid::max()).to_string() < HistoryEntryId::at(late, Uuid::nil()).to_string());
        assert_ne!(HistoryEntryId::at(early, Uuid::max()), HistoryEntryId::at(early, Uuid::nil()));
    }

    #[test]
    fn a_value_that_stays_is_no_change() {
        let entry =
            entry().value("plan", Some("A"), Some("B")).value("minutes", Some(1), Some(1)).value("end", None, Some(2));
        let change = |name: &str, from: Option<&str>, to: Option<&str>| ValueChange {
            name: name.to_owned(),
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
        };
        assert_eq!(entry.changes, [change("plan", Some("A"), Some("B")), change("end", None, Some("2"))]);
    }

    #[test]
    fn a_change_is_kept_for_400_days() {
        assert_eq!(entry().expires_at, at("2027-12-27T10:00:00Z").epoch_seconds());
    }

    #[test]
    fn nobody_s_change_is_read_as_it_was_written() {
        let text = serde_json::to_string(&entry()).unwrap();
        assert_eq!(serde_json::from_str::<HistoryEntry>(&text).unwrap(), entry());
    }
}
