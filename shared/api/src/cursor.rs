//! Cursors of lists: where the next page begins.

use std::fmt::Display;
use std::str::FromStr;

use domain::idempotency::Fingerprint;

/// Hexadecimal digits of the check in a cursor: a mistake or a cursor of another list passes once in 2^64.
const CHECK_DIGITS: usize = 16;

/// The cursor of the page that comes after an item: the item's id, and a check that ties it to the list. Lists are told
/// apart by their path. No secret: whoever makes up a cursor reaches nothing that the list does not show.
///
/// # Errors
/// Only if the two can't be written as JSON, which a defect of ours would be.
pub fn cursor(path: &str, last: impl Display) -> Result<String, serde_json::Error> {
    let last = last.to_string();
    let check = Fingerprint::of(&(path.to_ascii_lowercase(), &last))?;
    Ok(format!("{last}.{}", check.as_str().get(..CHECK_DIGITS).unwrap_or_default()))
}

/// The id in a cursor of the list at that path.
pub(crate) fn last_item<C: FromStr + Display>(path: &str, text: &str) -> Option<C> {
    let last = text.split_once('.')?.0.parse().ok()?;
    cursor(path, &last).is_ok_and(|cursor| cursor == text).then_some(last)
}
