//! Events: what is announced to those who subscribed.

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
use crate::interview::{Interview, InterviewId, InterviewStatus};
use crate::job::JobId;
use crate::string_enum::string_enum;
use crate::time::Timestamp;
use crate::webhook::WebhookId;

id! {
    /// Something that happened.
    EventId
}

string_enum! {
    /// What happened.
    pub enum EventType {
        /// An interview began.
        InterviewStarted = "interview.started",
        /// An interview came to its end.
        InterviewCompleted = "interview.completed",
        /// An interview failed.
        InterviewFailed = "interview.failed",
        /// An interview was analysed.
        AnalysisCompleted = "analysis.completed",
        /// An interview could not be analysed.
        AnalysisFailed = "analysis.failed",
        /// Nothing happened: somebody tries a webhook.
        Ping = "ping",
    }
    // As our other enumerations are spelled, for example `INTERVIEW_COMPLETED`.
    alias |word| word.replace('.', "_").to_uppercase()
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
    pub call_attempt_id: Option<Uuid>,
    /// What was found; present in `analysis.completed` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analysis: Option<&'a Analysis>,
}

/// What a `ping` says.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PingData {
    /// The webhook that is tried.
    pub webhook_id: WebhookId,
}

/// Something that happened, with all that is told of it.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its identity, which follows from what happened.
    pub id: EventId,
    /// What happened.
    pub r#type: EventType,
    /// When.
    pub occurred_at: Timestamp,
    /// Whose it is; none for a ping.
    pub company_id: Option<CompanyId>,
    /// To which interview; none for a ping.
    pub interview_id: Option<InterviewId>,
    /// What subscribers are told, as JSON.
    pub data: Box<RawValue>,
}

impl Event {
    /// What a write of an interview announces: nothing, unless its status or its analysis became another one.
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
        let analysed = |interview: &Interview| Some(interview.analysis.as_ref()?.general.status);
        let analysis = analysed(interview).filter(|now| old.and_then(analysed) != Some(*now));
        let analysed = match analysis {
            Some(AnalysisStatus::Completed) => Some(EventType::AnalysisCompleted),
            Some(AnalysisStatus::Failed) => Some(EventType::AnalysisFailed),
            None => None,
        };
        let event = |r#type: EventType| {
            let name = format!("{}\n{}\n{type}", interview.id, new.version);
            let id = EventId::new(derived(interview.updated_at, &name));
            Self::of_interview(id, r#type, interview.updated_at, interview)
        };
        started_or_ended.into_iter().chain(analysed).map(event).collect()
    }

    /// An event of an interview, told from the interview as it stands: what is told of the past stays the same.
    ///
    /// # Errors
    /// As for [`Event::of_change`].
    pub fn of_interview(
        id: EventId,
        r#type: EventType,
        occurred_at: Timestamp,
        interview: &Interview,
    ) -> Result<Self, serde_json::Error> {
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
            analysis: interview.analysis.as_ref().filter(|_| r#type == EventType::AnalysisCompleted),
        };
        Ok(Self {
            id,
            r#type,
            occurred_at,
            company_id: Some(interview.company_id),
            interview_id: Some(interview.id),
            data: serde_json::value::to_raw_value(&data)?,
        })
    }

    /// A try of a webhook. Each is its own.
    ///
    /// # Errors
    /// As for [`Event::of_change`].
    pub fn ping(webhook_id: WebhookId, fresh: Uuid, now: Timestamp) -> Result<Self, serde_json::Error> {
        Ok(Self {
            id: EventId::new(derived(now, &fresh.to_string())),
            r#type: EventType::Ping,
            occurred_at: now,
            company_id: None,
            interview_id: None,
            data: serde_json::value::to_raw_value(&PingData { webhook_id })?,
        })
    }

    /// The identity of this event's delivery to a webhook: the same, however often it is asked for.
    pub fn delivery_to(&self, webhook_id: WebhookId) -> DeliveryId {
        DeliveryId::new(derived(self.occurred_at, &format!("{}\n{webhook_id}", self.id)))
    }
}

/// What is posted to a webhook.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventBody<'a> {
    /// What happened.
    pub event: EventType,
    /// When.
    pub timestamp: Timestamp,
    /// Identifies the delivery: the same at each attempt.
    pub delivery_id: DeliveryId,
    /// What is told of it.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StringEnum as _;
    use crate::agent::{Focus, Language};
    use crate::violation::broken;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn interview(status: InterviewStatus) -> Interview {
        let now = at("2026-11-22T10:00:00Z");
        Interview {
            id: InterviewId::new(Uuid::from_u128(1)),
            company_id: CompanyId::new(Uuid::from_u128(2)),
            candidate_id: CandidateId::new(Uuid::from_u128(3)),
            agent_id: AgentId::new(Uuid::from_u128(4)),
            job_id: None,
            status,
            scheduled_at: now,
            duration_minutes: 5,
            finished_date: None,
            metadata: None,
            call_attempts: None,
            analysis: None,
            is_test: true,
            reservation: None,
            created_at: now,
            updated_at: now,
        }
    }

    fn analysed(status: AnalysisStatus) -> Interview {
        let interview = interview(InterviewStatus::Completed);
        let mut analysis = Analysis::mock(interview.id, Focus::Screening, Language::En, &[], interview.created_at);
        analysis.general.status = status;
        Interview { analysis: Some(analysis), ..interview }
    }

    fn announced(old: Option<&Interview>, new: &Interview) -> Vec<EventType> {
        let new = Versioned { version: 1, value: new.clone() };
        Event::of_change(old, &new).unwrap().into_iter().map(|event| event.r#type).collect()
    }

    #[test]
    fn a_transition_is_announced_and_a_state_that_lasts_is_not() {
        use InterviewStatus::{Cancelled, Completed, Failed, InProgress, Scheduled};
        let scheduled = interview(Scheduled);
        assert_eq!(announced(None, &scheduled), []);
        assert_eq!(announced(Some(&scheduled), &interview(InProgress)), [EventType::InterviewStarted]);
        assert_eq!(announced(Some(&interview(InProgress)), &interview(Completed)), [EventType::InterviewCompleted]);
        assert_eq!(announced(Some(&interview(InProgress)), &interview(Failed)), [EventType::InterviewFailed]);
        assert_eq!(announced(Some(&scheduled), &interview(Cancelled)), []);
        for status in [Scheduled, InProgress, Completed, Failed, Cancelled] {
            assert_eq!(announced(Some(&interview(status)), &interview(status)), [], "{status}");
        }
    }

    #[test]
    fn an_analysis_is_announced_once_by_its_outcome() {
        let completed = interview(InterviewStatus::Completed);
        let analysed_well = analysed(AnalysisStatus::Completed);
        let analysed_badly = analysed(AnalysisStatus::Failed);
        assert_eq!(announced(None, &analysed_well), [EventType::InterviewCompleted, EventType::AnalysisCompleted]);
        assert_eq!(announced(Some(&completed), &analysed_well), [EventType::AnalysisCompleted]);
        assert_eq!(announced(Some(&completed), &analysed_badly), [EventType::AnalysisFailed]);
        assert_eq!(announced(Some(&analysed_badly), &analysed_well), [EventType::AnalysisCompleted]);
        assert_eq!(announced(Some(&analysed_well), &analysed_well), []);
    }

    #[test]
    fn ids_follow_from_the_change_and_sort_by_time() {
        let new = Versioned { version: 3, value: analysed(AnalysisStatus::Completed) };
        let first = Event::of_change(None, &new).unwrap();
        let again = Event::of_change(None, &new).unwrap();
        let (one, other) = (WebhookId::new(Uuid::from_u128(8)), WebhookId::new(Uuid::from_u128(9)));
        assert_eq!(first[0].id, again[0].id);
        assert_eq!(first[0].delivery_to(one), again[0].delivery_to(one));
        assert_ne!(first[0].id, first[1].id);
        assert_ne!(first[0].delivery_to(one), first[0].delivery_to(other));
        let next = Versioned { version: 4, value: new.value.clone() };
        assert_ne!(Event::of_change(None, &next).unwrap()[0].id, first[0].id);

        let later = Interview { updated_at: at("2026-11-22T10:00:00.001Z"), ..new.value };
        let later = Event::of_change(None, &Versioned { version: 3, value: later }).unwrap();
        assert!(later[0].delivery_to(one).to_string() > first[0].delivery_to(other).to_string());
        assert_eq!(first[0].id.uuid().get_version_num(), 8);
    }

    #[test]
    fn an_event_tells_what_was_so_when_it_happened() {
        let id = EventId::new(Uuid::nil());
        let interview = analysed(AnalysisStatus::Completed);
        let told = |r#type| {
            let event = Event::of_interview(id, r#type, interview.created_at, &interview).unwrap();
            serde_json::from_str::<serde_json::Value>(event.data.get()).unwrap()
        };
        assert_eq!(told(EventType::InterviewStarted)["status"], "IN_PROGRESS");
        assert_eq!(told(EventType::InterviewCompleted)["status"], "COMPLETED");
        assert!(told(EventType::InterviewCompleted).get("analysis").is_none());
        assert!(told(EventType::AnalysisFailed).get("analysis").is_none());
        let analysis = &told(EventType::AnalysisCompleted)["analysis"];
        assert_eq!(*analysis, serde_json::to_value(&interview.analysis).unwrap());
    }

    #[test]
    fn the_last_call_is_the_one_that_is_named() {
        let now = at("2026-11-22T10:00:00Z");
        let call = |id| crate::interview::CallAttempt {
            id: Uuid::from_u128(id),
            status: crate::interview::CallStatus::NoAnswer,
            started_at: now,
            ended_at: now,
        };
        let interview = Interview { call_attempts: Some(vec![call(1), call(2)]), ..interview(InterviewStatus::Failed) };
        let events = Event::of_change(None, &Versioned { version: 1, value: interview }).unwrap();
        let data: serde_json::Value = serde_json::from_str(events[0].data.get()).unwrap();
        assert_eq!(data["callAttemptId"], Uuid::from_u128(2).to_string());
    }

    #[test]
    fn both_spellings_of_an_event_are_read_and_no_other() {
        for event in EventType::ACCEPTED {
            assert_eq!(EventType::parse(event.as_str()), Ok(*event));
            assert_eq!(EventType::parse(&event.alias().unwrap()), Ok(*event));
        }
        for text in ["", "Interview.Completed", "interview_completed", "INTERVIEW.COMPLETED", "interview.*", "*"] {
            assert_eq!(broken(EventType::parse(text)), Some("enum"), "{text}");
        }
    }
}
