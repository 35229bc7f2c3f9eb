//! Salaries of jobs.

use std::fmt;

use iso_currency::{Currency, IntoEnumIterator as _};
use serde::{Deserialize, Serialize};

use crate::Violation;
use crate::string_enum::string_enum;

string_enum! {
    /// The time that a salary is paid for.
    pub enum SalaryPeriod {
        Hourly = "HOURLY",
        Daily = "DAILY",
        Weekly = "WEEKLY",
        Monthly = "MONTHLY",
        Yearly = "YEARLY",
    }
}

/// An amount of money: 0 to 10^12, with decimals where the currency has them.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, description = ""))]
#[serde(transparent)]
pub struct Amount(f64);

impl Amount {
    /// More than any salary, in any currency; far below where decimals of a double get lost.
    pub const MAX: f64 = 1e12;

    /// Accepts an amount within the limits.
    pub fn new(amount: f64) -> Result<Self, Violation> {
        if !(0.0..=Self::MAX).contains(&amount) {
            return Err(Violation::out_of_range(amount < 0.0, format!("must be 0 to {}", Self::MAX)));
        }
        // Adding zero turns -0 into 0.
        Ok(Self(amount + 0.0))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A currency of ISO 4217 by its three letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String", inline, description = ""))]
#[serde(try_from = "String", into = "String")]
pub struct CurrencyCode(Currency);

impl CurrencyCode {
    /// Accepts a code in upper case.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let currency = Currency::from_code(text).filter(|currency| currency.code() == text);
        currency.map(Self).ok_or_else(|| Violation::new("enum", "must be a currency of ISO 4217, for example EUR"))
    }

    /// The three letters.
    pub fn as_str(self) -> &'static str {
        self.0.code()
    }

    /// Every accepted code.
    pub fn all() -> impl Iterator<Item = &'static str> {
        Currency::iter().map(|currency| currency.code())
    }
}

impl TryFrom<String> for CurrencyCode {
    type Error = Violation;
    fn try_from(text: String) -> Result<Self, Violation> {
        Self::parse(&text)
    }
}

impl From<CurrencyCode> for String {
    fn from(code: CurrencyCode) -> Self {
        code.as_str().to_owned()
    }
}

/// The pay of a job. Where both ends are given, `min` is at most `max`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "SalaryResponse"))]
#[serde(rename_all = "camelCase")]
pub struct Salary {
    /// At least this much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<Amount>,
    /// At most this much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Amount>,
    /// Currency, by ISO 4217.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<CurrencyCode>,
    /// The time that it is paid for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<SalaryPeriod>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::violation::broken;

    #[test]
    fn currencies_are_those_of_the_list_in_upper_case() {
        assert_eq!(CurrencyCode::parse("EUR").unwrap().as_str(), "EUR");
        for text in ["eur", "EURO", "ZZZ", ""] {
            assert_eq!(broken(CurrencyCode::parse(text)), Some("enum"), "{text}");
        }
        assert!(CurrencyCode::all().count() > 150);
    }

    #[test]
    fn amounts_at_their_limits() {
        assert_eq!(Amount::new(-0.0).unwrap().to_string(), "0");
        assert!(Amount::new(Amount::MAX).is_ok());
        for (amount, rule) in [(-0.01, "minimum"), (Amount::MAX * 1.001, "maximum"), (f64::INFINITY, "maximum")] {
            assert_eq!(broken(Amount::new(amount)), Some(rule), "{amount}");
        }
        assert!(Amount::new(f64::NAN).is_err());
    }
}
