//! Companies, their keys and their resources.

use api::ErrorCode;
use domain::StringEnum as _;
use domain::allowance::{Allowance, Seconds, SubscriptionStatus};
use domain::api_key::{ApiKey, ApiKeyId, ApiKeySecret, ApiKeyStatus, ROTATION_GRACE, Scope};
use domain::company::{AtsId, CompanyId, Owner, Plan};
use domain::contact::E164;
use domain::idempotency::IdSecret;
use domain::limits::{KeyLimits, UseLimits};
use domain::phone_number::{PhoneNumber, PhoneNumberId};
use domain::text::SingleLine;
use domain::time::Timestamp;
use serde_json::{Value, json};
use store::CompanyAccount;

use crate::answer::Answer;
use crate::body;
use crate::caller::Caller;
use crate::server::TestServer;

/// A company with a key of all scopes.
#[derive(Clone)]
pub struct Company {
    /// The company's id.
    pub id: CompanyId,
    /// The company as the owner of its key.
    pub(crate) caller: Caller,
}

/// A company to be created: on the business plan, without overage, managed by no system, unless told otherwise.
pub struct CompanyBuilder {
    server: TestServer,
    id: CompanyId,
    granted: Seconds,
    overage_allowed: bool,
    ats_id: Option<AtsId>,
    id_secret: IdSecret,
    plan: Plan,
}

impl CompanyBuilder {
    pub(crate) fn new(server: TestServer) -> Self {
        let granted = Plan::Business.grant(None).expect("the plan's own minutes");
        let id = CompanyId::new(server.id());
        let id_secret = IdSecret::generate().expect("randomness");
        Self { server, id, granted, overage_allowed: false, ats_id: None, id_secret, plan: Plan::Business }
    }

    /// Sets the company's id.
    pub fn id(mut self, id: CompanyId) -> Self {
        self.id = id;
        self
    }

    /// Sets the secret that the company's ids are derived with.
    pub fn id_secret(mut self, secret: IdSecret) -> Self {
        self.id_secret = secret;
        self
    }

    /// Grants so many minutes each month.
    pub fn minutes(mut self, minutes: u32) -> Self {
        self.granted = Seconds::from_minutes(minutes);
        self
    }

    /// Sets the plan; the minutes stay.
    pub fn plan(mut self, plan: Plan) -> Self {
        self.plan = plan;
        self
    }

    /// Lets the company go beyond its minutes.
    pub fn overage(mut self) -> Self {
        self.overage_allowed = true;
        self
    }

    /// Lets that system's keys act for the company.
    pub fn managed_by(mut self, ats_id: AtsId) -> Self {
        self.ats_id = Some(ats_id);
        self
    }

    /// Creates the company.
    pub async fn create(self) -> Company {
        let Self { server, id, granted, overage_allowed, ats_id, id_secret, plan } = self;
        let now = server.now();
        let name = SingleLine::parse("A company").expect("a name");
        let company = domain::company::Company::new(id, name, plan, ats_id, now);
        let allowance = Allowance::new(id, granted, overage_allowed, now);
        server.store().create_company(&company, &allowance, id_secret).await.expect("a company");
        Company { id, caller: Caller::new(server, Owner::Company(id)).await }
    }
}

impl TestServer {
    /// A key for a tracking system, to be created.
    pub fn ats_key(&self, ats_id: AtsId) -> KeyBuilder {
        KeyBuilder::new(self.clone(), Owner::Ats(ats_id))
    }
}

/// Limits of use that no test reaches.
const NEVER_REACHED: UseLimits = UseLimits { minute: 1_000_000, hour: 10_000_000 };

/// A key to be created: active, with all scopes, for ever, from anywhere, as often as one likes, unless told otherwise.
pub struct KeyBuilder {
    server: TestServer,
    owner: Owner,
    scopes: Vec<Scope>,
    status: ApiKeyStatus,
    suspended_at: Option<Timestamp>,
    suspension_reason: Option<String>,
    valid_until: Option<Timestamp>,
    allowed_ips: Vec<String>,
    limits: KeyLimits,
}

impl KeyBuilder {
    pub(crate) fn new(server: TestServer, owner: Owner) -> Self {
        Self {
            server,
            owner,
            scopes: Scope::ACCEPTED.to_vec(),
            status: ApiKeyStatus::Active,
            suspended_at: None,
            suspension_reason: None,
            valid_until: None,
            allowed_ips: Vec::new(),
            limits: KeyLimits { own_limits: Some(NEVER_REACHED), owner_limits: None },
        }
    }

    /// Gives the key these scopes only.
    pub fn scopes(mut self, scopes: &[Scope]) -> Self {
        self.scopes = scopes.to_vec();
        self
    }

    /// Revokes the key.
    pub fn revoked(mut self) -> Self {
        self.status = ApiKeyStatus::Revoked;
        self
    }

    /// Suspends the key, without time and reason.
    pub fn suspended(mut self) -> Self {
        self.status = ApiKeyStatus::Suspended;
        self
    }

    /// Suspends the key since that time, for that reason.
    pub fn suspended_since(mut self, at: Timestamp, reason: &str) -> Self {
        (self.suspended_at, self.suspension_reason) = (Some(at), Some(reason.to_owned()));
        self.suspended()
    }

    /// Lets the key work until that instant, the instant itself excluded.
    pub fn until(mut self, end: Timestamp) -> Self {
        self.valid_until = Some(end);
        self
    }

    /// Lets the key work from these blocks of addresses only. Tests call from 127.0.0.1.
    pub fn from(mut self, blocks: &[&str]) -> Self {
        self.allowed_ips = blocks.iter().map(|block| (*block).to_owned()).collect();
        self
    }

    /// Gives the key limits of its own.
    pub fn limits(mut self, limits: UseLimits) -> Self {
        self.limits = KeyLimits { own_limits: Some(limits), owner_limits: None };
        self
    }

    /// Gives the key the limits of its owner.
    pub fn limited(mut self) -> Self {
        self.limits = KeyLimits::default();
        self
    }

    /// Creates the key. Returns its id and its secret.
    pub async fn create(self) -> (ApiKeyId, String) {
        let Self { server, owner, scopes, status, suspended_at, suspension_reason, valid_until, allowed_ips, limits } =
            self;
        let secret = ApiKeySecret::generate().expect("randomness");
        let (id, now) = (ApiKeyId::new(server.id()), server.now());
        let key = ApiKey {
            id,
            owner,
            name: None,
            scopes,
            status,
            suspended_at,
            suspension_reason: suspension_reason.map(|reason| SingleLine::parse(reason).expect("a reason")),
            replaced_by: None,
            valid_until,
            allowed_ips: allowed_ips.iter().map(|block| block.parse().expect("a block")).collect(),
            limits,
            created_at: now,
            updated_at: now,
        };
        server.store().create_api_key(&key, &secret.hash()).await.expect("a key");
        (id, secret.reveal().to_owned())
    }
}

impl Company {
    /// A replacement of the company's key. The old one goes on working.
    pub async fn rotated_key(&self) -> String {
        let (store, now) = (self.server().store(), self.server().now());
        let old = ApiKeySecret::parse(&self.key).expect("a key").hash();
        let (id, secret) = (ApiKeyId::new(self.server().id()), ApiKeySecret::generate().expect("randomness"));
        let old = store.api_key_by_secret(&old).await.expect("the company's key").id;
        store.rotate_api_key(old, id, &secret.hash(), ROTATION_GRACE, now).await.expect("a rotation");
        secret.reveal().to_owned()
    }

    /// The answer to a `POST` of the company that creates something.
    pub async fn created(&self, path: &str, body: &Value) -> Answer {
        self.post(path).json(body).answered(201).await
    }

    /// The answer to a `POST` of the company that is refused, and leaves nothing behind.
    pub async fn refused(&self, path: &str, body: &Value, code: ErrorCode) -> Answer {
        self.post(path).json(body).refused(code).await
    }

    /// The id of a new agent.
    pub async fn agent(&self, body: &Value) -> String {
        self.created("/agents", body).await.id()
    }

    /// The id of a new telephone number.
    pub async fn phone_number(&self) -> String {
        self.server().new_phone_number(self.id).await
    }

    /// The id of a new candidate in the talent pool.
    pub async fn candidate(&self) -> String {
        self.candidate_of(&body::candidate()).await
    }

    /// The id of a new candidate in the talent pool who is as given.
    pub async fn candidate_of(&self, candidate: &Value) -> String {
        let interview = json!({"candidate": candidate, "agent": body::generic_agent(), "isTest": true});
        self.created("/interviews", &interview).await.text_of("candidateId").to_owned()
    }

    /// The id of a new candidate, and those of the jobs that the candidate is assigned to.
    pub async fn candidate_with_jobs(&self, jobs: usize) -> (String, Vec<String>) {
        let candidate_id = self.candidate().await;
        let agent_id = self.agent(&body::agent()).await;
        let mut job_ids = Vec::new();
        for _ in 0..jobs {
            let interview =
                json!({"candidateId": candidate_id, "agentId": agent_id, "job": body::job(), "isTest": true});
            job_ids.push(self.created("/interviews", &interview).await.text_of("jobId").to_owned());
        }
        (candidate_id, job_ids)
    }

    /// The id of a new job.
    pub async fn job(&self) -> String {
        self.candidate_with_jobs(1).await.1.remove(0)
    }

    /// The company and its allowance, as stored.
    pub async fn account(&self) -> CompanyAccount {
        self.server().store().company(self.id).await.expect("a company")
    }

    /// The company's allowance, as stored.
    pub async fn allowance(&self) -> Allowance {
        self.account().await.allowance
    }

    /// Leaves the company so many seconds of its grant; the rest counts as used.
    pub async fn leave_seconds(&self, remaining: i64) {
        let Allowance { granted_seconds: Seconds(granted), reserved_seconds: Seconds(reserved), .. } =
            self.allowance().await;
        let used = granted - reserved - remaining;
        let amounts = json!({"remainingSeconds": {"N": remaining.to_string()}, "usedSeconds": {"N": used.to_string()}});
        self.server().set_attributes(&format!("COMPANY#{}", self.id), "ALLOWANCE#00", &amounts).await;
    }

    /// Suspends the company's subscription.
    pub async fn suspend(&self) {
        let store = self.server().store();
        store
            .set_subscription(self.id, SubscriptionStatus::Suspended, self.server().now())
            .await
            .expect("a suspension");
    }
}

impl TestServer {
    /// The id of a new telephone number of a company.
    pub async fn new_phone_number(&self, company_id: CompanyId) -> String {
        let (id, now) = (PhoneNumberId::new(self.id()), self.now());
        let number = E164::parse("+421211222333").expect("a number");
        let number = PhoneNumber { id, company_id, number, created_at: now, updated_at: now };
        self.store().add_phone_number(&number).await.expect("a phone number");
        id.to_string()
    }
}
