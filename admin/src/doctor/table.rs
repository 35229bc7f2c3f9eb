//! Checks of the table, and of the keys and secrets in it.

use std::time::Duration;

use domain::time::Timestamp;
use store::{OperatorError, Store, TableDescription, TableFeature, TableProperty};
use tokio::time::timeout;

use crate::doctor::Place;
use crate::doctor::check::{Check, Unanswered};

/// The age from which on a key should be replaced: a year, after which few remember who has it.
const KEY_AGE_DAYS: u64 = 365;

/// Companies and systems, of each kind, whose keys are looked at: two reads each.
const OWNERS_MAX: u16 = 50;

/// The time for looking at keys, however slow the connection is.
const KEYS_TIMEOUT: Duration = Duration::from_secs(20);

pub async fn examine(place: &Place, store: &Store, table: &str, now: Timestamp) -> Vec<Check> {
    let description = match store.describe_table().await {
        Ok(description) => description,
        Err(error) => return vec![unread(&error, place, table)],
    };
    let mut checks = vec![status(&description, table)];
    checks.extend(description.properties.iter().map(|property| compared(property, place)));
    checks.push(asked(store.time_to_live().await, "time to live", "dynamodb:DescribeTimeToLive", place));
    let backups = store.point_in_time_recovery().await;
    checks.push(asked(backups, "point-in-time recovery", "dynamodb:DescribeContinuousBackups", place));
    if description.is_usable() {
        checks.push(oldest_key(place, store, now).await);
    }
    checks.push(Check::not_checked(
        "age of signing secrets",
        "their times are sealed together with them; who had one is told by the log of POST /webhooks/{id}/rotate-secret",
    ));
    checks
}

/// The one check of a table that can't be described.
fn unread(error: &OperatorError, place: &Place, table: &str) -> Check {
    match Unanswered::of_store(error) {
        Unanswered::Refused { code, .. } if code == "ResourceNotFoundException" => Check::failed(
            "table",
            format!("there is no table {table}, so nothing else of it is checked"),
            "name another with --table or --stack; before the first deployment, doctor --account",
        ),
        unanswered => unanswered.check("table", "dynamodb:DescribeTable", place),
    }
}

fn status(description: &TableDescription, table: &str) -> Check {
    let detail = format!("{table}: {}", description.status);
    if description.is_active() {
        Check::ok("table", detail)
    } else if description.is_usable() {
        Check::warning("table", detail, "it works while it is changed; run this again afterwards")
    } else {
        Check::failed("table", detail, "functions can't use it: wait, or see the DynamoDB console")
    }
}

fn asked(property: Result<TableProperty, OperatorError>, name: &str, right: &str, place: &Place) -> Check {
    match property {
        Ok(property) => compared(&property, place),
        Err(error) => Unanswered::of_store(&error).check(name, right, place),
    }
}

/// A feature of the table, which must be as the template says.
fn compared(property: &TableProperty, place: &Place) -> Check {
    let TableProperty { feature, defined, found } = property;
    let name = match feature {
        TableFeature::Keys => "keys".to_owned(),
        TableFeature::Index(index) => format!("index {index}"),
        TableFeature::Stream => "stream".to_owned(),
        TableFeature::TimeToLive => "time to live".to_owned(),
        TableFeature::PointInTimeRecovery => "point-in-time recovery".to_owned(),
        TableFeature::DeletionProtection => "deletion protection".to_owned(),
    };
    if found == defined {
        let is_long = matches!(feature, TableFeature::Index(_));
        return Check::ok(name, if is_long { "as the template says" } else { found });
    }
    let detail = format!("{found}; the template says {defined}");
    match (feature, &place.local) {
        (TableFeature::TimeToLive | TableFeature::PointInTimeRecovery | TableFeature::DeletionProtection, Some(_)) => {
            Check::not_checked(name, "a local endpoint need not have it")
        }
        (TableFeature::DeletionProtection, None) => {
            Check::warning(name, detail, "aws dynamodb update-table --table-name … --deletion-protection-enabled")
        }
        (TableFeature::Keys, _) => Check::failed(name, detail, "this is no table of Greenroom: name another"),
        (TableFeature::Index(_), _) => {
            Check::failed(name, detail, "wait while it is being made; else deploy, so that the stack makes it")
        }
        (TableFeature::Stream, _) => Check::failed(
            name,
            detail,
            "nothing is announced: aws dynamodb update-table --table-name … --stream-specification \
             StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES, then point the mapping at the new stream",
        ),
        (TableFeature::TimeToLive, None) => Check::failed(
            name,
            detail,
            "what has expired stays: aws dynamodb update-time-to-live --table-name … --time-to-live-specification \
             Enabled=true,AttributeName=expiresAt",
        ),
        (TableFeature::PointInTimeRecovery, None) => Check::failed(
            name,
            detail,
            "what gets lost can't be restored: aws dynamodb update-continuous-backups --table-name … \
             --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true",
        ),
    }
}

async fn oldest_key(place: &Place, store: &Store, now: Timestamp) -> Check {
    const NAME: &str = "oldest API key";
    let oldest = match timeout(KEYS_TIMEOUT, store.oldest_api_key(OWNERS_MAX, now)).await {
        Ok(Ok(oldest)) => oldest,
        Ok(Err(error)) => {
            return Unanswered::of_store(&error).check(NAME, "dynamodb:Query and dynamodb:BatchGetItem", place);
        }
        Err(_) => {
            let seconds = KEYS_TIMEOUT.as_secs();
            return Check::not_checked(NAME, format!("the keys were not all read within {seconds} s"));
        }
    };
    let bound = if oldest.is_complete {
        String::new()
    } else {
        format!(
            " (only the {} oldest companies and systems were looked at, and the oldest keys of each)",
            oldest.owners
        )
    };
    let Some(key) = oldest.key else { return Check::ok(NAME, format!("no key works{bound}")) };
    let days = now.saturating_since(key.created_at).as_secs() / (24 * 60 * 60);
    let detail = format!("{}, of {} days{bound}", key.id, days);
    if days < KEY_AGE_DAYS {
        Check::ok(NAME, detail)
    } else {
        Check::warning(NAME, detail, format!("key rotate {}, and tell its owner", key.id))
    }
}
