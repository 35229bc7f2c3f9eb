//! The error of a command, told in one line that says what to do next.

use std::error::Error;
use std::io;

use aws::ConfigurationError;
use domain::api_key::RandomnessError;
use domain::phone_number::PhoneNumberId;
use domain::time::Period;
use domain::webhook::WebhookId;
use store::{CreateError, FailureKind, OperatorError, StoreError};

use crate::GlobalOptions;

#[derive(Debug)]
pub enum CommandError {
    /// The words make no sense together.
    Usage(&'static str),
    /// The table can't be reached with these settings.
    Configuration(ConfigurationError),
    /// The store did not carry the command out.
    Operator(OperatorError),
    /// One of several webhooks was not changed. Those before it were, and those after it were left as they are.
    Webhook {
        id: WebhookId,
        /// The number of those after it.
        left: usize,
        error: OperatorError,
    },
    /// The key is stopped, but its webhooks could not be read.
    WebhooksOfKey(OperatorError),
    Randomness(RandomnessError),
    /// Something else than an API key came from standard input.
    NoKey,
    /// The company has the number already, under this id.
    NumberTaken(PhoneNumberId),
    /// The books of this month are not kept.
    NothingKept(Period),
    /// The table there was to be changed, but there is no terminal to ask at.
    NoTerminal(String),
    /// The operator was asked, and did not say yes.
    Declined,
    /// An audit has found so many contradictions.
    Contradictions(u64),
    /// The file of an audit could not be read or written.
    File(io::Error),
    /// So many checks of `doctor` have failed.
    ChecksFailed(usize),
    /// The command was carried out, but its result could not be printed.
    Output(io::Error),
}

impl From<ConfigurationError> for CommandError {
    fn from(error: ConfigurationError) -> Self {
        Self::Configuration(error)
    }
}

impl From<OperatorError> for CommandError {
    fn from(error: OperatorError) -> Self {
        Self::Operator(error)
    }
}

impl From<RandomnessError> for CommandError {
    fn from(error: RandomnessError) -> Self {
        Self::Randomness(error)
    }
}

impl From<io::Error> for CommandError {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl CommandError {
    /// 2 for a command line that makes no sense, as clap has it for one that it does not understand; otherwise 1.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Configuration(_)
            | Self::Operator(_)
            | Self::Webhook { .. }
            | Self::WebhooksOfKey(_)
            | Self::Randomness(_)
            | Self::NoKey
            | Self::NumberTaken(_)
            | Self::NothingKept(_)
            | Self::NoTerminal(_)
            | Self::Declined
            | Self::Contradictions(_)
            | Self::File(_)
            | Self::ChecksFailed(_)
            | Self::Output(_) => 1,
        }
    }

    /// True if whoever reads the output has had enough, as in `… | head -1`.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// The explanation, and what to do next.
    pub fn explain(&self, options: &GlobalOptions) -> String {
        match self {
            Self::Usage(text) => (*text).to_owned(),
            Self::Configuration(error) => chain(error),
            Self::Operator(error) => explain_operator(error, options),
            Self::Webhook { id, left, error } => {
                let reason = explain_operator(error, options);
                format!("webhook {id} was not changed, and {left} after it were not tried: {reason}")
            }
            Self::WebhooksOfKey(error) => {
                let reason = explain_operator(error, options);
                format!(
                    "the key is as shown, but its webhooks could not be read; give the same command again: {reason}"
                )
            }
            Self::Randomness(error) => format!("the system gave no random bits: {error}"),
            Self::NoKey => "what was read is no API key: that is sk_ and 49 letters and digits".to_owned(),
            Self::NumberTaken(id) => format!("the company has this number already: {id}"),
            Self::NothingKept(period) => format!(
                "nothing is kept of {period}: the company created nothing in it that costs, or it was closed before months were kept"
            ),
            Self::NoTerminal(place) => {
                format!("nothing was changed: this would change {place}, and there is no terminal to ask at; add --yes")
            }
            Self::Declined => "nothing was changed".to_owned(),
            Self::Contradictions(1) => "there is a contradiction; docs/operating.md says what it means".to_owned(),
            Self::Contradictions(count) => {
                format!("there are {count} contradictions; docs/operating.md says what they mean")
            }
            Self::File(error) => format!("the file of --resume can't be used: {error}"),
            Self::ChecksFailed(1) => "a check failed; its line says what to do".to_owned(),
            Self::ChecksFailed(count) => format!("{count} checks failed; their lines say what to do"),
            Self::Output(error) => format!("it is done, but could not be printed: {error}"),
        }
    }
}

fn explain_operator(error: &OperatorError, options: &GlobalOptions) -> String {
    match error {
        OperatorError::NotFound(what @ "company") => format!("there is no such {what}; `company list` shows all"),
        OperatorError::NotFound(what @ "API key") => {
            format!("there is no such {what}; `key list` shows those of a company or of a system")
        }
        OperatorError::NotFound(what @ "applicant tracking system") => {
            format!("there is no such {what}; `ats list` shows all")
        }
        OperatorError::NotFound(what @ "telephone number") => {
            format!("there is no such {what}; `phone-number list` shows those of a company")
        }
        OperatorError::NotFound(what @ "webhook") => {
            format!("there is no such {what}, or it is somebody else's; `webhook list` shows those of an owner")
        }
        OperatorError::NotFound(_)
        | OperatorError::Revoked
        | OperatorError::NotRotated(_)
        | OperatorError::ClocksDiffer { .. }
        | OperatorError::Changed => error.to_string(),
        OperatorError::Table(CreateError::Exists) => {
            format!("the table {} exists; it was left as it is", options.table)
        }
        OperatorError::Table(CreateError::Request(error)) | OperatorError::Store(error) => {
            explain_store(error, options)
        }
        OperatorError::Table(CreateError::Definition(_) | CreateError::NotActive) => chain(error),
    }
}

fn explain_store(error: &StoreError, options: &GlobalOptions) -> String {
    let server = options.endpoint_url.as_deref().unwrap_or("DynamoDB");
    match (error.kind, &error.answer) {
        (FailureKind::Unavailable | FailureKind::TimedOut, None) => {
            format!("no answer from {server}: is the address right, and does it run? ({})", root(error))
        }
        (FailureKind::Unknown, Some(answer)) if answer.code == "ResourceNotFoundException" => {
            let table = &options.table;
            format!("there is no table {table} at {server}; name another with --table, or make it with `table create`")
        }
        (FailureKind::Unknown, Some(answer)) => {
            format!("{server} refuses {}: {}: {}", error.operation, answer.code, answer.message)
        }
        (FailureKind::Unknown, None) => chain(error),
        (FailureKind::Conflict | FailureKind::Throttled | FailureKind::Unavailable | FailureKind::TimedOut, _) => {
            format!("{server} is busy; try again in a minute ({})", root(error))
        }
    }
}

/// An error with all its causes, outermost first.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// The innermost cause.
fn root(error: &(dyn Error + 'static)) -> String {
    causes(error).last().unwrap_or(error).to_string()
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}
