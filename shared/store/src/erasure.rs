//! Erasing what is known of candidates.
//!
//! Deleting a candidate is one write: its item becomes a tombstone, so that all that it held goes at once, nobody is shown it
//! any more, and no interview can be created for it. While interviews are still to be erased, the tombstone says so
//! ([`Erasure`]): each of its writes with status RUNNING has the function at the stream do a part of the rest. The index by
//! candidate holds what is left: an interview that is erased leaves it. The tombstone lies in the sparse index by the time at
//! which it is looked at again, should the stream's record be lost; so does a candidate by the end of the time for which its
//! data may be kept.

use std::collections::HashMap;

use domain::Versioned;
use domain::candidate::{Candidate, CandidateId, Erasure};
use domain::company::Company;
use domain::history::HistoryAction;
use domain::interview::Interview;
use domain::time::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::Store;
use crate::due::{CANDIDATES, IndexCursor};
use crate::entity::{
    ENTITY_TYPE, Entity, EntityId, Item, TOMBSTONE, entity, is_deleted, is_deletion, item_of, text, tombstone,
};
use crate::error::StoreError;
use crate::interview::of_candidate;
use crate::key::{IndexKey, PK, PrimaryKey, SK};
use crate::operator::OperatorError;
use crate::page::Page;
use crate::session::{Commit, Query, Session, SortKeys, Updated};
use crate::system::SystemSession;
use crate::write::{Transaction, Write};

const UNKNOWN: OperatorError = OperatorError::NotFound("candidate");
/// The attribute that only an erasure has which has not ended.
pub(crate) const ERASURE: &str = "erasure";

impl Entity for Erasure {
    const TYPE: &'static str = TOMBSTONE;

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![CANDIDATES.place(self.candidate_id.uuid(), self.due_at)]
    }
}

/// The write that makes a candidate's item the tombstone that says what is left to be erased.
fn deletion(old: &Versioned<Candidate>, erasure: &Erasure) -> Result<Write, StoreError> {
    let id = old.value.id;
    Write::supersede(id, old, item_of(id.key(), erasure, old.version + 1)?)
}

enum DeletionWrite {
    Candidate,
    Company,
}

impl Session {
    /// Deletes a candidate, unless it has changed since it was read: all that its item holds, at once. The rest follows.
    pub async fn delete_candidate(
        &mut self,
        old: &Versioned<Candidate>,
        managed: Option<&Versioned<Company>>,
        now: Timestamp,
    ) -> Result<Updated, StoreError> {
        let erasure = Erasure::new(&old.value, now);
        let mut transaction = Transaction::of(DeletionWrite::Candidate, deletion(old, &erasure)?);
        if let Some(company) = managed {
            transaction.add(DeletionWrite::Company, Write::guard_company(company));
        }
        match self.commit(transaction).await? {
            Commit::Done => Ok(Updated::Applied),
            Commit::Failed(DeletionWrite::Candidate, Some(item)) if is_deletion(&item, old.version, now) => {
                Ok(Updated::Applied)
            }
            Commit::Failed(DeletionWrite::Candidate | DeletionWrite::Company, _) => Ok(Updated::Outdated),
        }
    }
}

/// All that is kept of a candidate, as it is stored, without the keys of items.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CandidateData {
    /// The candidate.
    pub candidate: Value,
    /// The interviews, oldest first, each with what lies beside it.
    pub interviews: Vec<Vec<Value>>,
}

fn shown(mut item: Item) -> Result<Value, StoreError> {
    item.retain(|name, _| name != PK && name != SK && !name.starts_with("GSI"));
    serde_dynamo::from_item(item).map_err(|error| StoreError::unknown("decode", error))
}

impl Store {
    /// All that is kept of a candidate who is not deleted. An interview of the last seconds may be missing.
    pub async fn candidate_data(&self, id: CandidateId) -> Result<CandidateData, OperatorError> {
        let mut session = self.session();
        let candidate = session.get_one(id.key()).await?.ok_or(UNKNOWN)?;
        let (index, partition) = of_candidate(id);
        let sort_keys = SortKeys::All;
        let query = Query { index: Some(index), partition, sort_keys, newest_first: false, consistent: false };
        let (mut interviews, mut after) = (Vec::new(), None);
        loop {
            let (entries, next) = session.query(&query, after, None).await?;
            for interview in entries.iter().filter_map(PrimaryKey::from_item) {
                let partition = interview.partition().to_owned();
                let sort_keys = SortKeys::All;
                let all = Query { index: None, partition, sort_keys, newest_first: false, consistent: true };
                session.restart_budget();
                let (items, _) = session.query(&all, None, None).await?;
                let kept = items.into_iter().filter(|item| !is_deleted(item));
                interviews.push(kept.map(shown).collect::<Result<Vec<_>, _>>()?);
            }
            after = next;
            if after.is_none() {
                return Ok(CandidateData { candidate: shown(candidate)?, interviews });
            }
        }
    }

    /// Deletes a candidate, and has erased what is known of it, as its company can.
    pub async fn erase_candidate(&self, id: CandidateId, now: Timestamp) -> Result<(), OperatorError> {
        let candidate: Versioned<Candidate> =
            self.session().get_one(id.key()).await?.map(entity).transpose()?.ok_or(UNKNOWN)?;
        let write = deletion(&candidate, &Erasure::new(&candidate.value, now))?;
        let owner = Some(candidate.value.company_id.into());
        let entry = self.entry(HistoryAction::EraseCandidate, id, owner, now);
        self.commit(Transaction::of(OperatorError::Changed, write), entry).await
    }
}

/// The erasure that an item tells of, if it is a tombstone of a candidate whose erasure has not ended.
fn read_erasure(item: &Item) -> Result<Option<Versioned<Erasure>>, StoreError> {
    let is_erasure = text(item, ENTITY_TYPE) == Some(TOMBSTONE) && item.contains_key(ERASURE);
    is_erasure.then(|| entity(item.clone())).transpose()
}

/// The erasure that a record of the table's stream tells of, by its new image.
///
/// # Errors
/// If the image can't be decoded.
pub fn erasure_of_image(new: serde_dynamo::Item) -> Result<Option<Versioned<Erasure>>, StoreError> {
    read_erasure(&HashMap::from(new))
}

/// A candidate in the index whose time has come, or had come when the index was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueCandidate(PrimaryKey);

/// The outcome of a look at a candidate that was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueOutcome {
    /// A deletion, since the data may not be kept any longer.
    Expired,
    /// Another pass of an erasure that had not ended.
    Resumed,
    /// Nothing: somebody looked at it meanwhile, or its time was changed.
    NotDue,
}

impl SystemSession {
    /// A page of the candidates that are due in a shard, oldest first, and at most `limit`.
    pub async fn due_candidates(
        &mut self,
        number: u8,
        now: Timestamp,
        after: Option<IndexCursor>,
        limit: u16,
    ) -> Result<Page<DueCandidate, IndexCursor>, StoreError> {
        let Page { items, next } = self.due(CANDIDATES, number, now, after, limit).await?;
        let candidates = items.iter().filter_map(PrimaryKey::from_item).map(DueCandidate);
        Ok(Page { items: candidates.collect(), next })
    }

    /// Looks at a candidate that is due: deletes it if its data may not be kept any longer, and has an erasure go on that has
    /// not ended. Two looks do it once.
    pub async fn look_at_candidate(&mut self, due: &DueCandidate, now: Timestamp) -> Result<DueOutcome, StoreError> {
        let DueCandidate(key) = due;
        let Some(item) = self.session.get_stored(key.clone()).await? else { return Ok(DueOutcome::NotDue) };
        if let Some(erasure) = read_erasure(&item)? {
            let resumed = erasure.value.resumed(now);
            let is_due = erasure.value.due_at <= now;
            let resumes = is_due && self.change_erasure(&erasure, Some(&resumed), now).await? == Updated::Applied;
            return Ok(if resumes { DueOutcome::Resumed } else { DueOutcome::NotDue });
        }
        if is_deleted(&item) {
            return Ok(DueOutcome::NotDue);
        }
        let candidate = entity::<Candidate>(item)?;
        let expires = candidate.value.profile.is_expired(now)
            && self.session.delete_candidate(&candidate, None, now).await? == Updated::Applied;
        Ok(if expires { DueOutcome::Expired } else { DueOutcome::NotDue })
    }

    /// A page of at most `limit` interviews of a candidate that the index still holds, as they stand, without those that
    /// are erased already.
    pub async fn interviews_to_erase(
        &mut self,
        id: CandidateId,
        after: Option<IndexCursor>,
        limit: u16,
    ) -> Result<Page<Versioned<Interview>, IndexCursor>, StoreError> {
        let (index, partition) = of_candidate(id);
        let query =
            Query { index: Some(index), partition, sort_keys: SortKeys::All, newest_first: false, consistent: false };
        let (entries, next) = self.session.query(&query, after.map(|cursor| cursor.0), Some(limit)).await?;
        let keys = entries.iter().filter_map(PrimaryKey::from_item).collect();
        let mut interviews = Vec::new();
        for item in self.session.get(keys).await?.into_values() {
            interviews.push(entity::<Interview>(item)?);
        }
        interviews.retain(|interview| interview.value.erased_at.is_none());
        Ok(Page { items: interviews, next: next.map(IndexCursor) })
    }

    /// Erases an interview's content, and cancels it unless it has ended. What has changed since it was read is read again.
    pub async fn erase_interview(&mut self, read: Versioned<Interview>, now: Timestamp) -> Result<(), StoreError> {
        let mut stored = Some(read);
        while let Some(old) = stored {
            let Some(erased) = old.value.erased(now) else { return Ok(()) };
            if self.session.change_interview(&old, &erased, None).await? == Updated::Applied {
                return Ok(());
            }
            self.session.pause_after_change().await?;
            stored = self.session.get_one(old.value.id.key()).await?.map(entity).transpose()?;
        }
        Ok(())
    }

    /// Writes the next step of an erasure, or its end, unless somebody else did.
    pub async fn change_erasure(
        &mut self,
        old: &Versioned<Erasure>,
        new: Option<&Erasure>,
        now: Timestamp,
    ) -> Result<Updated, StoreError> {
        let id = old.value.candidate_id;
        let after = match new {
            Some(new) => item_of(id.key(), new, old.version + 1)?,
            None => tombstone(id.key(), old.version + 1, now),
        };
        let before = item_of(id.key(), &old.value, old.version)?;
        self.session.commit_change(Transaction::of((), Write::become_item(id.key(), old.version, before, after))).await
    }
}
