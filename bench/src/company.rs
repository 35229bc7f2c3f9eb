//! The company in whose name the bench calls: `local`'s demo company with a key and an allowance of its own.

use anyhow::Result;
use chrono::Utc;
use domain::allowance::Seconds;
use domain::api_key::ApiKeySecret;
use domain::time::Timestamp;
use local::demo::DemoCompany;
use store::{PlanChange, Store};

/// More than any run reserves: what is measured is how a charge is made, not how it is refused.
const MINUTES: u32 = 100_000_000;

/// Creates a company with a key and a telephone number.
pub async fn create(store: &Store) -> Result<DemoCompany> {
    let now = Timestamp::new(Utc::now());
    let company = DemoCompany { api_key: ApiKeySecret::generate()?.reveal().to_owned(), ..DemoCompany::fresh() };
    company.store(store, now).await?;
    let change = PlanChange { plan: None, granted: Some(Seconds::from_minutes(MINUTES)), overage_allowed: None };
    store.set_plan(company.company_id, change, now).await?;
    Ok(company)
}
