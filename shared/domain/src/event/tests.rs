use super::*;
use crate::StringEnum;
use crate::agent::Focus;
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
        started_at: None,
        deadline: None,
        focus: None,
        finished_date: None,
        failure_reason: None,
        metadata: None,
        call_attempts: None,
        analysis: None,
        analysed: None,
        transcript_available: false,
        is_test: true,
        reservation: None,
        settlement: None,
        cancel_requested_at: None,
        deleted_at: None,
        erased_at: None,
        created_at: now,
        updated_at: now,
    }
}

fn analysed(status: AnalysisStatus) -> Interview {
    let interview = interview(InterviewStatus::Completed);
    let mut analysis = Analysis::mock(interview.id, Focus::Screening, &[], interview.created_at);
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
        let event = Event::of_interview(id, r#type, interview.created_at, &interview, None).unwrap();
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
        id: crate::interview::CallAttemptId::new(Uuid::from_u128(id)),
        direction: crate::interview::CallDirection::Outbound,
        status: crate::interview::CallStatus::Failed,
        reason_code: Some(crate::interview::CallFailureReason::NoAnswer),
        notes: None,
        retry_number: 0,
        recording_url: None,
        duration: None,
        scheduled_at: now,
        called_at: Some(now),
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
