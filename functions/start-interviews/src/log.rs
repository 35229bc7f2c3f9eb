//! The one log line of an invocation. Holds no name, no address, no content.

use std::error::Error;
use std::time::Duration;

use domain::time::Timestamp;
use runtime::{LogLine, chain};
use store::{Cost, InterviewLook};

use crate::Looked;

/// Facts of an invocation, gathered for its log line.
pub(crate) struct StartLog {
    time: Timestamp,
    trigger: &'static str,
    pub handed_over: u64,
    /// The cost at the table.
    pub cost: Cost,
    /// True if something due was left to the next sweep, for want of time.
    pub is_cut_short: bool,
    started: u64,
    without_result: u64,
    candidates_gone: u64,
    latest: Duration,
    start_failures: u64,
    hand_over_failures: u64,
    error: Option<String>,
}

impl StartLog {
    pub fn new(time: Timestamp, trigger: &'static str) -> Self {
        Self {
            time,
            trigger,
            handed_over: 0,
            cost: Cost::default(),
            is_cut_short: false,
            started: 0,
            without_result: 0,
            candidates_gone: 0,
            latest: Duration::ZERO,
            start_failures: 0,
            hand_over_failures: 0,
            error: None,
        }
    }

    /// Notes a look at an interview, or that there was no time for it.
    pub fn looked(&mut self, looked: Option<Looked>) {
        let Some((look, cost)) = looked else {
            self.is_cut_short = true;
            return;
        };
        self.cost += cost;
        match look {
            Ok(InterviewLook::Started(late)) => {
                self.started += 1;
                self.latest = self.latest.max(late);
            }
            Ok(InterviewLook::WithoutResult) => self.without_result += 1,
            Ok(InterviewLook::CandidateGone) => self.candidates_gone += 1,
            Ok(InterviewLook::NotDue) => {}
            Err(error) => self.start_failed(&error),
        }
    }

    /// Notes a failure to find or to move on what is due.
    pub fn start_failed(&mut self, error: &(dyn Error + 'static)) {
        self.start_failures += 1;
        self.error.get_or_insert_with(|| chain(error));
    }

    /// Notes an interview that has started, and could not be handed over.
    pub fn hand_over_failed(&mut self, error: &(dyn Error + 'static)) {
        self.hand_over_failures += 1;
        self.error.get_or_insert_with(|| chain(error));
    }

    pub fn line(&self) -> LogLine {
        LogLine::new(self.time)
            .field("function", "start-interviews")
            .field("trigger", self.trigger)
            .field("isCutShort", self.is_cut_short)
            .field("candidatesGone", self.candidates_gone)
            .field("dynamodb", self.cost)
            .error(self.error.as_deref())
            .count(&[], "InterviewsStarted", self.started)
            .count(&[], "InterviewsHandedOver", self.handed_over)
            .count(&[], "InterviewsWithoutResult", self.without_result)
            .count(&[], "StartFailures", self.start_failures)
            .count(&[], "HandOverFailures", self.hand_over_failures)
            .count(&[], "StartedLateSeconds", self.latest.as_secs())
    }
}
