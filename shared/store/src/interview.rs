//! Interviews.

use std::collections::HashMap;

use domain::allowance::{Allowance, Charge, ChargeRefusal};
use domain::candidate::CandidateId;
use domain::company::Company;
use domain::interview::{
    CandidateChange, Interview, InterviewId, InterviewJob, InterviewStatus, NewInterview, Reservation,
};
use domain::job::JobId;
use domain::limits::RateLimited;
use domain::trace::TraceId;
use domain::{Reference, Versioned};

use crate::allowance::{ReservationPlace, charge, release};
use crate::candidate::assign;
use crate::company::list_of;
use crate::create::{Create, Creation, TRACE_ID, WriteContext};
use crate::due::INTERVIEWS;
use crate::entity::{COMPANY_ID, ENTITY_TYPE, Entity, EntityId, Owned, entity, text};
use crate::error::StoreError;
use crate::key::{Index, IndexKey, OF_CANDIDATE, OF_JOB, PrimaryKey};
use crate::period::close;
use crate::session::{Commit, Session, Updated};
use crate::test_interviews::{count, too_many};
use crate::transcript::TranscriptOf;
use crate::write::{Transaction, Write};

impl Entity for Interview {
    const TYPE: &'static str = "Interview";

    fn index_keys(&self) -> Vec<IndexKey> {
        if self.deleted_at.is_some() {
            return Vec::new();
        }
        let listed = IndexKey::listed(list_of(self.company_id, "INTERVIEW"), self.created_at, self.id);
        let (index, partition) = of_candidate(self.candidate_id);
        let by_candidate =
            self.erased_at.is_none().then(|| IndexKey::in_order(index, partition, self.created_at, self.id));
        let by_job = self.job_id.map(|job_id| {
            let (index, partition) = of_job(job_id);
            IndexKey::in_order(index, partition, self.created_at, self.id)
        });
        let due =
            (self.status == InterviewStatus::Scheduled).then(|| INTERVIEWS.place(self.id.uuid(), self.scheduled_at));
        [Some(listed), by_candidate, by_job, due].into_iter().flatten().collect()
    }
}

impl Owned for Interview {}

impl EntityId for InterviewId {
    type Entity = Interview;

    fn key(self) -> PrimaryKey {
        PrimaryKey::of("INTERVIEW", self)
    }
}

/// The list of a candidate's interviews, without those that are deleted or erased.
pub(crate) fn of_candidate(id: CandidateId) -> (Index, String) {
    (OF_CANDIDATE, format!("CANDIDATE#{id}"))
}

/// The list of a job's interviews.
pub(crate) fn of_job(id: JobId) -> (Index, String) {
    (OF_JOB, format!("JOB#{id}"))
}

enum InterviewWrite {
    Interview,
    Transcript,
    Candidate,
    Agent,
    Job,
    OnlyJob,
    PhoneNumber,
    Company,
    Allowance,
    ClosedPeriod,
    TestInterviews,
}

/// The reason why an interview that the rules allow is not created now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InterviewLimit {
    /// The allowance does not bear it.
    Charge(ChargeRefusal),
    /// The only job that the candidate is assigned to was deleted, and none is named.
    OnlyJobDeleted,
    /// It is a test, and the company had as many as it may have today.
    Tests(RateLimited),
}

impl Create for NewInterview {
    type Entity = Interview;
    type Refusal = InterviewLimit;

    async fn create(
        &self,
        session: &mut Session,
        context: &WriteContext<'_>,
    ) -> Result<Creation<Interview, InterviewLimit>, StoreError> {
        let mut charging = self.cost.map(|cost| Charge::in_current_period(context.now, cost));
        loop {
            let mut interview = self.interview.clone();
            interview.reservation =
                charging.as_ref().map(|charge| Reservation { period: charge.period().clone(), seconds: charge.cost() });
            let (write, item) = match session.commit(transaction(self, &interview, charging.as_ref(), context)?).await?
            {
                Commit::Done => return Ok(Creation::Created(interview)),
                Commit::Failed(write, item) => (write, item),
            };
            match (write, self.cost) {
                (InterviewWrite::Interview, _) => return context.existing(item),
                (InterviewWrite::Allowance, Some(cost)) => {
                    let Some(item) = item else {
                        return Ok(Creation::Refused(InterviewLimit::Charge(ChargeRefusal::SubscriptionInactive)));
                    };
                    let retried = match entity::<Allowance>(item)?.charge(session.clocks(context.now), cost) {
                        Ok(charge) => charge,
                        Err(refused) => return Ok(Creation::Refused(InterviewLimit::Charge(refused))),
                    };
                    if charging.as_ref().is_some_and(|charge| charge.is_same_step(&retried)) {
                        // The image that failed the condition would bear the charge: it changed in between.
                        session.pause(StoreError::conflict("TransactWriteItems", "allowance in motion")).await?;
                    }
                    charging = Some(retried);
                }
                (InterviewWrite::Transcript, _) => {
                    return Err(StoreError::unknown("TransactWriteItems", "a transcript without its interview"));
                }
                // Only a month before the stored one is kept: nobody else has closed this one.
                (InterviewWrite::ClosedPeriod, _) => {
                    return Err(StoreError::unknown("TransactWriteItems", "the month was closed before"));
                }
                (InterviewWrite::OnlyJob, _) => return Ok(Creation::Refused(InterviewLimit::OnlyJobDeleted)),
                (InterviewWrite::TestInterviews, _) => {
                    return Ok(Creation::Refused(InterviewLimit::Tests(too_many(context.now))));
                }
                (
                    InterviewWrite::Allowance
                    | InterviewWrite::Candidate
                    | InterviewWrite::Agent
                    | InterviewWrite::Job
                    | InterviewWrite::PhoneNumber
                    | InterviewWrite::Company,
                    _,
                ) => return Ok(Creation::Changed),
            }
        }
    }
}

/// The writes of a create. The interview comes first, the allowance or the count of tests at the end: a repeat outranks a
/// change, a change outranks a lack of time.
fn transaction(
    new: &NewInterview,
    interview: &Interview,
    charging: Option<&Charge>,
    context: &WriteContext<'_>,
) -> Result<Transaction<InterviewWrite>, StoreError> {
    let tenant = context.tenant;
    let mut transaction =
        Transaction::of(InterviewWrite::Interview, context.create_announced(interview.id, interview)?);
    if let Some(transcript) = &new.transcript {
        let write = Write::create(TranscriptOf(interview.id).key(), transcript)?;
        transaction.add(InterviewWrite::Transcript, write);
    }
    let candidate = match &new.candidate {
        CandidateChange::Created(candidate) => Write::create(candidate.id.key(), candidate)?,
        CandidateChange::Unchanged(candidate) => Write::guard(tenant, candidate.value.id, candidate.version),
        CandidateChange::Assigned(candidate, job_id) => assign(candidate, *job_id, context.now),
    };
    transaction.add(InterviewWrite::Candidate, candidate);
    match &new.agent {
        Reference::New(new) => {
            transaction.add(InterviewWrite::Agent, Write::create(new.agent.id.key(), &new.agent)?);
            if let Some(number) = &new.phone_number {
                transaction.add(InterviewWrite::PhoneNumber, Write::guard(tenant, number.value.id, number.version));
            }
        }
        Reference::Existing(agent) => {
            transaction.add(InterviewWrite::Agent, Write::guard(tenant, agent.value.id, agent.version));
        }
    }
    match &new.job {
        InterviewJob::Created(job) => transaction.add(InterviewWrite::Job, Write::create(job.id.key(), job)?),
        InterviewJob::Named(job) => {
            transaction.add(InterviewWrite::Job, Write::guard(tenant, job.value.id, job.version));
        }
        InterviewJob::OnlyAssigned(id) => transaction.add(InterviewWrite::OnlyJob, Write::owned(tenant, id.key())),
        InterviewJob::None => {}
    }
    if let Some(guard) = context.guard_managed() {
        transaction.add(InterviewWrite::Company, guard);
    }
    let Some(charging) = charging else {
        transaction.add(InterviewWrite::TestInterviews, count(interview.company_id, context.now));
        return Ok(transaction);
    };
    transaction.add(InterviewWrite::Allowance, charge(interview.company_id, charging, context.now));
    if let Charge::OpenPeriod { closing, .. } = charging {
        // After the allowance: who comes second finds by it that the month is open.
        transaction.add(InterviewWrite::ClosedPeriod, close(interview.company_id, closing, context.now)?);
    }
    Ok(transaction)
}

/// True if a change takes the content of an interview away that may have a transcript. That is so once for each.
fn takes_transcript(old: &Interview, new: &Interview) -> bool {
    let is_without_content = |interview: &Interview| interview.deleted_at.or(interview.erased_at).is_some();
    old.status == InterviewStatus::Completed && is_without_content(new) && !is_without_content(old)
}

enum ChangeWrite {
    Interview,
    Transcript,
    Company,
    Reservation,
}

impl Session {
    /// Writes the difference between an interview as it was read and as it shall be. A reservation that it no longer holds
    /// is given back by the same transaction: to the allowance, or to the month that it was taken from. The transcript goes
    /// with the rest of the content.
    pub async fn change_interview(
        &mut self,
        old: &Versioned<Interview>,
        new: &Interview,
        managed: Option<&Versioned<Company>>,
    ) -> Result<Updated, StoreError> {
        let change = Write::change(new.id.key(), old, new)?;
        let guard = managed.map(Write::guard_company);
        let returned = old.value.reservation.as_ref().filter(|_| new.reservation.is_none());
        let mut place = ReservationPlace::Allowance;
        loop {
            let mut transaction = Transaction::of(ChangeWrite::Interview, change.clone());
            if takes_transcript(&old.value, new) {
                transaction.add(ChangeWrite::Transcript, Write::bury(TranscriptOf(new.id).key(), new.updated_at));
            }
            guard.iter().for_each(|guard| transaction.add(ChangeWrite::Company, guard.clone()));
            if let Some(reservation) = returned {
                let release = release(new.company_id, reservation, &place, new.updated_at);
                transaction.add(ChangeWrite::Reservation, release);
            }
            match (self.commit(transaction).await?, returned) {
                (Commit::Done, _) => return Ok(Updated::Applied),
                // A single write has no token: the item is the one that was written, and the first answer was lost.
                (Commit::Failed(ChangeWrite::Interview, Some(item)), _)
                    if entity::<Interview>(item.clone()).is_ok_and(|stored| stored.value == *new) =>
                {
                    return Ok(Updated::Applied);
                }
                (Commit::Failed(ChangeWrite::Reservation, allowance), Some(reservation))
                    if place == ReservationPlace::Allowance =>
                {
                    place = self.place_beyond(new.company_id, reservation, allowance).await?;
                }
                // The books of the month are in motion: an operator mends them.
                (Commit::Failed(ChangeWrite::Reservation, _), _) => {
                    self.pause_after_change().await?;
                    place = ReservationPlace::Allowance;
                }
                (Commit::Failed(ChangeWrite::Interview | ChangeWrite::Transcript | ChangeWrite::Company, _), _) => {
                    return Ok(Updated::Outdated);
                }
            }
        }
    }
}

/// A change of an interview, as the table's stream tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct InterviewChange {
    /// The interview before, if it was there.
    pub old: Option<Interview>,
    /// The interview after.
    pub new: Versioned<Interview>,
    /// The trace of the request that created it; none if that had none, or if an earlier version stored it.
    pub trace_id: Option<TraceId>,
}

impl InterviewChange {
    /// The change with these images; absent if the item is no interview, or is gone.
    ///
    /// # Errors
    /// If an image of an interview can't be decoded.
    pub fn from_images(old: serde_dynamo::Item, new: serde_dynamo::Item) -> Result<Option<Self>, StoreError> {
        let (old, new) = (HashMap::from(old), HashMap::from(new));
        if text(&new, ENTITY_TYPE) != Some(Interview::TYPE) || text(&new, COMPANY_ID).is_none() {
            return Ok(None);
        }
        let old = (!old.is_empty()).then(|| entity::<Interview>(old)).transpose()?;
        let trace_id = text(&new, TRACE_ID).and_then(|text| text.parse().ok());
        Ok(Some(Self { old: old.map(|old| old.value), new: entity(new)?, trace_id }))
    }
}
