//! Usage of companies, as the API shows it.

use chrono::NaiveDate;
use domain::agent::Focus;
use domain::allowance::{Allowance, BillingSystem, Seconds};
use domain::company::{Company, CompanyId};
use domain::usage::{DayUsage, Usage, Used};
use serde::Serialize;

use crate::resource::{AmountsResponse, in_minutes};

/// What companies used.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct UsageResponse<'a> {
    /// The key's own company, or those of its system, newest first.
    pub companies: Vec<CompanyUsageResponse<'a>>,
    /// For the query parameter `cursor` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// What a company used.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CompanyUsageResponse<'a> {
    /// The company.
    company_id: CompanyId,
    /// The name of the company.
    company_name: &'a str,
    /// The unit of the amounts, which have up to two decimals.
    billing_system: BillingSystem,
    /// What the interviews that ended on these days took.
    #[serde(serialize_with = "in_minutes")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    total_minutes_used: Seconds,
    /// How many interviews these are: completed ones, and those that were cancelled while they ran.
    total_interviews: u64,
    /// The same for each focus that has such interviews.
    breakdown_by_focus: Vec<FocusUsageResponse>,
    /// The same for each day that has such interviews, oldest first.
    breakdown_by_day: Vec<DayUsageResponse>,
    /// The current month, whatever days are asked for.
    period: PeriodResponse,
}

impl<'a> CompanyUsageResponse<'a> {
    /// The usage of a company on some days, with its allowance as it stands now.
    pub fn new(company: &'a Company, allowance: &Allowance, days: &[DayUsage]) -> Self {
        let mut sum = Usage::default();
        days.iter().for_each(|day| sum.add_all(&day.usage));
        let Used { interviews, seconds } = sum.total();
        let of_focus = |(focus, used): (Focus, Used)| FocusUsageResponse { focus, used: used.into() };
        let of_day = |day: &DayUsage| DayUsageResponse { date: day.date, used: day.usage.total().into() };
        Self {
            company_id: company.id,
            company_name: company.profile.name.as_str(),
            billing_system: BillingSystem::Minutes,
            total_minutes_used: seconds,
            total_interviews: interviews,
            breakdown_by_focus: sum.by_focus().map(of_focus).collect(),
            breakdown_by_day: days.iter().map(of_day).collect(),
            period: PeriodResponse::from(allowance),
        }
    }
}

/// What the interviews of a focus took.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct FocusUsageResponse {
    /// The focus of the interviews' agents.
    focus: Focus,
    #[serde(flatten)]
    used: UsedResponse,
}

/// What the interviews of a day took.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct DayUsageResponse {
    /// The day (UTC) on which the interviews ended.
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("format" = "date")))]
    date: NaiveDate,
    #[serde(flatten)]
    used: UsedResponse,
}

/// What interviews took.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct UsedResponse {
    /// How many interviews these are.
    interviews: u64,
    /// What they took, in minutes.
    #[serde(serialize_with = "in_minutes")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    minutes_used: Seconds,
}

impl From<Used> for UsedResponse {
    fn from(Used { interviews, seconds }: Used) -> Self {
        Self { interviews, minutes_used: seconds }
    }
}

/// The interview time of a month.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct PeriodResponse {
    /// The first day of the month (UTC).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("format" = "date")))]
    from: Option<NaiveDate>,
    /// The last day of the month.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("format" = "date")))]
    to: Option<NaiveDate>,
    #[serde(flatten)]
    amounts: AmountsResponse,
}

impl From<&Allowance> for PeriodResponse {
    fn from(allowance: &Allowance) -> Self {
        let (from, to) = allowance.period.days().unzip();
        Self { from, to, amounts: AmountsResponse::from(allowance) }
    }
}
