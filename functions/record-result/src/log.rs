//! The one log line of a message. Holds nothing of an interview's content.

use std::error::Error;

use domain::StringEnum as _;
use domain::company::CompanyId;
use domain::conducting::{InterviewResult, ResultEvent};
use domain::interview::{Interview, InterviewId, InterviewStatus, Unrecorded};
use domain::time::Timestamp;
use runtime::{LogLine, chain};
use store::Cost;

/// Facts of a message, gathered for its log line.
pub(crate) struct ResultLog {
    time: Timestamp,
    /// The fate of the message: RECORDED, or why it is not.
    pub outcome: &'static str,
    pub company_id: Option<CompanyId>,
    /// The cost at the table.
    pub cost: Cost,
    interview: Option<(InterviewId, ResultEvent)>,
    status: Option<InterviewStatus>,
    error: Option<String>,
}

impl ResultLog {
    pub fn new(time: Timestamp) -> Self {
        let (interview, status, error) = (None, None, None);
        Self { time, outcome: "ERROR", company_id: None, cost: Cost::default(), interview, status, error }
    }

    pub fn result(&mut self, result: &InterviewResult) {
        self.interview = Some((result.interview_id, result.outcome.event()));
    }

    pub fn recorded(&mut self, interview: &Interview) {
        (self.outcome, self.status) = ("RECORDED", Some(interview.status));
    }

    pub fn unrecorded(&mut self, reason: Unrecorded) {
        self.outcome = reason.as_str();
    }

    pub fn failed(&mut self, error: &(dyn Error + 'static)) {
        (self.outcome, self.error) = ("ERROR", Some(chain(error)));
    }

    pub fn line(&self) -> LogLine {
        LogLine::new(self.time)
            .field("function", "record-result")
            .field("interviewId", self.interview.map(|(id, _)| id))
            .field("companyId", self.company_id)
            .field("event", self.interview.map(|(_, event)| event))
            .field("outcome", self.outcome)
            .field("status", self.status)
            .field("dynamodb", self.cost)
            .error(self.error.as_deref())
            .count(&["outcome"], "ResultMessages", 1)
    }
}
