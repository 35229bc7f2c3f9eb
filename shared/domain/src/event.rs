//! Events, which are announced to those who subscribed.

mod event_type;
#[cfg(test)]
mod tests;

use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::Versioned;
use crate::agent::AgentId;
use crate::analysis::{Analysis, AnalysisStatus};
use crate::candidate::CandidateId;
use crate::company::CompanyId;
use crate::delivery::DeliveryId;
use crate::id::id;
use crate::interview::{CallAttemptId, Interview, InterviewId, InterviewStatus};
use crate::job::JobId;
use crate::time::Timestamp;
use crate::trace::TraceId;
use crate::webhook::{Challenge, WebhookId};

pub use event_type::EventType;

id! {
    /// An event.
    EventId
}

/// What an event says of its interview.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct InterviewEventData<'a> {
    /// The interview.
    pub interview_id: InterviewId,
    /// Who was interviewed.
    pub candidate_id: CandidateId,
    /// By whom.
    pub agent_id: AgentId,
    /// For what; absent for the talent pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// Whose interview it is.
    pub company_id: CompanyId,
    /// How far the interview was when this happened.
    pub status: InterviewStatus,
    /// Made to try an integration.
    pub is_test: bool,
    /// The latest try to reach the candidate by telephone, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_attempt_id: Option<CallAttemptId>,
    /// What was found; present in `analysis.completed` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analysis: Option<&'a Analysis>,
}

/// What a `ping` says.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PingData<'a> {
    /// The webhook that is tried.
    pub webhook_id: WebhookId,
    /// What the endpoint is to answer with, as its whole body, to prove its address; present while it is unproven.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge: Option<&'a str>,
}

/// An event, with all that subscribers are told of it.
#[derive(Debug, Clone)]
pub struct Event {
    /// The id, which is derived from the change.
    pub id: EventId,
    /// The kind.
    pub r#type: EventType,
    /// The time at which it happened.
    pub occurred_at: Timestamp,
    /// The company of the interview; none for a ping.
    pub company_id: Option<CompanyId>,
    /// The interview; none for a ping.
    pub interview_id: Option<InterviewId>,
    /// The JSON that subscribers are told.
    pub data: Box<RawValue>,
    /// True if `data` lacks the analysis, which lies beside the interview: it is read when the event is delivered.
    pub lacks_analysis: bool,
    /// The trace of the request that led to it, if it is known; subscribers are not told it.
    pub trace_id: Option<TraceId>,
}

impl Event {
    /// The events of a write of an interview: none, unless its status or its analysis became another one.
    ///
    /// # Errors
    /// Only if the data can't be written as JSON, which a defect of ours would be.
    pub fn of_change(old: Option<&Interview>, new: &Versioned<Interview>) -> Result<Vec<Self>, serde_json::Error> {
        let interview = &new.value;
        let status = (old.map(|old| old.status) != Some(interview.status)).then_some(interview.status);
        let started_or_ended = match status {
            Some(InterviewStatus::InProgress) => Some(EventType::InterviewStarted),
            Some(InterviewStatus::Completed) => Some(EventType::InterviewCompleted),
            Some(InterviewStatus::Failed) => Some(EventType::InterviewFailed),
            Some(InterviewStatus::Scheduled | InterviewStatus::Cancelled | InterviewStatus::Undefined) | None => None,
        };
        let analysis = interview.analysis_status().filter(|now| old.and_then(Interview::analysis_status) != Some(*now));
        let analysed = match analysis {
            Some(AnalysisStatus::Completed) => Some(EventType::AnalysisCompleted),
            Some(AnalysisStatus::Failed) => Some(EventType::AnalysisFailed),
            None => None,
        };
        let event = |r#type: EventType| {
            let name = format!("{}\n{}\n{type}", interview.id, new.version);
            let id = EventId::new(derived(interview.updated_at, &name));
            Self::of_interview(id, r#type, interview.updated_at, interview, None)
        };
        started_or_ended.into_iter().chain(analysed).map(event).collect()
    }

    /// An event of an interview, told from the interview as it stands, and from the analysis beside it if that was read: what is
    /// told of the past stays the same.
    ///
    /// # Errors
    /// As for [`Event::of_change`].
    pub fn of_interview(
        id: EventId,
        r#type: EventType,
        occurred_at: Timestamp,
        interview: &Interview,
        beside: Option<&Analysis>,
    ) -> Result<Self, serde_json::Error> {
        let analysis = beside.or(interview.analysis.as_ref()).filter(|_| r#type == EventType::AnalysisCompleted);
        let status = match r#type {
            EventType::InterviewStarted => InterviewStatus::InProgress,
            EventType::InterviewCompleted => InterviewStatus::Completed,
            EventType::InterviewFailed => InterviewStatus::Failed,
            EventType::AnalysisCompleted | EventType::AnalysisFailed | EventType::Ping => interview.status,
        };
        let data = InterviewEventData {
            interview_id: interview.id,
            candidate_id: interview.candidate_id,
            agent_id: interview.agent_id,
            job_id: interview.job_id,
            company_id: interview.company_id,
            status,
            is_test: interview.is_test,
            call_attempt_id: interview.call_attempts.iter().flatten().last().map(|attempt| attempt.id),
            analysis,
        };
        Ok(Self {
            id,
            r#type,
            occurred_at,
            company_id: Some(interview.company_id),
            interview_id: Some(interview.id),
            data: serde_json::value::to_raw_value(&data)?,
            lacks_analysis: r#type == EventType::AnalysisCompleted && data.analysis.is_none(),
            trace_id: None,
        })
    }

    /// A try of a webhook. Each is its own.
    ///
    /// # Errors
    /// As for [`Event::of_change`].
    pub fn ping(webhook_id: WebhookId, fresh: Uuid, now: Timestamp) -> Result<Self, serde_json::Error> {
        Self::of_ping(&PingData { webhook_id, challenge: None }, fresh, now)
    }

    /// A try of a webhook that is to prove its address by the answer.
    ///
    /// # Errors
    /// As for [`Event::of_change`].
    pub fn challenging_ping(
        webhook_id: WebhookId,
        challenge: &Challenge,
        fresh: Uuid,
        now: Timestamp,
    ) -> Result<Self, serde_json::Error> {
        Self::of_ping(&PingData { webhook_id, challenge: Some(challenge.as_str()) }, fresh, now)
    }

    fn of_ping(data: &PingData<'_>, fresh: Uuid, now: Timestamp) -> Result<Self, serde_json::Error> {
        Ok(Self {
            id: EventId::new(derived(now, &fresh.to_string())),
            r#type: EventType::Ping,
            occurred_at: now,
            company_id: None,
            interview_id: None,
            data: serde_json::value::to_raw_value(data)?,
            lacks_analysis: false,
            trace_id: None,
        })
    }

    /// The event as part of that trace.
    pub fn traced(self, trace_id: Option<TraceId>) -> Self {
        Self { trace_id, ..self }
    }

    /// The identity of this event's delivery to a webhook: the same, however often it is asked for.
    pub fn delivery_to(&self, webhook_id: WebhookId) -> DeliveryId {
        DeliveryId::new(derived(self.occurred_at, &format!("{}\n{webhook_id}", self.id)))
    }
}

/// The body that is posted to a webhook.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventBody<'a> {
    /// The kind.
    pub event: EventType,
    /// The time of the event.
    pub timestamp: Timestamp,
    /// The id of the delivery, which is the same at each attempt.
    pub delivery_id: DeliveryId,
    /// The JSON that subscribers are told.
    pub data: &'a RawValue,
}

/// A UUID that follows from an instant and a name: version 8 (RFC 9562), whose first 48 bits are the instant in
/// milliseconds, as in version 7, so that ids sort by time; the rest is a hash of the name.
fn derived(at: Timestamp, name: &str) -> Uuid {
    let milliseconds = u64::try_from(at.epoch_ms()).unwrap_or(0).to_be_bytes();
    let hash = Sha256::digest(name.as_bytes());
    let mut bytes = [0_u8; 16];
    bytes[..6].copy_from_slice(&milliseconds[2..]);
    bytes[6..].copy_from_slice(&hash[..10]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
