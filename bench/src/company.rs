//! The company in whose name the bench calls, made by the operator's functions of the store.

use anyhow::{Result, anyhow};
use domain::StringEnum as _;
use domain::allowance::{Allowance, Seconds};
use domain::api_key::{ApiKey, ApiKeyId, ApiKeySecret, ApiKeyStatus, Scope};
use domain::company::{CompanyId, Owner, Plan};
use domain::contact::E164;
use domain::phone_number::{PhoneNumber, PhoneNumberId};
use domain::text::SingleLine;
use domain::time::Timestamp;
use store::Store;
use uuid::Uuid;

/// More than any run reserves: what is measured is how a charge is made, not how it is refused.
const MINUTES: u32 = 100_000_000;

/// A company with a key and a telephone number.
pub struct Company {
    /// Its id.
    pub id: CompanyId,
    /// A key with all scopes.
    pub api_key: String,
    /// The number's id.
    pub phone_number_id: PhoneNumberId,
}

impl Company {
    /// Creates one in the table of an engine.
    pub async fn create(store: &Store) -> Result<Company> {
        let id = CompanyId::new(Uuid::new_v4());
        let now = Timestamp::new(chrono::Utc::now());
        let company = domain::company::Company {
            id,
            name: SingleLine::parse("Bench").map_err(|_| anyhow!("not a name"))?,
            plan: Plan::Enterprise,
            ats_id: None,
            created_at: now,
            updated_at: now,
        };
        let allowance = Allowance::new(id, Seconds::from_minutes(MINUTES), false, now);
        store.create_company(&company, &allowance).await?;

        let secret = ApiKeySecret::generate()?;
        let key = ApiKey {
            id: ApiKeyId::new(Uuid::new_v4()),
            owner: Owner::Company(id),
            name: None,
            scopes: Scope::ACCEPTED.to_vec(),
            status: ApiKeyStatus::Active,
            suspended_at: None,
            suspension_reason: None,
            valid_until: None,
            allowed_ips: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        store.create_api_key(&key, &secret.hash()).await?;

        let number = PhoneNumber {
            id: PhoneNumberId::new(Uuid::new_v4()),
            company_id: id,
            number: E164::parse("+421901234567")?,
            created_at: now,
            updated_at: now,
        };
        store.add_phone_number(&number).await?;
        Ok(Company { id, api_key: secret.reveal().to_owned(), phone_number_id: number.id })
    }
}

/// A table of an engine on this machine.
pub async fn store(engine_url: &str, table: &str) -> Store {
    let plain_http = aws_smithy_http_client::Builder::new().build_http();
    Store::at_endpoint(table, engine_url, plain_http).await
}
