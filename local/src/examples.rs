//! The things that the examples of `openapi.yaml` name, under the ids that they have there: the demo company's, those of
//! another company, and the companies of the demo system. With them, each example is answered as documented.

use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use chrono::TimeDelta;
use domain::agent::{Agent, AgentId, NewAgent};
use domain::allowance::Allowance;
use domain::company::{Ats, Company, CompanyId, Owner, Plan};
use domain::delivery::{AttemptOutcome, AttemptRecord, DELIVERY_KEPT_DAYS, Delivery, DeliveryId, DeliveryStatus};
use domain::event::EventType;
use domain::interview::{CandidateChange, NewInterview, NewInterviewIds, ResolvedInterview};
use domain::job::Job;
use domain::phone_number::PhoneNumberId;
use domain::time::Timestamp;
use domain::webhook::{Circuit, SigningSecret, Targets, Webhook, WebhookHeader, WebhookId, WebhookSecrets, WebhookUrl};
use domain::{Reference, Versioned};
use openapi::ids;
use serde_json::{Value, json};
use store::{Create, Creation, IdempotencyRecord, NewJob, NewWebhook, Store, WriteContext};
use vault::Vault;

use crate::demo::{DemoCompany, ID_SECRET, line, unless_there};

/// The endpoint that fails: the port of a service that no machine has any more.
pub const FAILING_ENDPOINT: &str = "http://127.0.0.1:9/greenroom";

/// The events of the webhooks. Nothing in `local` makes an interview fail: they get what somebody tries out with them,
/// and take no part in anything else.
const FAILURES: [EventType; 2] = [EventType::InterviewFailed, EventType::AnalysisFailed];

/// Stores what is missing of the things. What is there, or was deleted, stays as it is. `endpoint` is a URL that takes
/// every post.
///
/// # Errors
/// The table or the vault can't be reached.
pub async fn store(store: &Store, vault: &Vault, demo: &DemoCompany, endpoint: &str, now: Timestamp) -> Result<()> {
    let since = TimeDelta::milliseconds(now.epoch_ms() - ids::now()?.epoch_ms());
    let things = Things { store, vault, company_id: demo.company_id, now, since };
    things.store_other_company().await?;
    things.store_managed_companies().await?;
    things.store_agents(demo.phone_number_id).await?;
    things.store_retired_job().await?;
    things.store_interviews().await?;
    things.store_foreign_interview().await?;
    things.store_scheduled_interviews().await?;
    things.store_webhooks(endpoint).await?;
    things.store_deliveries().await
}

/// The members of an agent for the talent pool.
fn generic() -> Value {
    json!({"name": "Generic agent", "focus": "GENERIC"})
}

/// The means to store the things.
struct Things<'a> {
    store: &'a Store,
    vault: &'a Vault,
    /// The company that sends the examples.
    company_id: CompanyId,
    now: Timestamp,
    /// The time since the examples' present.
    since: TimeDelta,
}

impl Things<'_> {
    /// The time that is as long ago now as that one was in the examples' present.
    fn time(&self, documented: &str) -> Result<Timestamp> {
        let documented: Timestamp = documented.parse()?;
        Ok(documented.checked_add(self.since).unwrap_or(documented))
    }

    async fn create<C: Create>(&self, company_id: CompanyId, new: &C) -> Result<()> {
        let record = IdempotencyRecord { request_id: "example", fingerprint: None };
        let context =
            WriteContext { tenant: Owner::Company(company_id), managed: None, record, trace_id: None, now: self.now };
        match new.create(&mut self.store.session(), &context).await? {
            Creation::Created(_) | Creation::Exists(_) | Creation::Deleted(_) | Creation::Refused(_) => Ok(()),
            Creation::Changed => bail!("something else changes what the examples name"),
        }
    }

    async fn store_other_company(&self) -> Result<()> {
        let company = Company::new(ids::OTHER_COMPANY, line("Another company")?, Plan::Starter, None, self.now);
        let granted = company.plan.grant(None).unwrap_or_default();
        let allowance = Allowance::new(company.id, granted, false, self.now);
        unless_there(self.store.create_company(&company, &allowance, ID_SECRET).await)?;
        let phone_number = crate::demo::phone_number(ids::FOREIGN_PHONE_NUMBER, company.id, self.now)?;
        unless_there(self.store.add_phone_number(&phone_number).await)?;
        Ok(())
    }

    /// Stores the companies of the demo system.
    async fn store_managed_companies(&self) -> Result<()> {
        let ats = Ats::new(ids::ATS, line("Demo system")?, self.now);
        let logistics = json!({
            "name": "River Logistics",
            "description": "Warehouses and lorries.",
            "metadata": r#"{"customer":17}"#,
        });
        let companies =
            [(ids::MANAGED_COMPANY, logistics), (ids::OTHER_MANAGED_COMPANY, json!({"name": "Mountain Hotels"}))];
        for (id, profile) in companies {
            let (company, allowance) = ats.new_company(id, serde_json::from_value(profile)?, self.now);
            unless_there(self.store.create_company(&company, &allowance, ID_SECRET).await)?;
        }
        Ok(())
    }

    fn agent(&self, id: AgentId, company_id: CompanyId, members: Value) -> Result<NewAgent> {
        let mut profile = json!({
            "name": "Screening agent",
            "type": "ONLINE",
            "focus": "SCREENING",
            "language": "EN",
            "duration": 30,
            "backgroundSound": "OFF",
        });
        if let (Some(profile), Value::Object(members)) = (profile.as_object_mut(), members) {
            profile.extend(members);
        }
        let agent = Agent::new(id, company_id, serde_json::from_value(profile)?, self.now);
        Ok(NewAgent { agent, phone_number: None })
    }

    /// Stores the agents but [`ids::AGENT`], which comes with the interviews.
    async fn store_agents(&self, number: PhoneNumberId) -> Result<()> {
        let company_id = self.company_id;
        let calls = json!({"name": "Agent that calls", "type": "PHONE", "companyPhoneNumberId": number});
        self.create(company_id, &self.agent(ids::GENERIC_AGENT, company_id, generic())?).await?;
        self.create(company_id, &self.agent(ids::PHONE_AGENT, company_id, calls)?).await?;
        let retired = json!({"name": "Agent of last season"});
        self.create(company_id, &self.agent(ids::RETIRED_AGENT, company_id, retired)?).await?;
        self.create(ids::OTHER_COMPANY, &self.agent(ids::FOREIGN_AGENT, ids::OTHER_COMPANY, json!({}))?).await
    }

    /// Stores the job that no interview brings along.
    async fn store_retired_job(&self) -> Result<()> {
        let profile = serde_json::from_value(json!({"title": "Harvest helper", "status": "OPEN"}))?;
        self.create(self.company_id, &NewJob(Job::new(ids::RETIRED_JOB, self.company_id, profile, self.now))).await
    }

    /// Stores an interview of the other company, of its candidate and for its job.
    async fn store_foreign_interview(&self) -> Result<()> {
        let agent = self.agent(ids::FOREIGN_AGENT, ids::OTHER_COMPANY, json!({}))?.agent;
        let candidate = json!({
            "firstName": "Nina",
            "lastName": "Horváth",
            "gdprExpiryDate": "2040-12-31",
            "email": "nina.horvath@example.com",
        });
        let named = NewInterviewIds {
            interview: ids::FOREIGN_INTERVIEW,
            candidate: ids::FOREIGN_CANDIDATE,
            agent: ids::FOREIGN_AGENT,
            job: ids::FOREIGN_JOB,
        };
        let agent = Reference::Existing(Versioned { version: 1, value: agent });
        let new = self.interview(ids::OTHER_COMPANY, named, candidate, agent, "Cook")?;
        self.create(ids::OTHER_COMPANY, &new).await
    }

    /// Stores an interview of each candidate, with all that it needs.
    async fn store_interviews(&self) -> Result<()> {
        let agent = self.agent(ids::AGENT, self.company_id, json!({}))?;
        let candidate = json!({
            "firstName": "Zuzana",
            "lastName": "Nováková",
            "gdprExpiryDate": "2040-12-31",
            "email": "zuzana.novakova@example.com",
            "phoneNumber": "+421901234567",
        });
        let named =
            NewInterviewIds { interview: ids::INTERVIEW, candidate: ids::CANDIDATE, agent: ids::AGENT, job: ids::JOB };
        let new =
            self.interview(self.company_id, named, candidate, Reference::New(agent.clone()), "Warehouse operator")?;
        self.create(self.company_id, &new).await?;

        let candidate = json!({
            "firstName": "Tomáš",
            "lastName": "Malý",
            "gdprExpiryDate": "2040-12-31",
            "email": "tomas.maly@example.com",
        });
        let named = NewInterviewIds {
            interview: ids::OTHER_INTERVIEW,
            candidate: ids::CANDIDATE_WITH_TWO_JOBS,
            job: ids::OTHER_JOB,
            ..named
        };
        let agent = Reference::Existing(Versioned { version: 1, value: agent.agent });
        let mut new = self.interview(self.company_id, named, candidate, agent, "Shift leader")?;
        if let CandidateChange::Created(candidate) = &mut new.candidate {
            candidate.job_ids.insert(0, ids::JOB);
        }
        self.create(self.company_id, &new).await
    }

    /// Stores interviews of the talent pool, in a week.
    async fn store_scheduled_interviews(&self) -> Result<()> {
        let interviews = [
            (ids::SCHEDULED_INTERVIEW, ids::APPLICANT, "Eva"),
            (ids::OTHER_SCHEDULED_INTERVIEW, ids::LEAVING_CANDIDATE, "Ivan"),
            (ids::MOVED_INTERVIEW, ids::OTHER_APPLICANT, "Olga"),
        ];
        for (interview, candidate, first_name) in interviews {
            let profile = json!({
                "firstName": first_name,
                "lastName": "Horváth",
                "gdprExpiryDate": "2040-12-31",
                "email": format!("{}.horvath@example.com", first_name.to_lowercase()),
            });
            let agent = self.agent(ids::GENERIC_AGENT, self.company_id, generic())?.agent;
            let resolved = ResolvedInterview {
                candidate: Reference::New(serde_json::from_value(profile)?),
                agent: Reference::Existing(Versioned { version: 1, value: agent }),
                assigned: Vec::new(),
                job: None,
                schedule_time: Some(self.time("2026-11-29T10:00:00Z")?),
                is_test: false,
                metadata: None,
            };
            let named = NewInterviewIds { interview, candidate, agent: ids::GENERIC_AGENT, job: ids::JOB };
            let new = resolved.decide(self.company_id, named, self.now).map_err(|refusal| anyhow!("{refusal:?}"))?;
            self.create(self.company_id, &new).await?;
        }
        Ok(())
    }

    /// An interview in test mode, of a new candidate for a new job.
    fn interview(
        &self,
        company_id: CompanyId,
        named: NewInterviewIds,
        candidate: Value,
        agent: Reference<Versioned<Agent>, NewAgent>,
        job_title: &str,
    ) -> Result<NewInterview> {
        let job = serde_json::from_value(json!({"title": job_title, "status": "OPEN"}))?;
        let resolved = ResolvedInterview {
            candidate: Reference::New(serde_json::from_value(candidate)?),
            assigned: Vec::new(),
            agent,
            job: Some(Reference::New(Job::new(named.job, company_id, job, self.now))),
            schedule_time: None,
            is_test: true,
            metadata: None,
        };
        resolved.decide(company_id, named, self.now).map_err(|refusal| anyhow!("{refusal:?}"))
    }

    /// A webhook like any other, still without its secrets.
    fn webhook(&self, id: WebhookId, company_id: CompanyId, url: &str, created_at: &str) -> Result<Webhook> {
        let created_at = self.time(created_at)?;
        Ok(Webhook {
            id,
            owner: Owner::Company(company_id),
            only_company_id: None,
            url: WebhookUrl::parse(url, Targets::PublicAndLoopback)?,
            events: FAILURES.to_vec(),
            name: None,
            description: None,
            header_names: Vec::new(),
            paused: None,
            circuit: Circuit::default(),
            sealed_within: None,
            created_by_key_id: None,
            created_at,
            updated_at: created_at,
        })
    }

    async fn store_webhooks(&self, endpoint: &str) -> Result<()> {
        let company_id = self.company_id;
        let headers: Vec<WebhookHeader> =
            serde_json::from_value(json!([{"name": "Authorization", "value": "Bearer alerts-token"}]))?;
        let works = Webhook {
            name: Some(line("Alerts")?),
            header_names: headers.iter().map(|header| header.name.clone()).collect(),
            ..self.webhook(ids::WEBHOOK, company_id, endpoint, "2026-10-01T12:00:00Z")?
        };
        let opened = Circuit {
            consecutive_failures: 27,
            failing_since: Some(self.time("2026-11-22T07:41:12.318Z")?),
            opened_at: Some(self.time("2026-11-22T08:46:20.004Z")?),
            next_probe_at: Some(self.time("2026-11-22T09:31:20.411Z")?),
        };
        let fails = Webhook {
            circuit: opened,
            ..self.webhook(ids::FAILING_WEBHOOK, company_id, FAILING_ENDPOINT, "2026-10-05T08:15:30.250Z")?
        };
        let retired = Webhook {
            name: Some(line("Not needed any more")?),
            ..self.webhook(ids::RETIRED_WEBHOOK, company_id, endpoint, "2026-10-06T10:45:00Z")?
        };
        let foreign = "https://other.example.com";
        let foreign = self.webhook(ids::FOREIGN_WEBHOOK, ids::OTHER_COMPANY, foreign, "2026-10-07T16:20:00Z")?;
        let webhooks = [
            (company_id, works, headers),
            (company_id, fails, vec![]),
            (company_id, retired, vec![]),
            (ids::OTHER_COMPANY, foreign, vec![]),
        ];
        for (owner, webhook, headers) in webhooks {
            let secrets = WebhookSecrets::new(SigningSecret::generate()?, headers, webhook.created_at);
            let sealed = delivery::seal(self.vault, webhook.id, &secrets).await?;
            self.create(owner, &NewWebhook { webhook, sealed }).await?;
        }
        Ok(())
    }

    /// A delivery without an attempt.
    fn delivery(&self, id: DeliveryId, began_at: &str) -> Result<Delivery> {
        let began_at = self.time(began_at)?;
        Ok(Delivery {
            id,
            webhook_id: ids::WEBHOOK,
            event: EventType::InterviewFailed,
            occurred_at: began_at,
            company_id: Some(self.company_id),
            interview_id: Some(ids::INTERVIEW),
            status: DeliveryStatus::Pending,
            attempts: 0,
            running: None,
            step: 0,
            series_began_at: began_at,
            next_attempt_at: None,
            last_attempt: None,
            message_id: None,
            created_at: began_at,
            updated_at: began_at,
            expires_at: began_at.saturating_add(Duration::from_secs(DELIVERY_KEPT_DAYS * 24 * 60 * 60)).epoch_seconds(),
        })
    }

    async fn store_deliveries(&self) -> Result<()> {
        let went_well = AttemptRecord {
            at: self.time("2026-11-22T09:20:00.140Z")?,
            outcome: AttemptOutcome::Delivered,
            http_status: Some(204),
            duration_ms: 96,
            response_body: None,
        };
        let went_wrong = AttemptRecord {
            at: self.time("2026-11-21T19:48:31.577Z")?,
            outcome: AttemptOutcome::BadStatus,
            http_status: Some(502),
            duration_ms: 1_204,
            response_body: Some("Bad Gateway".to_owned()),
        };
        let deliveries = [
            Delivery {
                event: EventType::AnalysisFailed,
                status: DeliveryStatus::Succeeded,
                attempts: 1,
                step: 1,
                last_attempt: Some(went_well),
                updated_at: self.time("2026-11-22T09:20:00.236Z")?,
                ..self.delivery(ids::DELIVERY, "2026-11-22T09:20:00Z")?
            },
            Delivery {
                status: DeliveryStatus::Failed,
                attempts: 10,
                step: 10,
                last_attempt: Some(went_wrong),
                updated_at: self.time("2026-11-21T19:48:32.781Z")?,
                ..self.delivery(ids::FAILED_DELIVERY, "2026-11-19T14:05:00Z")?
            },
        ];
        for delivery in deliveries {
            // One that is there already stays as it is.
            self.store.session().write_delivery(None, &delivery).await?;
        }
        Ok(())
    }
}
