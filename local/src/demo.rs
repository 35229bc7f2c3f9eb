//! The demo company, whose key opens the API right after the start, and the demo system, whose key manages companies.

use std::{fs, io::ErrorKind, path::Path};

use anyhow::{Context, Result, anyhow};
use chrono::{Months, NaiveDate};
use domain::StringEnum as _;
use domain::allowance::{Allowance, Seconds};
use domain::api_key::{ApiKey, ApiKeyId, ApiKeySecret, ApiKeyStatus, Scope};
use domain::company::{Ats, Company, CompanyId, Owner, Plan};
use domain::contact::E164;
use domain::idempotency::IdSecret;
use domain::limits::KeyLimits;
use domain::phone_number::{PhoneNumber, PhoneNumberId};
use domain::text::SingleLine;
use domain::time::Timestamp;
use openapi::ids;
use serde::{Deserialize, Serialize};
use store::{OperatorError, Store};
use uuid::Uuid;

use crate::folder::{Folder, write_private};

const PLAN: Plan = Plan::Scale;
/// A number that is kept free for examples.
const PHONE_NUMBER: &str = "+421200000000";

/// The key of every demo company, so that the files of `events/` and the examples of the README work as they are. Only
/// an engine on this machine knows it.
pub const API_KEY: &str = "sk_GreenroomDemoKeyNotASecret0000000000000000039jXpq";

/// The key of the demo system, an applicant tracking system.
pub const SYSTEM_API_KEY: &str = "sk_GreenroomDemoSystemKeyNotASecret0000000000046pRRE";

/// The secret that the ids of companies here are derived with. Fixed, as the key is: only an engine on this machine has it.
pub const ID_SECRET: IdSecret = IdSecret::from_bytes(*b"greenroom demo 1");

/// The demo company's identity and its key.
///
/// A folder keeps it before the table does, so that a start that was cut off is finished by the next one under the same
/// ids, and so that the key, of which the table holds only a hash, can be shown again.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DemoCompany {
    pub company_id: CompanyId,
    /// A number that its agents may call from.
    pub phone_number_id: PhoneNumberId,
    pub api_key_id: ApiKeyId,
    /// The key, which may do everything.
    pub api_key: String,
}

impl DemoCompany {
    /// The company that sends the document's examples.
    pub fn documented() -> Self {
        Self { company_id: ids::COMPANY, phone_number_id: ids::PHONE_NUMBER, ..Self::fresh() }
    }

    /// A new company.
    pub fn fresh() -> Self {
        Self {
            company_id: CompanyId::new(Uuid::new_v4()),
            phone_number_id: PhoneNumberId::new(Uuid::new_v4()),
            api_key_id: ApiKeyId::new(Uuid::new_v4()),
            api_key: API_KEY.to_owned(),
        }
    }

    /// The company that this folder keeps; at first the documented one.
    pub fn of(folder: &Folder) -> Result<Self> {
        let file = folder.demo();
        match fs::read_to_string(&file) {
            Ok(text) => Self::read(&text).with_context(|| unreadable(&file)),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let demo = Self::documented();
                write_private(&file, &serde_json::to_string_pretty(&demo)?)?;
                Ok(demo)
            }
            Err(error) => Err(error).with_context(|| unreadable(&file)),
        }
    }

    fn read(text: &str) -> Result<Self> {
        let demo: Self = serde_json::from_str(text)?;
        demo.secret()?;
        Ok(demo)
    }

    fn secret(&self) -> Result<ApiKeySecret> {
        ApiKeySecret::parse(&self.api_key).context("apiKey is not a key")
    }

    /// Stores what is missing of the company, its allowance, its phone number and its key, and of the system.
    pub async fn store(&self, store: &Store, now: Timestamp) -> Result<()> {
        let company = Company::new(self.company_id, line("Demo company")?, PLAN, None, now);
        let granted = PLAN.grant(None).unwrap_or(Seconds::ZERO);
        let allowance = Allowance::new(self.company_id, granted, true, now);
        let phone_number = phone_number(self.phone_number_id, self.company_id, now)?;
        let api_key = api_key(self.api_key_id, self.company_id, now)?;
        unless_there(store.create_company(&company, &allowance, ID_SECRET).await)?;
        unless_there(store.add_phone_number(&phone_number).await)?;
        unless_there(store.create_api_key(&api_key, &self.secret()?.hash()).await.map(drop))?;
        store_system(store, now).await
    }

    /// A command that creates an interview, with everything that belongs to it, in the API at this URL.
    pub fn curl(&self, api_url: &str, today: NaiveDate) -> String {
        let expiry = today + Months::new(12);
        format!(
            r#"curl -i {api_url}/interviews \
  -H 'Authorization: Bearer {key}' \
  -H 'Content-Type: application/json' \
  -d '{{
    "candidate": {{
      "firstName": "Ada", "lastName": "Novak", "email": "ada.novak@example.com",
      "gdprExpiryDate": "{expiry}"
    }},
    "agent": {{
      "name": "First screening", "type": "ONLINE", "focus": "SCREENING", "language": "EN", "duration": 15,
      "questions": ["What are you most proud of in your last position?"]
    }},
    "job": {{
      "title": "Support engineer", "description": "Helps our customers with everything technical."
    }}
  }}'"#,
            key = self.api_key,
        )
    }

    /// Instructions to see events arrive: a receiver with a webhook of its own, and a test interview.
    pub fn webhook_hint(&self, api_url: &str) -> String {
        format!(
            "To see events arrive, start a receiver in another terminal:\n\
             cargo run --bin local -- listen --api {api_url}\n\
             and create an interview as above with \"isTest\": true."
        )
    }
}

/// Stores what is missing of the demo system and its key.
async fn store_system(store: &Store, now: Timestamp) -> Result<()> {
    let ats = Ats::new(ids::ATS, line("Demo system")?, now);
    unless_there(store.create_ats(&ats, ID_SECRET).await)?;
    let secret = ApiKeySecret::parse(SYSTEM_API_KEY).context("the system's key is not a key")?;
    unless_there(store.create_api_key(&api_key(ids::ATS_API_KEY, ats.id, now)?, &secret.hash()).await.map(drop))?;
    Ok(())
}

/// A key that may do everything.
fn api_key(id: ApiKeyId, owner: impl Into<Owner>, now: Timestamp) -> Result<ApiKey> {
    Ok(ApiKey {
        id,
        owner: owner.into(),
        name: Some(line("Demo key")?),
        scopes: Scope::ACCEPTED.to_vec(),
        status: ApiKeyStatus::Active,
        suspended_at: None,
        suspension_reason: None,
        replaced_by: None,
        valid_until: None,
        allowed_ips: Vec::new(),
        limits: KeyLimits::default(),
        created_at: now,
        updated_at: now,
    })
}

/// A telephone number of that company, which nobody answers.
pub(crate) fn phone_number(id: PhoneNumberId, company_id: CompanyId, now: Timestamp) -> Result<PhoneNumber> {
    Ok(PhoneNumber { id, company_id, number: E164::parse(PHONE_NUMBER)?, created_at: now, updated_at: now })
}

/// Success for an item that an earlier start has stored: it stays, also if an operator has changed it since.
pub(crate) fn unless_there(created: Result<(), OperatorError>) -> Result<(), OperatorError> {
    match created {
        Err(OperatorError::Changed) => Ok(()),
        created => created,
    }
}

pub(crate) fn line<const MIN: usize, const MAX: usize>(text: &str) -> Result<SingleLine<MIN, MAX>> {
    SingleLine::parse(text).map_err(|error| anyhow!("{text}: {error:?}"))
}

fn unreadable(file: &Path) -> String {
    format!("{} cannot be read; without it there would be a new demo company", file.display())
}
