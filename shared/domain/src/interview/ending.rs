//! Interviews that end otherwise than by taking place: cancelled, deleted, erased with their candidate.

use crate::time::Timestamp;

use super::{CallAttempt, Interview, InterviewStatus};

impl Interview {
    /// The interview once it is cancelled; none if it is cancelled already, or will be when it ends.
    ///
    /// One that is still to come is cancelled at once, and holds no time any longer. One that is running goes on, and becomes
    /// CANCELLED when it ends.
    ///
    /// # Errors
    /// The status of an interview that has ended otherwise.
    pub fn cancelled(&self, now: Timestamp) -> Result<Option<Self>, InterviewStatus> {
        match self.status {
            InterviewStatus::Scheduled => Ok(Some(Self {
                status: InterviewStatus::Cancelled,
                reservation: None,
                updated_at: now,
                ..self.clone()
            })),
            InterviewStatus::InProgress if self.cancel_requested_at.is_some() => Ok(None),
            InterviewStatus::InProgress => {
                Ok(Some(Self { cancel_requested_at: Some(now), analysed: None, updated_at: now, ..self.clone() }))
            }
            InterviewStatus::Cancelled => Ok(None),
            InterviewStatus::Completed | InterviewStatus::Failed | InterviewStatus::Undefined => Err(self.status),
        }
    }

    /// The interview once it is deleted: what has not ended is cancelled, and of the rest there remains what the books need.
    pub fn deleted(&self, now: Timestamp) -> Self {
        Self {
            metadata: None,
            call_attempts: None,
            analysis: None,
            analysed: None,
            transcript_available: false,
            deleted_at: Some(now),
            updated_at: now,
            ..self.ended(now)
        }
    }

    /// The interview once its candidate is erased: what has not ended is cancelled, and nothing is left of its content.
    /// None if that was done.
    pub fn erased(&self, now: Timestamp) -> Option<Self> {
        if self.erased_at.is_some() || self.deleted_at.is_some() {
            return None;
        }
        let without_content =
            |attempt: &CallAttempt| CallAttempt { notes: None, recording_url: None, ..attempt.clone() };
        let call_attempts = self.call_attempts.as_ref().map(|attempts| attempts.iter().map(without_content).collect());
        Some(Self {
            metadata: None,
            call_attempts,
            analysis: None,
            analysed: None,
            transcript_available: false,
            erased_at: Some(now),
            updated_at: now,
            ..self.ended(now)
        })
    }

    fn ended(&self, now: Timestamp) -> Self {
        self.cancelled(now).ok().flatten().unwrap_or_else(|| self.clone())
    }
}
