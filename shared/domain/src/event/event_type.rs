//! The kinds of events.

use crate::string_enum::string_enum;

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
    // The spelling of our other enumerations, for example `INTERVIEW_COMPLETED`.
    alias |word| word.replace('.', "_").to_uppercase()
}
