//! The life of an interview: it starts, it ends by a result or without one, it is analysed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::agent::{AgentProfile, Focus};
use crate::allowance::Seconds;
use crate::analysis::AnalysisStatus;
use crate::conducting::{ConductedInterview, FailureReason};
use crate::string_enum::string_enum;
use crate::time::{Period, Timestamp};

use super::{CallAttempt, Interview, InterviewStatus, Reservation};

/// The time after an interview's duration for which its result is waited for, unless the deployment says otherwise: an hour, so
/// that a conductor can be restarted and catch up without an interview being lost.
pub const RESULT_GRACE: Duration = Duration::from_secs(60 * 60);

/// The failure reason of an interview of which nothing was heard until its deadline.
const NO_RESULT: &str = "NO_RESULT";

/// The time that an interview used, and the month whose grant it was taken from. It is counted in the books and in the usage of
/// the day on which the interview ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settlement {
    /// The month.
    pub period: Period,
    /// The time, each part of a second rounded up.
    pub seconds: Seconds,
}

/// The part of a settled interview that usage counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettledUse {
    /// The end of the interview, whose day (UTC) it counts for.
    pub ended_at: Timestamp,
    /// The focus of its agent.
    pub focus: Focus,
    /// The time that it used.
    pub seconds: Seconds,
}

/// The change of a month's books that comes with a change of an interview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BooksChange {
    /// The month that the time was reserved in.
    pub period: Period,
    /// The reserved time that is held no longer.
    pub returned: Seconds,
    /// The time that counts as used from now on.
    pub used: Seconds,
}

string_enum! {
    /// The reason why a message about an interview changes nothing.
    pub enum Unrecorded {
        /// The interview has not started.
        NotStarted = "NOT_STARTED",
        /// The interview has ended, and what is told comes too late or once more.
        Final = "FINAL",
        /// The interview has an analysis, or one that failed.
        Analysed = "ANALYSED",
        /// The interview was cancelled, deleted or erased: nothing is kept of its content.
        WithoutContent = "WITHOUT_CONTENT",
    }
}

impl Interview {
    /// The time at which the interview is to be looked at: its start, or the end of the wait for its result.
    pub fn due_at(&self) -> Option<Timestamp> {
        match self.status {
            InterviewStatus::Scheduled => Some(self.scheduled_at),
            InterviewStatus::InProgress => self.deadline,
            InterviewStatus::Completed
            | InterviewStatus::Failed
            | InterviewStatus::Cancelled
            | InterviewStatus::Undefined => None,
        }
    }

    /// True if nothing is kept of the interview's content, nor announced of its end.
    pub fn is_without_content(&self) -> bool {
        self.cancel_requested_at.or(self.deleted_at).or(self.erased_at).is_some()
    }

    /// True if a transcript lies beside the interview, or within it.
    pub fn has_transcript(&self) -> bool {
        // Test interviews of earlier versions do not tell.
        let is_shown_test = self.is_test && !self.is_without_content();
        self.transcript_available || is_shown_test
    }

    /// The status of the analysis that is shown: of none before the interview is completed.
    pub fn analysis_status(&self) -> Option<AnalysisStatus> {
        let beside = self.analysed.filter(|_| self.status == InterviewStatus::Completed);
        self.analysis.as_ref().map(|analysis| analysis.general.status).or(beside)
    }

    /// The interview once it is handed over to whoever conducts it, by an agent as it is then. None unless it is SCHEDULED.
    pub fn started(&self, agent: &AgentProfile, result_grace: Duration, now: Timestamp) -> Option<Self> {
        (self.status == InterviewStatus::Scheduled).then(|| {
            let longest = Duration::from_secs(60 * u64::from(agent.duration.get())).saturating_add(result_grace);
            Self {
                status: InterviewStatus::InProgress,
                started_at: Some(now),
                deadline: Some(now.saturating_add(longest)),
                duration_minutes: agent.duration.get(),
                focus: Some(agent.focus),
                updated_at: now,
                ..self.clone()
            }
        })
    }

    /// The interview once its deadline has passed. It no longer holds the time that was reserved, but still names its month: a
    /// result that comes later counts. None unless it is IN_PROGRESS.
    pub fn without_result(&self, now: Timestamp) -> Option<Self> {
        (self.status == InterviewStatus::InProgress).then(|| {
            let lapsed = |reservation: &Reservation| Reservation { seconds: Seconds::ZERO, ..reservation.clone() };
            let is_cancelled = self.is_without_content();
            Self {
                status: if is_cancelled { InterviewStatus::Cancelled } else { InterviewStatus::Failed },
                failure_reason: if is_cancelled { None } else { FailureReason::parse(NO_RESULT).ok() },
                finished_date: Some(now),
                deadline: None,
                reservation: self.reservation.as_ref().map(lapsed),
                updated_at: now,
                ..self.clone()
            }
        })
    }

    /// The interview once it has taken place. The time used is settled whatever became of its content, and however much was
    /// reserved.
    ///
    /// # Errors
    /// The reason why the result changes nothing.
    pub fn completed(&self, result: &ConductedInterview, now: Timestamp) -> Result<Self, Unrecorded> {
        self.awaits_result()?;
        let seconds = result.duration_seconds;
        let settlement = |reservation: &Reservation| Settlement { period: reservation.period.clone(), seconds };
        let ended = Self {
            duration_minutes: u16::try_from((seconds + Seconds(59)).whole_minutes()).unwrap_or(u16::MAX),
            started_at: Some(result.started_at),
            finished_date: Some(result.ended_at),
            failure_reason: None,
            deadline: None,
            reservation: None,
            settlement: self.reservation.as_ref().map(settlement),
            updated_at: now,
            ..self.clone()
        };
        if self.is_without_content() {
            return Ok(Self { status: InterviewStatus::Cancelled, ..ended });
        }
        Ok(Self {
            status: InterviewStatus::Completed,
            call_attempts: self.told_attempts(result.call_attempts.as_deref()),
            transcript_available: result.transcript.is_some(),
            ..ended
        })
    }

    /// The interview once it is told that it could not be held, or broke off. Its reservation returns.
    ///
    /// # Errors
    /// The reason why the result changes nothing.
    pub fn failed(
        &self,
        reason: &FailureReason,
        call_attempts: Option<&[CallAttempt]>,
        now: Timestamp,
    ) -> Result<Self, Unrecorded> {
        self.awaits_result()?;
        let ended = Self {
            finished_date: Some(now),
            deadline: None,
            reservation: None,
            analysed: None,
            updated_at: now,
            ..self.clone()
        };
        if self.is_without_content() {
            return Ok(Self { status: InterviewStatus::Cancelled, ..ended });
        }
        Ok(Self {
            status: InterviewStatus::Failed,
            failure_reason: Some(reason.clone()),
            call_attempts: self.told_attempts(call_attempts),
            ..ended
        })
    }

    /// The interview once it is analysed, or could not be. Before its result, that is kept and not shown.
    ///
    /// # Errors
    /// The reason why the analysis changes nothing.
    pub fn analysed(&self, status: AnalysisStatus, now: Timestamp) -> Result<Self, Unrecorded> {
        if self.is_without_content() {
            return Err(Unrecorded::WithoutContent);
        }
        if self.status != InterviewStatus::Completed {
            self.awaits_result()?;
        }
        if self.analysed.is_some() || self.analysis.is_some() {
            return Err(Unrecorded::Analysed);
        }
        Ok(Self { analysed: Some(status), updated_at: now, ..self.clone() })
    }

    /// The part that usage counts, once the interview is settled.
    pub fn settled_use(&self) -> Option<SettledUse> {
        self.settlement.as_ref().map(|settlement| SettledUse {
            ended_at: self.finished_date.unwrap_or(self.updated_at),
            // An interview that was started before its focus was kept.
            focus: self.focus.unwrap_or(Focus::Generic),
            seconds: settlement.seconds,
        })
    }

    /// The change of the books that comes with the change into another state of the interview, if it is one.
    pub fn books_change(&self, new: &Self) -> Option<BooksChange> {
        let period = self.reservation.as_ref()?.period.clone();
        let held = |interview: &Self| interview.reservation.as_ref().map_or(Seconds::ZERO, |held| held.seconds);
        let settled = |interview: &Self| interview.settlement.as_ref().map_or(Seconds::ZERO, |used| used.seconds);
        let (returned, used) = (held(self) - held(new), settled(new) - settled(self));
        (returned != Seconds::ZERO || used != Seconds::ZERO).then_some(BooksChange { period, returned, used })
    }

    /// Nothing, if a result counts: while the interview runs, and after its deadline, when it holds no time but names its month.
    fn awaits_result(&self) -> Result<(), Unrecorded> {
        match self.status {
            InterviewStatus::Scheduled => Err(Unrecorded::NotStarted),
            InterviewStatus::InProgress => Ok(()),
            InterviewStatus::Failed | InterviewStatus::Cancelled if self.reservation.is_some() => Ok(()),
            InterviewStatus::Completed
            | InterviewStatus::Failed
            | InterviewStatus::Cancelled
            | InterviewStatus::Undefined => Err(Unrecorded::Final),
        }
    }

    /// The call attempts as a result tells them, of an interview by telephone.
    fn told_attempts(&self, told: Option<&[CallAttempt]>) -> Option<Vec<CallAttempt>> {
        self.call_attempts.as_ref().map(|known| told.map_or_else(|| known.clone(), <[_]>::to_vec))
    }
}
