//! Cursors of lists: where the next page begins.

use std::fmt::Display;
#[cfg(feature = "admission")]
use std::str::FromStr;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::company::Owner;
use domain::idempotency::Fingerprint;
use serde::Serialize;

/// Hexadecimal digits of the check in a cursor: a mistake or a cursor of another list passes once in 2^64.
const CHECK_DIGITS: usize = 16;

/// A list that a cursor holds for.
#[derive(Debug, Serialize)]
pub struct ListScope<'a, F> {
    path: String,
    tenant: Owner,
    filters: &'a F,
}

/// True if a text has the form of a cursor: a place in base64, and a check.
#[cfg(feature = "admission")]
pub(crate) fn is_cursor(text: &str) -> bool {
    text.split_once('.').is_some_and(|(place, check)| {
        let is_place = BASE64_URL_SAFE_NO_PAD.decode(place).is_ok_and(|place| !place.is_empty());
        is_place && check.len() == CHECK_DIGITS && check.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

impl<'a, F: Serialize> ListScope<'a, F> {
    /// The list at that path as the tenant sees it, narrowed to what the filters say.
    pub fn new(path: &str, tenant: impl Into<Owner>, filters: &'a F) -> Self {
        Self { path: path.to_ascii_lowercase(), tenant: tenant.into(), filters }
    }

    /// The cursor of the page that comes after a place: the place, and a check that ties it to the list.
    ///
    /// No secret: whoever makes up a cursor begins a page at another place of the very same list, and reaches nothing that
    /// the list does not show.
    ///
    /// # Errors
    /// Only if the list can't be written as JSON, which a defect of ours would be.
    pub fn cursor(&self, last: impl Display) -> Result<String, serde_json::Error> {
        let last = last.to_string();
        let check = Fingerprint::of(&(self, &last))?;
        let check = check.as_str().get(..CHECK_DIGITS).unwrap_or_default();
        Ok(format!("{}.{check}", BASE64_URL_SAFE_NO_PAD.encode(last)))
    }

    /// The place in a cursor of this list.
    #[cfg(feature = "admission")]
    pub(crate) fn place<C: FromStr + Display>(&self, text: &str) -> Option<C> {
        let place = BASE64_URL_SAFE_NO_PAD.decode(text.split_once('.')?.0).ok()?;
        let place = String::from_utf8(place).ok()?.parse().ok()?;
        self.cursor(&place).is_ok_and(|cursor| cursor == text).then_some(place)
    }
}
