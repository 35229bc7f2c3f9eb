//! Places of jobs.

use serde::{Deserialize, Serialize};

use crate::Violation;
use crate::string_enum::string_enum;
use crate::text::SingleLine;

string_enum! {
    pub enum WorkMode {
        Onsite = "ONSITE",
        Remote = "REMOTE",
        Hybrid = "HYBRID",
    }
}

/// A country of ISO 3166-1 by its two letters; held as its place in [`CountryCode::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String", inline, description = ""))]
#[serde(try_from = "String", into = "String")]
pub struct CountryCode(u8);

impl CountryCode {
    /// Every code of ISO 3166-1 alpha-2, in order (Debian's iso-codes 4.15).
    pub const ALL: [&'static str; 249] = [
        "AD", "AE", "AF", "AG", "AI", "AL", "AM", "AO", "AQ", "AR", "AS", "AT", "AU", "AW", "AX", "AZ", "BA", "BB",
        "BD", "BE", "BF", "BG", "BH", "BI", "BJ", "BL", "BM", "BN", "BO", "BQ", "BR", "BS", "BT", "BV", "BW", "BY",
        "BZ", "CA", "CC", "CD", "CF", "CG", "CH", "CI", "CK", "CL", "CM", "CN", "CO", "CR", "CU", "CV", "CW", "CX",
        "CY", "CZ", "DE", "DJ", "DK", "DM", "DO", "DZ", "EC", "EE", "EG", "EH", "ER", "ES", "ET", "FI", "FJ", "FK",
        "FM", "FO", "FR", "GA", "GB", "GD", "GE", "GF", "GG", "GH", "GI", "GL", "GM", "GN", "GP", "GQ", "GR", "GS",
        "GT", "GU", "GW", "GY", "HK", "HM", "HN", "HR", "HT", "HU", "ID", "IE", "IL", "IM", "IN", "IO", "IQ", "IR",
        "IS", "IT", "JE", "JM", "JO", "JP", "KE", "KG", "KH", "KI", "KM", "KN", "KP", "KR", "KW", "KY", "KZ", "LA",
        "LB", "LC", "LI", "LK", "LR", "LS", "LT", "LU", "LV", "LY", "MA", "MC", "MD", "ME", "MF", "MG", "MH", "MK",
        "ML", "MM", "MN", "MO", "MP", "MQ", "MR", "MS", "MT", "MU", "MV", "MW", "MX", "MY", "MZ", "NA", "NC", "NE",
        "NF", "NG", "NI", "NL", "NO", "NP", "NR", "NU", "NZ", "OM", "PA", "PE", "PF", "PG", "PH", "PK", "PL", "PM",
        "PN", "PR", "PS", "PT", "PW", "PY", "QA", "RE", "RO", "RS", "RU", "RW", "SA", "SB", "SC", "SD", "SE", "SG",
        "SH", "SI", "SJ", "SK", "SL", "SM", "SN", "SO", "SR", "SS", "ST", "SV", "SX", "SY", "SZ", "TC", "TD", "TF",
        "TG", "TH", "TJ", "TK", "TL", "TM", "TN", "TO", "TR", "TT", "TV", "TW", "TZ", "UA", "UG", "UM", "US", "UY",
        "UZ", "VA", "VC", "VE", "VG", "VI", "VN", "VU", "WF", "WS", "YE", "YT", "ZA", "ZM", "ZW",
    ];

    /// Accepts a code in upper case.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let index = Self::ALL.binary_search(&text).ok().and_then(|index| u8::try_from(index).ok());
        index.map(Self).ok_or_else(|| Violation::new("enum", "must be a country of ISO 3166-1 alpha-2, for example SK"))
    }

    /// The two letters.
    pub fn as_str(self) -> &'static str {
        Self::ALL[usize::from(self.0)]
    }
}

impl TryFrom<String> for CountryCode {
    type Error = Violation;
    fn try_from(text: String) -> Result<Self, Violation> {
        Self::parse(&text)
    }
}

impl From<CountryCode> for String {
    fn from(code: CountryCode) -> Self {
        code.as_str().to_owned()
    }
}

/// The place of a job. All parts are optional.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "LocationResponse"))]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// Where the work is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work_mode: Option<WorkMode>,
    /// Street and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<SingleLine<1, 255>>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<SingleLine<1, 255>>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<SingleLine<1, 20>>,
    /// Country, by ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country_code: Option<CountryCode>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::violation::broken;

    #[test]
    fn countries_are_those_of_the_list_in_upper_case() {
        assert!(CountryCode::ALL.is_sorted());
        assert_eq!(CountryCode::parse("SK").unwrap().as_str(), "SK");
        for text in ["sk", "ZZ", "SVK", ""] {
            assert_eq!(broken(CountryCode::parse(text)), Some("enum"), "{text}");
        }
    }
}
