//! Interviews that take place: those that are due, their hand-over, their results.
//!
//! Each step is one conditional change of the interview ([`Session::change_interview`]), so that two programs that take it at the
//! same time take it once, and one that ends between two steps leaves the interview due.

use std::time::Duration;

use domain::Versioned;
use domain::agent::Agent;
use domain::candidate::Candidate;
use domain::interview::{Interview, InterviewId, InterviewStatus};
use domain::job::{Job, JobId};
use domain::phone_number::PhoneNumber;
use domain::time::Timestamp;

use crate::candidate::is_expired;
use crate::due::{INTERVIEWS, IndexCursor};
use crate::entity::{ENTITY_TYPE, Entity, EntityId, Item, entity, is_deleted, text};
use crate::error::StoreError;
use crate::interview::InterviewContent;
use crate::key::{PrimaryKey, SPARSE};
use crate::page::Page;
use crate::session::Updated;
use crate::system::SystemSession;

/// An interview in the index whose time has come, or had come when the index was read. In order of that time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DueInterview {
    /// The time, as the index has it.
    at: String,
    key: PrimaryKey,
}

impl From<&Interview> for DueInterview {
    fn from(interview: &Interview) -> Self {
        Self { at: interview.scheduled_at.to_string(), key: interview.id.key() }
    }
}

/// The outcome of a look at an interview that was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InterviewLook {
    /// Its start, so much later than it was due.
    Started(Duration),
    /// Its end, since nothing was heard of it until its deadline.
    WithoutResult,
    /// Its cancellation, since its candidate was deleted or may not be kept any longer.
    CandidateGone,
    /// Nothing: it was moved on meanwhile, or its time was changed.
    NotDue,
}

/// An interview that has started, with everything that its conductor needs.
#[derive(Debug, Clone, PartialEq)]
pub struct HandOver {
    pub interview: Interview,
    pub agent: Agent,
    pub candidate: Candidate,
    /// The jobs that the candidate is assigned to, without deleted ones.
    pub candidate_job_ids: Vec<JobId>,
    pub job: Option<Job>,
    pub phone_number: Option<PhoneNumber>,
}

/// The entity of an item, whether it is hidden or not; none if nothing is kept of it.
fn kept<E: Entity>(item: Option<&Item>) -> Result<Option<Versioned<E>>, StoreError> {
    item.filter(|item| text(item, ENTITY_TYPE) == Some(E::TYPE)).cloned().map(entity::<E>).transpose()
}

impl SystemSession {
    /// A page of the interviews that are due in a shard, oldest first, and at most `limit`: to start, or to end without a result.
    pub async fn due_interviews(
        &mut self,
        number: u8,
        now: Timestamp,
        after: Option<IndexCursor>,
        limit: u16,
    ) -> Result<Page<DueInterview, IndexCursor>, StoreError> {
        let Page { items, next } = self.due(INTERVIEWS, number, now, after, limit).await?;
        let due = |item: &Item| {
            let at = text(item, SPARSE.sort_attribute)?.to_owned();
            Some(DueInterview { at, key: PrimaryKey::from_item(item)? })
        };
        Ok(Page { items: items.iter().filter_map(due).collect(), next })
    }

    /// Looks at an interview that is due: starts it, or ends it without a result. Two looks do it once.
    pub async fn look_at_interview(
        &mut self,
        due: &DueInterview,
        result_grace: Duration,
        now: Timestamp,
    ) -> Result<InterviewLook, StoreError> {
        let item = self.session.get_stored(due.key.clone()).await?;
        let Some(old) = kept::<Interview>(item.as_ref())? else { return Ok(InterviewLook::NotDue) };
        let Some(due_at) = old.value.due_at().filter(|due_at| *due_at <= now) else { return Ok(InterviewLook::NotDue) };
        let (new, look) = match old.value.status {
            InterviewStatus::Scheduled => {
                let (agent, candidate) = (old.value.agent_id.key(), old.value.candidate_id.key());
                let found = self.session.get_with_deleted(vec![agent.clone(), candidate.clone()]).await?;
                let is_there = |item: &&Item| !is_deleted(item) && !is_expired(item, now);
                match found.get(&candidate).filter(is_there) {
                    // What else is to be erased with the candidate follows by itself.
                    None => (old.value.erased(now), InterviewLook::CandidateGone),
                    Some(_) => {
                        let agent = kept::<Agent>(found.get(&agent))?;
                        let agent = agent.ok_or_else(|| StoreError::unknown("start", "an interview without agent"))?;
                        let started = old.value.started(&agent.value.profile, result_grace, now);
                        (started, InterviewLook::Started(now.saturating_since(due_at)))
                    }
                }
            }
            InterviewStatus::InProgress => (old.value.without_result(now), InterviewLook::WithoutResult),
            InterviewStatus::Completed
            | InterviewStatus::Failed
            | InterviewStatus::Cancelled
            | InterviewStatus::Undefined => (None, InterviewLook::NotDue),
        };
        let Some(new) = new else { return Ok(InterviewLook::NotDue) };
        match self.session.change_interview(&old, &new, None).await? {
            Updated::Applied => Ok(look),
            Updated::Outdated => Ok(InterviewLook::NotDue),
        }
    }

    /// An interview that is running, with all that its conductor needs. None if it has ended meanwhile, or is to be conducted no
    /// more: cancelled, deleted, its candidate gone.
    pub async fn hand_over(&mut self, started: &Interview, now: Timestamp) -> Result<Option<HandOver>, StoreError> {
        let (interview, agent) = (started.id.key(), started.agent_id.key());
        let (candidate, job) = (started.candidate_id.key(), started.job_id.map(EntityId::key));
        let keys = [Some(interview.clone()), Some(agent.clone()), Some(candidate.clone()), job.clone()];
        let found = self.session.get_with_deleted(keys.into_iter().flatten().collect()).await?;
        let interview = kept::<Interview>(found.get(&interview))?.map(|interview| interview.value);
        let is_awaited =
            |interview: &Interview| interview.status == InterviewStatus::InProgress && !interview.is_without_content();
        let candidate = found.get(&candidate).filter(|item| !is_deleted(item) && !is_expired(item, now));
        let (Some(interview), Some(candidate)) = (interview.filter(is_awaited), kept::<Candidate>(candidate)?) else {
            return Ok(None);
        };
        let agent = kept::<Agent>(found.get(&agent))?;
        let agent = agent.ok_or_else(|| StoreError::unknown("hand over", "an interview without agent"))?.value;
        let job = kept::<Job>(job.and_then(|key| found.get(&key)))?.map(|job| job.value);

        let candidate = candidate.value;
        let number = agent.profile.company_phone_number_id.map(EntityId::key);
        let mut keys: Vec<_> = candidate.job_ids.iter().map(|id| id.key()).collect();
        keys.extend(number.clone());
        let found = if keys.is_empty() { Default::default() } else { self.session.get(keys).await? };
        let candidate_job_ids = candidate.job_ids.iter().filter(|id| found.contains_key(&id.key())).copied().collect();
        let phone_number = kept::<PhoneNumber>(number.and_then(|key| found.get(&key)))?.map(|number| number.value);
        Ok(Some(HandOver { interview, agent, candidate, candidate_job_ids, job, phone_number }))
    }

    /// An interview as it is stored, also if it is deleted; none if there never was one.
    pub async fn stored_interview(&mut self, id: InterviewId) -> Result<Option<Versioned<Interview>>, StoreError> {
        kept(self.session.get_stored(id.key()).await?.as_ref())
    }

    /// The same, read again after a write found it changed: a while later, and only while there is time.
    pub async fn stored_interview_again(
        &mut self,
        id: InterviewId,
    ) -> Result<Option<Versioned<Interview>>, StoreError> {
        self.session.pause_after_change().await?;
        self.stored_interview(id).await
    }

    /// Writes what became of an interview, with the content that comes along, unless it has changed since it was read.
    pub async fn record(
        &mut self,
        old: &Versioned<Interview>,
        new: &Interview,
        content: &InterviewContent,
    ) -> Result<Updated, StoreError> {
        self.session.write_interview(old, new, content, None).await
    }
}
