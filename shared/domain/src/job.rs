//! Jobs: open positions.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::agent::{CefrLevel, Language};
use crate::company::CompanyId;
use crate::contact::WebUrl;
use crate::id::id;
use crate::metadata::Metadata;
use crate::string_enum::string_enum;
use crate::text::{MultiLine, SingleLine};
use crate::time::Timestamp;

id! {
    /// An open position.
    JobId
}

string_enum! {
    /// A degree of education that a job asks for.
    pub enum Education {
        PrimaryEducation = "PRIMARY_EDUCATION",
        SecondarySchoolStudent = "SECONDARY_SCHOOL_STUDENT",
        SecondaryWithoutDiploma = "SECONDARY_WITHOUT_DIPLOMA",
        SecondaryWithDiploma = "SECONDARY_WITH_DIPLOMA",
        PostSecondaryVocational = "POST_SECONDARY_VOCATIONAL",
        UniversityStudent = "UNIVERSITY_STUDENT",
        BachelorLevel = "BACHELOR_LEVEL",
        MasterLevel = "MASTER_LEVEL",
        Postgraduate = "POSTGRADUATE",
    }
}

string_enum! {
    /// How much experience a job asks for.
    pub enum Experience {
        NoExperience = "NO_EXPERIENCE",
        LessThanOneYear = "LESS_THAN_1_YEAR",
        OneToThreeYears = "ONE_TO_3_YEARS",
        ThreeToFiveYears = "THREE_TO_5_YEARS",
        FiveToTenYears = "FIVE_TO_10_YEARS",
        MoreThanTenYears = "MORE_THAN_10_YEARS",
    }
}

string_enum! {
    /// What contract a job offers.
    pub enum ContractType {
        FullTime = "FULL_TIME",
        PartTime = "PART_TIME",
        Contract = "CONTRACT",
        Temporary = "TEMPORARY",
        Internship = "INTERNSHIP",
        Freelance = "FREELANCE",
    }
}

string_enum! {
    /// Whether a job takes applications.
    pub enum JobStatus {
        Open = "OPEN",
        Closed = "CLOSED",
    }
}

string_enum! {
    /// Where the work is done.
    pub enum WorkMode {
        Onsite = "ONSITE",
        Remote = "REMOTE",
        Hybrid = "HYBRID",
    }
}

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

/// Most skills of a job, required and nice to have together.
pub const SKILLS_MAX: usize = 10;
/// Most languages that a job asks for.
pub const LANGUAGE_REQUIREMENTS_MAX: usize = 5;

/// One skill: 1–128 characters.
pub type Skill = SingleLine<1, 128>;

/// A language and how well it must be spoken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LanguageRequirement {
    /// The language.
    pub language: Language,
    /// How well.
    pub proficiency: CefrLevel,
}

/// A country of ISO 3166-1 by its two letters; held as its place in [`CountryCode::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.binary_search_by(|code| (*code).cmp(text)).ok().and_then(|index| u8::try_from(index).ok()).map(Self)
    }

    /// The two letters.
    pub fn as_str(self) -> &'static str {
        Self::ALL[usize::from(self.0)]
    }
}

impl TryFrom<String> for CountryCode {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a country code")
    }
}

impl From<CountryCode> for String {
    fn from(code: CountryCode) -> Self {
        code.as_str().to_owned()
    }
}

/// Where a job is. All parts are optional.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
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
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country_code: Option<CountryCode>,
}

/// An amount of money: 0 to 10^12, with decimals where the currency has them.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Amount(f64);

impl Amount {
    /// More than any salary, in any currency; far below where decimals of a double get lost.
    pub const MAX: f64 = 1e12;

    /// Accepts an amount within the limits.
    pub fn new(amount: f64) -> Option<Self> {
        // Adding zero turns -0 into 0.
        (0.0..=Self::MAX).contains(&amount).then_some(Self(amount + 0.0))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A currency of ISO 4217 by its three letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CurrencyCode(iso_currency::Currency);

impl CurrencyCode {
    /// Accepts a code in upper case.
    pub fn parse(text: &str) -> Option<Self> {
        iso_currency::Currency::from_code(text).filter(|currency| currency.code() == text).map(Self)
    }

    /// The three letters.
    pub fn as_str(self) -> &'static str {
        self.0.code()
    }

    /// Every accepted code.
    pub fn all() -> impl Iterator<Item = &'static str> {
        <iso_currency::Currency as iso_currency::IntoEnumIterator>::iter().map(|currency| currency.code())
    }
}

impl TryFrom<String> for CurrencyCode {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a currency code")
    }
}

impl From<CurrencyCode> for String {
    fn from(code: CurrencyCode) -> Self {
        code.as_str().to_owned()
    }
}

/// What a job pays. Where both ends are given, `min` is at most `max`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Salary {
    /// At least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<Amount>,
    /// At most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Amount>,
    /// In this currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<CurrencyCode>,
    /// For this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<SalaryPeriod>,
}

/// What a company says about a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobProfile {
    /// For people.
    pub title: SingleLine<5, 200>,
    /// What the work is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<MultiLine<10, 5000>>,
    /// Where it is published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_url: Option<WebUrl>,
    /// What the company offers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub benefits: Option<MultiLine<0, 5000>>,
    /// Skills that a candidate must have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required_skills: Option<Vec<Skill>>,
    /// Skills that are welcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nice_to_have_skills: Option<Vec<Skill>>,
    /// Languages that must be spoken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language_requirements: Option<Vec<LanguageRequirement>>,
    /// Degrees of education that fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub education: Option<Vec<Education>>,
    /// Experience that is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experience: Option<Experience>,
    /// The contract offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract_type: Option<ContractType>,
    /// Whether it takes applications.
    pub status: JobStatus,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// What it pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salary: Option<Salary>,
    /// The caller's own data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
}

/// An open position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// Its identity.
    pub id: JobId,
    /// Whose it is.
    pub company_id: CompanyId,
    /// What the company said about it.
    #[serde(flatten)]
    pub profile: JobProfile,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Job {
    /// A new job.
    pub fn new(id: JobId, company_id: CompanyId, profile: JobProfile, now: Timestamp) -> Self {
        Self { id, company_id, profile, created_at: now, updated_at: now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_lists_in_upper_case() {
        assert!(CountryCode::ALL.is_sorted());
        assert_eq!(CountryCode::parse("SK").unwrap().as_str(), "SK");
        for text in ["sk", "ZZ", "SVK", ""] {
            assert_eq!(CountryCode::parse(text), None, "{text}");
        }
        assert_eq!(CurrencyCode::parse("EUR").unwrap().as_str(), "EUR");
        for text in ["eur", "EURO", "ZZZ", ""] {
            assert_eq!(CurrencyCode::parse(text), None, "{text}");
        }
        assert!(CurrencyCode::all().count() > 150);
    }

    #[test]
    fn amounts_at_their_limits() {
        assert_eq!(Amount::new(-0.0).unwrap().to_string(), "0");
        assert!(Amount::new(Amount::MAX).is_some());
        for amount in [-0.01, Amount::MAX * 1.001, f64::INFINITY, f64::NAN] {
            assert!(Amount::new(amount).is_none(), "{amount}");
        }
    }
}
