//! The names of the queues, and the settings of each in the template.

use std::time::Duration;

const ACCOUNT: &str = "000000000000";

/// A queue's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QueueName {
    /// The queue of deliveries to be attempted.
    Deliveries,
    /// The queue of deliveries that were given up.
    DeadLetters,
    /// The queue of interviews that have started, for whoever conducts them.
    InterviewStarts,
    /// The queue of those that were received too often.
    InterviewStartsDeadLetters,
    /// The queue of what became of interviews.
    InterviewResults,
    /// The queue of results that can't be recorded.
    InterviewResultsDeadLetters,
}

impl QueueName {
    /// Every queue.
    pub const ALL: [Self; 6] = [
        Self::Deliveries,
        Self::DeadLetters,
        Self::InterviewStarts,
        Self::InterviewStartsDeadLetters,
        Self::InterviewResults,
        Self::InterviewResultsDeadLetters,
    ];

    /// Time for which a message is kept, as `template.yaml` has it for each queue: the most that SQS allows.
    pub const RETENTION: Duration = Duration::from_hours(14 * 24);

    /// The name in URLs and ARNs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deliveries => "deliveries",
            Self::DeadLetters => "dead-letters",
            Self::InterviewStarts => "interview-starts",
            Self::InterviewStartsDeadLetters => "interview-starts-dead-letters",
            Self::InterviewResults => "interview-results",
            Self::InterviewResultsDeadLetters => "interview-results-dead-letters",
        }
    }

    /// The queue of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|queue| queue.as_str() == name)
    }

    /// The ARN, in an account and a region that are made up.
    pub fn arn(self) -> String {
        format!("arn:aws:sqs:local:{ACCOUNT}:{}", self.as_str())
    }

    /// The URL on a server.
    pub fn url(self, server: &str) -> String {
        format!("{server}/{ACCOUNT}/{}", self.as_str())
    }

    /// The queue's own visibility time-out, as in `template.yaml`.
    pub fn visibility_timeout(self) -> Duration {
        match self {
            Self::Deliveries => Duration::from_secs(360),
            Self::InterviewStarts => Duration::from_secs(300),
            Self::InterviewResults => Duration::from_secs(180),
            Self::DeadLetters | Self::InterviewStartsDeadLetters | Self::InterviewResultsDeadLetters => {
                Duration::from_secs(30)
            }
        }
    }

    /// The dead-letter queue, and the number of receptions after which an undeleted message goes there, as in
    /// `template.yaml`.
    pub fn redrive(self) -> Option<(Self, u32)> {
        match self {
            Self::Deliveries => Some((Self::DeadLetters, 1_000)),
            Self::InterviewStarts => Some((Self::InterviewStartsDeadLetters, 20)),
            Self::InterviewResults => Some((Self::InterviewResultsDeadLetters, 100)),
            Self::DeadLetters | Self::InterviewStartsDeadLetters | Self::InterviewResultsDeadLetters => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queues_are_those_of_the_template() {
        let template: serde_norway::Value = serde_norway::from_str(include_str!("../../../template.yaml")).unwrap();
        for queue in QueueName::ALL {
            // In the template's spelling: `dead-letters` is `DeadLetters` there.
            let words = queue.as_str().split('-');
            let name: String = words.map(|word| word[..1].to_uppercase() + &word[1..]).collect();
            let name = name.as_str();
            let properties = &template["Resources"][name]["Properties"];
            let seconds = |name: &str| properties.get(name).map(|value| value.as_u64().unwrap());
            // SQS's own default.
            let visibility_timeout = seconds("VisibilityTimeout").unwrap_or(30);
            assert_eq!(queue.visibility_timeout().as_secs(), visibility_timeout, "{name}");
            assert_eq!(Some(QueueName::RETENTION.as_secs()), seconds("MessageRetentionPeriod"), "{name}");
            let redrive = properties.get("RedrivePolicy").map(|policy| policy["maxReceiveCount"].as_u64().unwrap());
            assert_eq!(queue.redrive().map(|(_, receive_count_max)| u64::from(receive_count_max)), redrive, "{name}");
        }
    }
}
