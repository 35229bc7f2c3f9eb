//! The second of a request's two round trips: everything that it creates or changes, or nothing.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::Versioned;
use domain::agent::{Agent, AgentId};
use domain::allowance::{Allowance, Charge, ChargeRefusal};
use domain::company::CompanyId;
use domain::idempotency::Fingerprint;
use domain::interview::{
    CandidateChange, Interview, InterviewAgent, InterviewId, InterviewJob, NewInterview, Reservation,
};
use domain::phone_number::PhoneNumber;

use crate::error::StoreError;
use crate::item::{COMPANY_ID, Entity, FINGERPRINT, Item, REQUEST_ID, entity, is_tombstone, text};
use crate::key::Key;
use crate::session::{Commit, Refusal, Session};
use crate::write::{Origin, Record, assign, charge, create, create_recorded, guard, guard_company};

/// A resource that an earlier request created under the same identity.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded<T> {
    /// The resource as it stands.
    pub resource: T,
    /// What that request was, if it had an idempotency key.
    pub fingerprint: Option<Fingerprint>,
}

/// What became of a request to create something.
#[derive(Debug)]
pub enum Creation<T, R> {
    /// It is created.
    Created(T),
    /// It exists: an earlier request created it.
    Exists(Recorded<T>),
    /// It existed: an earlier request created it, and it was deleted since.
    Deleted,
    /// Something that the decision was based on has changed: read and decide again.
    Changed,
    /// A rule forbids it.
    Refused(R),
}

/// Nothing but what was read decides on an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Never {}

/// The writes of one request by name; the name finds the reason again if the transaction is cancelled.
pub(crate) struct Plan<P> {
    pub places: Vec<P>,
    pub writes: Vec<TransactWriteItem>,
}

impl<P: Copy + PartialEq> Plan<P> {
    pub fn new() -> Self {
        Self { places: Vec::new(), writes: Vec::new() }
    }

    pub fn add(&mut self, place: P, write: TransactWriteItem) {
        self.places.push(place);
        self.writes.push(write);
    }

    /// The failed conditions by name, in the order of the writes.
    pub fn named(places: Vec<P>, refusals: Vec<Option<Refusal>>) -> Vec<(P, Refusal)> {
        places.into_iter().zip(refusals).filter_map(|(place, refusal)| Some((place, refusal?))).collect()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum AgentPlace {
    Agent,
    PhoneNumber,
    Company,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum InterviewPlace {
    Interview,
    Allowance,
    Candidate,
    Agent,
    Job,
    PhoneNumber,
    Company,
}

impl Session {
    /// Creates an agent. Its telephone number, if it has one, must still be the company's.
    pub async fn create_agent(
        &mut self,
        agent: Agent,
        phone_number: Option<&Versioned<PhoneNumber>>,
        origin: &Origin<'_>,
    ) -> Result<Creation<Agent, Never>, StoreError> {
        let table = self.table.clone();
        let mut plan = Plan::new();
        plan.add(AgentPlace::Agent, create_recorded(&table, Key::agent(agent.id), &agent, origin.record())?);
        if let Some(number) = phone_number {
            plan.add(AgentPlace::PhoneNumber, guard_phone_number(&table, number, origin.company_id)?);
        }
        if let Some(company) = &origin.managed {
            plan.add(AgentPlace::Company, guard_company(&table, company)?);
        }
        match self.commit(plan.writes).await? {
            Commit::Done => Ok(Creation::Created(agent)),
            Commit::Refused(refusals) => match Plan::named(plan.places, refusals).into_iter().next() {
                Some((AgentPlace::Agent, refusal)) => existing(refusal, origin.record()),
                Some((AgentPlace::PhoneNumber | AgentPlace::Company, _)) => Ok(Creation::Changed),
                None => Err(StoreError::unknown("TransactWriteItems", "cancelled without a reason")),
            },
        }
    }

    /// Creates an interview with all that belongs to it, and charges for it.
    pub async fn create_interview(
        &mut self,
        new: NewInterview,
        origin: &Origin<'_>,
    ) -> Result<Creation<Interview, ChargeRefusal>, StoreError> {
        let mut charging = new.cost.map(|cost| Charge::in_current_period(origin.now, cost));
        loop {
            let mut interview = new.interview.clone();
            interview.reservation =
                charging.as_ref().map(|charge| Reservation { period: charge.period().clone(), seconds: charge.cost() });
            let plan = self.plan_interview(&new, &interview, charging.as_ref(), origin)?;
            let refusals = match self.commit(plan.writes).await? {
                Commit::Done => return Ok(Creation::Created(interview)),
                Commit::Refused(refusals) => Plan::named(plan.places, refusals),
            };
            let Some((place, refusal)) = refusals.into_iter().next() else {
                return Err(StoreError::unknown("TransactWriteItems", "cancelled without a reason"));
            };
            match (place, new.cost) {
                (InterviewPlace::Interview, _) => return existing(refusal, origin.record()),
                (InterviewPlace::Allowance, Some(cost)) => {
                    let Some(item) = refusal.item else {
                        return Ok(Creation::Refused(ChargeRefusal::SubscriptionInactive));
                    };
                    let retried = match entity::<Allowance>(item)?.value.charge(origin.now, cost) {
                        Ok(charge) => Some(charge),
                        Err(refused) => return Ok(Creation::Refused(refused)),
                    };
                    if retried == charging {
                        // The image that failed the condition would bear the charge: it changed in between.
                        self.pause_or_give_up(StoreError::conflict("TransactWriteItems", "allowance in motion"))
                            .await?;
                    }
                    charging = retried;
                }
                (
                    InterviewPlace::Allowance
                    | InterviewPlace::Candidate
                    | InterviewPlace::Agent
                    | InterviewPlace::Job
                    | InterviewPlace::PhoneNumber
                    | InterviewPlace::Company,
                    _,
                ) => return Ok(Creation::Changed),
            }
        }
    }

    /// The interview comes first and the allowance last: a repeat outranks a change, a change outranks a lack of time.
    fn plan_interview(
        &self,
        new: &NewInterview,
        interview: &Interview,
        charging: Option<&Charge>,
        origin: &Origin<'_>,
    ) -> Result<Plan<InterviewPlace>, StoreError> {
        let table = self.table.as_str();
        let company_id = origin.company_id;
        let mut plan = Plan::new();
        plan.add(
            InterviewPlace::Interview,
            create_recorded(table, Key::interview(interview.id), interview, origin.record())?,
        );
        let candidate = match &new.candidate {
            CandidateChange::Created(candidate) => create(table, Key::candidate(candidate.id), candidate)?,
            CandidateChange::Unchanged(candidate) => {
                guard(table, Key::candidate(candidate.value.id), company_id, candidate.version)?
            }
            CandidateChange::Assigned(candidate, job_id) => assign(table, candidate, *job_id, origin.now)?,
        };
        plan.add(InterviewPlace::Candidate, candidate);
        match &new.agent {
            InterviewAgent::Created(agent, phone_number) => {
                plan.add(InterviewPlace::Agent, create(table, Key::agent(agent.id), agent)?);
                if let Some(number) = phone_number {
                    plan.add(InterviewPlace::PhoneNumber, guard_phone_number(table, number, company_id)?);
                }
            }
            InterviewAgent::Named(agent) => {
                plan.add(InterviewPlace::Agent, guard(table, Key::agent(agent.value.id), company_id, agent.version)?);
            }
        }
        match &new.job {
            InterviewJob::Created(job) => plan.add(InterviewPlace::Job, create(table, Key::job(job.id), job)?),
            InterviewJob::Named(job) => {
                plan.add(InterviewPlace::Job, guard(table, Key::job(job.value.id), company_id, job.version)?);
            }
            InterviewJob::OnlyAssigned(_) | InterviewJob::None => {}
        }
        if let Some(company) = &origin.managed {
            plan.add(InterviewPlace::Company, guard_company(table, company)?);
        }
        if let Some(charging) = charging {
            plan.add(InterviewPlace::Allowance, charge(table, company_id, charging, origin.now)?);
        }
        Ok(plan)
    }

    /// The agent of that id, if the company has it, with the record of the request that created it.
    pub async fn recorded_agent(
        &mut self,
        company_id: CompanyId,
        id: AgentId,
    ) -> Result<Option<Recorded<Agent>>, StoreError> {
        self.recorded(company_id, Key::agent(id)).await
    }

    /// The interview of that id, if the company has it, with the record of the request that created it.
    pub async fn recorded_interview(
        &mut self,
        company_id: CompanyId,
        id: InterviewId,
    ) -> Result<Option<Recorded<Interview>>, StoreError> {
        self.recorded(company_id, Key::interview(id)).await
    }

    async fn recorded<E: Entity>(
        &mut self,
        company_id: CompanyId,
        key: Key,
    ) -> Result<Option<Recorded<E>>, StoreError> {
        let item = self.get_one(key).await?;
        item.filter(|item| text(item, COMPANY_ID) == Some(&company_id.to_string())).map(recorded).transpose()
    }
}

fn guard_phone_number(
    table: &str,
    number: &Versioned<PhoneNumber>,
    company_id: CompanyId,
) -> Result<TransactWriteItem, StoreError> {
    guard(table, Key::phone_number(number.value.id), company_id, number.version)
}

/// The resource was there: from this very request, whose first answer was lost, or from an earlier one.
pub(crate) fn existing<E: Entity, R>(refusal: Refusal, record: Record<'_>) -> Result<Creation<E, R>, StoreError> {
    let item = refusal.item.ok_or_else(|| StoreError::unknown("create", "exists, but without an image"))?;
    if is_tombstone(&item) {
        return Ok(Creation::Deleted);
    }
    let own = text(&item, REQUEST_ID) == Some(record.request_id);
    let recorded = recorded::<E>(item)?;
    Ok(if own { Creation::Created(recorded.resource) } else { Creation::Exists(recorded) })
}

pub(crate) fn recorded<E: Entity>(item: Item) -> Result<Recorded<E>, StoreError> {
    let fingerprint = match item.get(FINGERPRINT) {
        Some(value) => Some(
            serde_dynamo::from_attribute_value(value.clone()).map_err(|error| StoreError::unknown("decode", error))?,
        ),
        None => None,
    };
    Ok(Recorded { resource: entity(item)?.value, fingerprint })
}
