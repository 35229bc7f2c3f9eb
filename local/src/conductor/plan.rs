//! The plan of an interview: what becomes of it, and when that is reported.

use std::time::Duration;

use domain::Violation;
use domain::agent::{AgentType, DurationMinutes, Focus, Language, Question};
use domain::allowance::Seconds;
use domain::analysis::{Analysis, SpecificAnalysis, mock_transcript};
use domain::conducting::{
    ConductedInterview, ConductedOutcome, FailureReason, Findings, InterviewResult, InterviewStart, MessageVersion,
};
use domain::interview::{CallAttempt, CallAttemptId, CallDirection, CallFailureReason, CallStatus};
use domain::time::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use uuid::Uuid;

use super::Simulation;

/// Time in which a candidate comes to an interview, at most.
const JOINING_MAX_SECONDS: u32 = 60;
/// Time for which a candidate who does not come is waited for.
const WAITING_SECONDS: u32 = 10 * 60;
/// Time for which a telephone rings.
const RINGING_SECONDS: u32 = 30;
/// Time between a call that nobody took and the next.
const CALLING_AGAIN_SECONDS: u32 = 5 * 60;
/// Most calls.
const CALLS_MAX: u32 = 3;
/// Time that an analysis takes.
const ANALYSIS_SECONDS: u32 = 60;

/// An interview that is handed over, as far as the simulation reads it.
pub type Start = InterviewStart<ConductedAgent, IgnoredAny, IgnoredAny, IgnoredAny>;

/// The agent of an interview, as far as the simulation reads it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConductedAgent {
    r#type: AgentType,
    focus: Focus,
    language: Language,
    duration: DurationMinutes,
    #[serde(default)]
    questions: Vec<Question>,
}

/// A result, and the time from the hand-over until it is reported.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub after: Duration,
    pub result: InterviewResult,
}

/// Everything that will be reported of an interview that is handed over now: the same for the same interview and settings,
/// but for the times.
///
/// # Errors
/// Words of the simulation's own that break a rule of results, which a test would find.
pub fn plan(start: &Start, simulation: &Simulation, now: Timestamp) -> Result<Vec<Report>, Violation> {
    let ConductedAgent { r#type, focus, language, duration, questions } = &start.agent;
    let chance = Chance::of(start);
    let report = |seconds, outcome| Report {
        after: simulation.pace.of(seconds),
        result: InterviewResult { version: MessageVersion::CURRENT, interview_id: start.interview_id, outcome },
    };
    let at = |seconds| now.saturating_add(simulation.pace.of(seconds));
    let calls = Calls { start, at: &at, chance: &chance };
    let fails = chance.percent(0) < simulation.failures_percent;

    if fails {
        let (seconds, reason, call_attempts) = match r#type {
            AgentType::Phone => {
                let reason = calls.reason(CALLS_MAX - 1).to_string();
                (Calls::before(CALLS_MAX - 1) + RINGING_SECONDS, reason, Some(calls.unanswered(CALLS_MAX)))
            }
            AgentType::Online | AgentType::Undefined => {
                (WAITING_SECONDS, "The candidate did not come.".to_owned(), None)
            }
        };
        let reason = FailureReason::parse(reason)?;
        return Ok(vec![report(seconds, ConductedOutcome::Failed { reason, call_attempts })]);
    }

    let limit = u32::from(duration.get()) * 60;
    let mut transcript = mock_transcript(start.interview_id, *focus, *language, questions);
    let whole = transcript.len();
    // What the agent's time does not reach is not said.
    transcript.retain(|segment| segment.end_seconds <= limit);
    let is_cut = transcript.len() < whole;
    let seconds = if is_cut { limit } else { transcript.last().map_or(limit, |segment| segment.end_seconds) };
    let (began, call_attempts) = match r#type {
        AgentType::Phone => {
            let unanswered = chance.below(1, CALLS_MAX);
            let answered = calls.attempt(unanswered, CallStatus::Completed, None, Some(seconds));
            let attempts = calls.unanswered(unanswered).into_iter().chain([answered]).collect();
            (Calls::before(unanswered), Some(attempts))
        }
        AgentType::Online | AgentType::Undefined => (chance.below(1, JOINING_MAX_SECONDS), None),
    };
    let ended = began + seconds;
    let interview = ConductedInterview {
        started_at: at(began),
        ended_at: at(ended),
        duration_seconds: Seconds(i64::from(seconds)),
        transcript: Some(transcript),
        call_attempts,
    };
    let analysis = if chance.percent(2) < simulation.failures_percent {
        ConductedOutcome::AnalysisFailed { reason: FailureReason::parse("The conversation could not be understood.")? }
    } else {
        let mut analysis = Analysis::mock(start.interview_id, *focus, questions, now);
        let SpecificAnalysis::Screening(screening) = &mut analysis.specific;
        screening.conversation_check.conversation_completed = !is_cut;
        ConductedOutcome::AnalysisCompleted { analysis: Findings::from(analysis) }
    };
    Ok(vec![report(ended, ConductedOutcome::Completed(interview)), report(ended + ANALYSIS_SECONDS, analysis)])
}

/// The calls of an interview by telephone.
struct Calls<'a> {
    start: &'a Start,
    /// The clock's time so many seconds of the interview after its hand-over.
    at: &'a dyn Fn(u32) -> Timestamp,
    chance: &'a Chance,
}

impl Calls<'_> {
    /// The seconds that pass before a call, by the number of calls before it.
    fn before(calls: u32) -> u32 {
        calls * (RINGING_SECONDS + CALLING_AGAIN_SECONDS)
    }

    /// So many calls that nobody takes.
    fn unanswered(&self, calls: u32) -> Vec<CallAttempt> {
        (0..calls).map(|number| self.attempt(number, CallStatus::Failed, Some(self.reason(number)), None)).collect()
    }

    /// The reason why nobody takes a call.
    fn reason(&self, number: u32) -> CallFailureReason {
        match self.chance.below(number as usize + 4, 3) {
            0 => CallFailureReason::Busy,
            1 => CallFailureReason::Voicemail,
            _ => CallFailureReason::NoAnswer,
        }
    }

    fn attempt(
        &self,
        number: u32,
        status: CallStatus,
        reason_code: Option<CallFailureReason>,
        duration: Option<u32>,
    ) -> CallAttempt {
        let name = format!("call {number}");
        let made_at = (self.at)(Self::before(number));
        CallAttempt {
            id: CallAttemptId::new(Uuid::new_v5(&self.start.interview_id.uuid(), name.as_bytes())),
            direction: CallDirection::Outbound,
            status,
            reason_code,
            notes: None,
            retry_number: number,
            recording_url: None,
            duration,
            scheduled_at: made_at,
            called_at: Some(made_at),
        }
    }
}

/// Numbers that look random, and are the same for the same interview.
struct Chance([u8; 16]);

impl Chance {
    fn of(start: &Start) -> Self {
        Self(Uuid::new_v5(&start.interview_id.uuid(), b"simulation").into_bytes())
    }

    /// The `index`th number, of 0 to `end - 1`. Two bytes, so that no remainder is much likelier than another.
    fn below(&self, index: usize, end: u32) -> u32 {
        let [first, second] = [2 * index, 2 * index + 1].map(|index| u32::from(self.0[index % self.0.len()]));
        // The version and the variant of the UUID are in bytes 6 and 8, above these bits.
        ((first & 0xf) << 8 | second) % end
    }

    /// A number of 0 to 99.
    fn percent(&self, index: usize) -> u8 {
        u8::try_from(self.below(index, 100)).unwrap_or(u8::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::conducting::ResultEvent;
    use domain::transcript::Speaker;
    use serde_json::json;
    use validation::check_result;

    use super::*;
    use crate::conductor::Pace;

    const RELIABLE: Simulation = Simulation { pace: Pace::DEFAULT, failures_percent: 0 };

    fn now() -> Timestamp {
        "2026-11-27T12:00:00Z".parse().unwrap()
    }

    /// The hand-over of the interview of that number.
    fn start(number: u128, kind: &str, minutes: u16, questions: &[&str]) -> Start {
        let agent = json!({
            "id": Uuid::nil(), "companyId": Uuid::nil(), "name": "Anna", "type": kind, "focus": "SCREENING",
            "language": "EN", "duration": minutes, "questions": questions, "backgroundSound": "OFF",
        });
        let message = json!({
            "version": 1, "messageId": Uuid::nil(), "interviewId": Uuid::from_u128(number), "companyId": Uuid::nil(),
            "scheduledAt": now(), "deadline": now(), "agent": agent, "candidate": {"firstName": "Jane"},
        });
        serde_json::from_value(message).unwrap()
    }

    fn conducted(reports: &[Report]) -> &ConductedInterview {
        let ConductedOutcome::Completed(interview) = &reports[0].result.outcome else { panic!("{reports:?}") };
        interview
    }

    #[test]
    fn the_same_interview_has_the_same_conversation_at_any_time() {
        let start = start(7, "ONLINE", 30, &["Why us?"]);
        let planned = plan(&start, &RELIABLE, now()).unwrap();
        assert_eq!(plan(&start, &RELIABLE, now()).unwrap(), planned);
        let later = plan(&start, &RELIABLE, now().saturating_add(Duration::from_secs(60))).unwrap();
        assert_eq!(conducted(&later).transcript, conducted(&planned).transcript);
        assert_eq!(later[1].result, planned[1].result);
    }

    /// Results are sent as a reader of results takes them, word by word.
    #[test]
    fn every_result_is_read_as_it_was_planned() {
        let settings = Simulation { failures_percent: 50, ..RELIABLE };
        let mut seen = BTreeSet::new();
        for number in 0..300 {
            for kind in ["ONLINE", "PHONE"] {
                for Report { result, .. } in plan(&start(number, kind, 15, &["Why?"]), &settings, now()).unwrap() {
                    seen.insert((kind, result.outcome.event()));
                    assert_eq!(check_result(&serde_json::to_vec(&result).unwrap()), Ok(result));
                }
            }
        }
        assert_eq!(seen.len(), 8, "each event of each type: {seen:?}");
    }

    #[test]
    fn the_agent_asks_its_questions_within_its_time() {
        let questions = ["Why us?", "Why now?", "Why not?"];
        let planned = plan(&start(1, "ONLINE", 30, &questions), &RELIABLE, now()).unwrap();
        let interview = conducted(&planned);
        let transcript = interview.transcript.as_ref().unwrap();
        let of_agent = transcript.iter().filter(|segment| segment.speaker == Speaker::Agent);
        let asked: Vec<&str> = of_agent.map(|segment| segment.text.as_str()).collect();
        assert_eq!(asked[1..=3], questions);
        assert_eq!(interview.duration_seconds, Seconds(transcript.last().unwrap().end_seconds.into()));

        let many = ["What else would you like to tell us about your last position, and about the one before?"; 50];
        let planned = plan(&start(1, "ONLINE", 1, &many), &RELIABLE, now()).unwrap();
        assert_eq!(conducted(&planned).duration_seconds, Seconds(60));
        assert!(conducted(&planned).transcript.as_ref().unwrap().len() > 2);
        let ConductedOutcome::AnalysisCompleted { analysis } = &planned[1].result.outcome else { panic!() };
        let SpecificAnalysis::Screening(screening) = &analysis.specific;
        assert!(!screening.conversation_check.conversation_completed);
    }

    #[test]
    fn interviews_fail_as_often_as_they_are_asked_to() {
        let failed = |percent| {
            let settings = Simulation { failures_percent: percent, ..RELIABLE };
            let planned = (0..1_000).map(|number| plan(&start(number, "PHONE", 15, &[]), &settings, now()).unwrap());
            planned.filter(|planned| planned[0].result.outcome.event() == ResultEvent::Failed).count()
        };
        assert_eq!((failed(0), failed(100)), (0, 1_000));
        assert!((250..350).contains(&failed(30)), "{}", failed(30));
    }

    #[test]
    fn only_calls_have_attempts_of_which_the_last_may_be_taken() {
        let mut counts = BTreeSet::new();
        for number in 0..100 {
            assert_eq!(
                conducted(&plan(&start(number, "ONLINE", 15, &[]), &RELIABLE, now()).unwrap()).call_attempts,
                None
            );
            let planned = plan(&start(number, "PHONE", 15, &[]), &RELIABLE, now()).unwrap();
            let interview = conducted(&planned);
            let attempts = interview.call_attempts.as_ref().unwrap();
            let (last, before) = attempts.split_last().unwrap();
            assert!(before.iter().all(|call| call.status == CallStatus::Failed && call.reason_code.is_some()));
            assert_eq!((last.status, last.reason_code), (CallStatus::Completed, None));
            assert_eq!(last.called_at, Some(interview.started_at));
            assert!(attempts.iter().zip(0..).all(|(call, number)| call.retry_number == number));
            counts.insert(attempts.len());
        }
        assert_eq!(counts, BTreeSet::from([1, 2, 3]));
    }

    #[test]
    fn a_minute_passes_in_a_second_or_at_another_pace() {
        let start = start(3, "ONLINE", 15, &["Why?"]);
        let real = plan(&start, &Simulation { pace: "1".parse().unwrap(), ..RELIABLE }, now()).unwrap();
        let fast = plan(&start, &RELIABLE, now()).unwrap();
        assert!(
            real.iter().zip(&fast).all(|(real, fast)| real.after.abs_diff(fast.after * 60) < Duration::from_millis(1))
        );
        assert_eq!(real[1].after - real[0].after, Duration::from_secs(60));
        assert_eq!(conducted(&fast).duration_seconds, conducted(&real).duration_seconds);
        for refused in ["0", "-1", "0.009", "1000001", "NaN", "inf", "fast", ""] {
            assert!(refused.parse::<Pace>().is_err(), "{refused}");
        }
    }
}
