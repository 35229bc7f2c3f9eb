//! The amounts of a month, in seconds and in minutes.

use std::fmt;

use domain::allowance::{Books, Seconds};
use serde::{Serialize, Serializer};

/// The amounts of a month. `reserved + used + remaining = granted + overage + overdrawn`, none of them below zero.
#[derive(Serialize)]
pub struct Amounts<T> {
    pub granted: T,
    pub reserved: T,
    pub used: T,
    pub remaining: T,
    pub overage: T,
    /// The time beyond the grant of a plan without overage; none if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overdrawn: Option<T>,
}

impl<T> Amounts<T> {
    /// The amounts in a unit.
    pub fn of(books: &Books, unit: impl Fn(Seconds) -> T) -> Self {
        let overdrawn = books.overdrawn();
        Self {
            granted: unit(books.granted_seconds),
            reserved: unit(books.reserved_seconds),
            used: unit(books.used_seconds),
            remaining: unit(books.remaining_seconds.max(Seconds::ZERO)),
            overage: unit(books.overage()),
            overdrawn: (overdrawn > Seconds::ZERO).then(|| unit(overdrawn)),
        }
    }
}

impl<T: ToString> Amounts<T> {
    /// The amounts as cells of a table, in the order of the fields; empty for none.
    pub fn cells(&self) -> [String; 6] {
        let Self { granted, reserved, used, remaining, overage, overdrawn } = self;
        let amounts = [granted, reserved, used, remaining, overage].map(ToString::to_string);
        let [granted, reserved, used, remaining, overage] = amounts;
        let overdrawn = overdrawn.as_ref().map_or_else(String::new, ToString::to_string);
        [granted, reserved, used, remaining, overage, overdrawn]
    }
}

/// Minutes, whole ones without a fraction.
pub struct Amount(pub Seconds);

impl Amount {
    pub fn in_words(&self) -> String {
        let unit = if self.0 == Seconds::from_minutes(1) { "minute" } else { "minutes" };
        format!("{self} {unit}")
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Seconds(seconds) = self.0;
        let (minutes, rest) = (seconds / 60, seconds % 60);
        if rest == 0 { write!(f, "{minutes}") } else { write!(f, "{:.2}", seconds as f64 / 60.0) }
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Seconds(seconds) = self.0;
        if seconds % 60 == 0 {
            serializer.serialize_i64(seconds / 60)
        } else {
            serializer.serialize_f64(seconds as f64 / 60.0)
        }
    }
}
