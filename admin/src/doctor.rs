//! `doctor`: checks what can be wrong with an account, a stack and its table before somebody notices.
//!
//! Each check is one question to AWS, and one line. A question that may not be asked is not checked, and its line says
//! which right is missing; one that gets no answer has failed.

mod account;
mod check;
mod stack;
mod table;

use std::time::Duration;

use aws::{ClientTimeouts, ConfigurationError, SdkConfig};
use clap::Args;
use domain::history::Operator;
use domain::time::Timestamp;
use store::Store;

use crate::GlobalOptions;
use crate::doctor::check::{Check, Outcome};
use crate::doctor::stack::Stack;
use crate::error::{CommandError, chain};
use crate::show::Output;

/// The time-outs of each question but those to the table, which has its own. One attempt: an operator runs the command again.
const QUESTION_TIMEOUTS: ClientTimeouts =
    ClientTimeouts { connect_timeout: Duration::from_secs(2), attempt_timeout: Duration::from_secs(5), attempts: 1 };

#[derive(Args)]
pub struct Doctor {
    /// Stack to check, with its table (not the one of --table), its parameters and the topics of its alarms
    #[arg(long, value_name = "NAME", conflicts_with = "account")]
    stack: Option<String>,
    /// Check the account alone: before the first deployment
    #[arg(long)]
    account: bool,
}

/// Asks, and prints the checks.
///
/// # Errors
/// At least one check has failed.
pub async fn run(
    arguments: &Doctor,
    config: Result<SdkConfig, ConfigurationError>,
    options: &GlobalOptions,
) -> Result<(), CommandError> {
    let checks = match config {
        Ok(config) => examine(arguments, &config, options).await,
        Err(error) => vec![
            Check::failed("credentials", chain(&error), "mend this first: aws sts get-caller-identity must work"),
            Check::not_checked("everything else", "nothing can be asked without credentials and a region"),
        ],
    };
    Output { json: options.json }.all(&checks, "nothing to check")?;
    match checks.iter().filter(|check| check.outcome == Outcome::Failed).count() {
        0 => Ok(()),
        count => Err(CommandError::ChecksFailed(count)),
    }
}

async fn examine(arguments: &Doctor, config: &SdkConfig, options: &GlobalOptions) -> Vec<Check> {
    let place = Place {
        local: config.endpoint_url().filter(|url| aws::is_local(url)).map(ToOwned::to_owned),
        config: QUESTION_TIMEOUTS.applied_to(config),
    };
    let mut checks = vec![account::credentials(&place).await, account::region(&place)];
    let Some(name) = &arguments.stack else {
        checks.push(Check::not_checked("stack", "its parameters and the topics of its alarms: give --stack NAME"));
        checks.push(account::concurrency(&place.of_lambda(), None).await);
        if !arguments.account {
            checks.extend(examine_table(&place, config, &options.table).await);
        }
        return checks;
    };
    let (check, stack) = stack::read(&place, name).await;
    checks.push(check);
    checks.push(account::concurrency(&place, stack.as_ref()).await);
    match stack.as_ref().and_then(Stack::table) {
        Some(table) => checks.extend(examine_table(&place, config, table).await),
        None => checks.push(Check::not_checked("table", "the stack's output TableName is not known")),
    }
    match &stack {
        Some(stack) => checks.extend(stack::alarm_topics(&place, stack).await),
        None => checks.push(Check::not_checked("alarms", "the stack's outputs are not known")),
    }
    checks
}

async fn examine_table(place: &Place, config: &SdkConfig, table: &str) -> Vec<Check> {
    let store = Store::for_operator(config, table, Operator::unknown());
    table::examine(place, &store, table, Timestamp::new(chrono::Utc::now())).await
}

/// The place where questions are asked.
struct Place {
    /// The endpoint, if it is one for development.
    local: Option<String>,
    config: SdkConfig,
}

impl Place {
    /// The place of Lambda, if the endpoint was given for the table alone: AWS's, or that of the usual variable.
    fn of_lambda(&self) -> Self {
        let mut config = self.config.to_builder();
        config.set_endpoint_url(std::env::var("AWS_ENDPOINT_URL_LAMBDA").ok());
        Self { local: self.local.clone(), config: config.build() }
    }
}
