//! Interviews.

use std::collections::HashMap;

use domain::allowance::{Allowance, Charge, ChargeRefusal};
use domain::analysis::{AnalysisStatus, StoredAnalysis};
use domain::candidate::CandidateId;
use domain::company::Company;
use domain::interview::{CandidateChange, Interview, InterviewId, InterviewJob, NewInterview, Reservation};
use domain::job::JobId;
use domain::limits::RateLimited;
use domain::trace::TraceId;
use domain::transcript::Transcript;
use domain::{Reference, Versioned};

use crate::allowance::{ReservationPlace, charge, settle};
use crate::analysis::analysis_key;
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
use crate::usage::SettledInterview;
use crate::write::{Transaction, Write};

impl Entity for Interview {
    const TYPE: &'static str = "Interview";

    fn index_keys(&self) -> Vec<IndexKey> {
        let due = self.due_at().map(|at| INTERVIEWS.place(self.id.uuid(), at));
        if self.deleted_at.is_some() {
            return due.into_iter().collect();
        }
        let listed = IndexKey::listed(list_of(self.company_id, "INTERVIEW"), self.created_at, self.id);
        let (index, partition) = of_candidate(self.candidate_id);
        let by_candidate =
            self.erased_at.is_none().then(|| IndexKey::in_order(index, partition, self.created_at, self.id));
        let by_job = self.job_id.map(|job_id| {
            let (index, partition) = of_job(job_id);
            IndexKey::in_order(index, partition, self.created_at, self.id)
        });
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

/// The content that a change of an interview brings along, each an item beside it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InterviewContent {
    /// The words.
    pub transcript: Option<Transcript>,
    /// The findings.
    pub analysis: Option<StoredAnalysis>,
}

/// The writes of an interview's content: what comes along, and tombstones in the place of what the interview has no longer.
fn content_writes(old: &Interview, new: &Interview, content: &InterviewContent) -> Result<Vec<Write>, StoreError> {
    let (transcript, analysis) = (TranscriptOf(new.id).key(), analysis_key(new.id));
    let mut writes = Vec::new();
    if let Some(told) = &content.transcript {
        writes.push(Write::create(transcript, told)?);
    } else if old.has_transcript() && !new.has_transcript() {
        writes.push(Write::bury(transcript, new.updated_at));
    }
    let is_beside = |interview: &Interview| interview.analysed == Some(AnalysisStatus::Completed);
    if let Some(told) = &content.analysis {
        writes.push(Write::create(analysis, told)?);
    } else if is_beside(old) && !is_beside(new) {
        writes.push(Write::bury(analysis, new.updated_at));
    }
    Ok(writes)
}

/// The write that counts an interview in the usage of its day, if it is settled by a change.
fn usage_write(old: &Interview, new: &Interview) -> Option<Write> {
    let used = new.settled_use().filter(|_| old.settlement.is_none())?;
    Some(SettledInterview { company_id: new.company_id, interview_id: new.id, used }.count(new.updated_at))
}

enum ChangeWrite {
    Interview,
    Content,
    Company,
    Books,
    Usage,
}

impl Session {
    /// Writes the difference between an interview as it was read and as it shall be. The books change by the same transaction:
    /// those of the month in which the interview reserved its time. What lies beside the interview goes with its content.
    pub async fn change_interview(
        &mut self,
        old: &Versioned<Interview>,
        new: &Interview,
        managed: Option<&Versioned<Company>>,
    ) -> Result<Updated, StoreError> {
        self.write_interview(old, new, &InterviewContent::default(), managed).await
    }

    /// The same, with content that comes along.
    pub(crate) async fn write_interview(
        &mut self,
        old: &Versioned<Interview>,
        new: &Interview,
        content: &InterviewContent,
        managed: Option<&Versioned<Company>>,
    ) -> Result<Updated, StoreError> {
        let change = Write::change(new.id.key(), old, new)?;
        let content = content_writes(&old.value, new, content)?;
        let guard = managed.map(Write::guard_company);
        let books = old.value.books_change(new);
        let usage = usage_write(&old.value, new);
        let mut place = ReservationPlace::Allowance;
        loop {
            let mut transaction = Transaction::of(ChangeWrite::Interview, change.clone());
            content.iter().for_each(|write| transaction.add(ChangeWrite::Content, write.clone()));
            guard.iter().for_each(|guard| transaction.add(ChangeWrite::Company, guard.clone()));
            if let Some(books) = &books {
                transaction.add(ChangeWrite::Books, settle(new.company_id, books, &place, new.updated_at));
            }
            usage.iter().for_each(|usage| transaction.add(ChangeWrite::Usage, usage.clone()));
            match (self.commit(transaction).await?, &books) {
                (Commit::Done, _) => return Ok(Updated::Applied),
                // A single write has no token: the item is the one that was written, and the first answer was lost.
                (Commit::Failed(ChangeWrite::Interview, Some(item)), _)
                    if entity::<Interview>(item.clone()).is_ok_and(|stored| stored.value == *new) =>
                {
                    return Ok(Updated::Applied);
                }
                (Commit::Failed(ChangeWrite::Books, allowance), Some(books))
                    if place == ReservationPlace::Allowance =>
                {
                    place = self.place_beyond(new.company_id, books, allowance).await?;
                }
                // The books of the month are in motion: an operator mends them.
                (Commit::Failed(ChangeWrite::Books, _), _) => {
                    self.pause_after_change().await?;
                    place = ReservationPlace::Allowance;
                }
                (
                    Commit::Failed(
                        ChangeWrite::Interview | ChangeWrite::Content | ChangeWrite::Company | ChangeWrite::Usage,
                        _,
                    ),
                    _,
                ) => return Ok(Updated::Outdated),
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
