//! The migration of items that were stored before they had a place in every index, or a transcript beside them.
//!
//! It goes through the lists of companies, page by page, and changes an item only as long as it is as it was read. What it
//! writes is what any change of the item would write by now, and no caller sees it: not its time of change, not its tag.
//! It can be interrupted, and repeated: items that have all they need are read and left alone.

use domain::candidate::Candidate;
use domain::company::{Company, CompanyId};
use domain::interview::Interview;
use domain::transcript::Transcript;
use serde::Serialize;

use crate::Store;
use crate::company::{COMPANIES, list_of};
use crate::entity::{Entity, EntityId, Item, VERSION, encoded, entity, n, s};
use crate::error::StoreError;
use crate::key::{LISTS, PrimaryKey};
use crate::operator::OperatorError;
use crate::search::candidates_of;
use crate::session::{Query, Session, SortKeys, Updated};
use crate::transcript::TranscriptOf;
use crate::write::{Transaction, Write};

/// Items that are read at a time, and changed one after another, by a session with time of its own.
const PAGE: u16 = 25;

/// The progress of the migration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct MigrationProgress {
    /// Companies whose items were all looked at.
    pub companies: u64,
    /// Items that were looked at.
    pub items: u64,
    /// Items that were changed.
    pub migrated: u64,
}

impl Store {
    /// Gives every item its places in the indexes, and moves transcripts out of analyses. `progress` is told after each page.
    pub async fn migrate(&self, progress: impl Fn(&MigrationProgress)) -> Result<MigrationProgress, OperatorError> {
        let mut done = MigrationProgress::default();
        let mut companies = None;
        loop {
            let (ids, next) = self.migrate_page::<Company>(COMPANIES.to_owned(), companies, &mut done).await?;
            progress(&done);
            for company in ids {
                self.migrate_list::<Interview>(list_of(company, "INTERVIEW"), &mut done, &progress).await?;
                self.migrate_list::<Candidate>(candidates_of(company), &mut done, &progress).await?;
                done.companies += 1;
            }
            companies = next;
            if companies.is_none() {
                progress(&done);
                return Ok(done);
            }
        }
    }

    async fn migrate_list<E: Migrated>(
        &self,
        list: String,
        done: &mut MigrationProgress,
        progress: &impl Fn(&MigrationProgress),
    ) -> Result<(), OperatorError> {
        let mut after = None;
        loop {
            let (_, next) = self.migrate_page::<E>(list.clone(), after, done).await?;
            progress(done);
            after = next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// Migrates a page of a list, and returns the ids of its entities with the key after which the next page begins.
    async fn migrate_page<E: Migrated>(
        &self,
        list: String,
        after: Option<Item>,
        done: &mut MigrationProgress,
    ) -> Result<(Vec<E::Id>, Option<Item>), OperatorError> {
        let mut session = self.session();
        let query = Query {
            index: Some(LISTS),
            partition: list,
            sort_keys: SortKeys::All,
            newest_first: false,
            consistent: false,
        };
        let (entries, next) = session.query(&query, after, Some(PAGE)).await?;
        let mut ids = Vec::new();
        for key in entries.iter().filter_map(PrimaryKey::from_item) {
            session.restart_budget();
            done.items += 1;
            if let Some((id, changed)) = migrate_item::<E>(&mut session, key).await? {
                ids.push(id);
                done.migrated += u64::from(changed);
            }
        }
        Ok((ids, next))
    }
}

/// An entity whose stored items may lack something.
trait Migrated: Entity {
    /// The entity's id.
    type Id;

    fn id(&self) -> Self::Id;

    /// The attributes that stand for what was moved, and the item that it moved to, if it has to move.
    fn moved(&self) -> Result<Option<(Item, Write)>, StoreError> {
        Ok(None)
    }
}

impl Migrated for Company {
    type Id = CompanyId;

    fn id(&self) -> CompanyId {
        self.id
    }
}

impl Migrated for Candidate {
    type Id = ();

    fn id(&self) {}
}

impl Migrated for Interview {
    type Id = ();

    fn id(&self) {}

    fn moved(&self) -> Result<Option<(Item, Write)>, StoreError> {
        let Some(segments) = self.transcript_within() else { return Ok(None) };
        let transcript = Transcript::new(self, segments.to_vec(), self.updated_at);
        // As it is written now, the analysis has no transcript.
        let analysis = Item::from([("analysis".to_owned(), encoded(&self.analysis)?)]);
        Ok(Some((analysis, Write::create_again(TranscriptOf(self.id).key(), &transcript)?)))
    }
}

/// Migrates an item, unless it needs nothing: true if it was changed; none if it is gone.
async fn migrate_item<E: Migrated>(
    session: &mut Session,
    key: PrimaryKey,
) -> Result<Option<(E::Id, bool)>, OperatorError> {
    loop {
        let Some(item) = session.get_one(key.clone()).await? else { return Ok(None) };
        let stored = entity::<E>(item.clone())?;
        let mut lacking = Item::new();
        for place in stored.value.index_keys() {
            lacking.insert(place.index.partition_attribute.to_owned(), s(place.partition));
            lacking.insert(place.index.sort_attribute.to_owned(), s(place.sort));
        }
        lacking.retain(|name, value| item.get(name) != Some(value));
        let moved = stored.value.moved()?;
        lacking.extend(moved.iter().flat_map(|(attributes, _)| attributes.clone()));
        if lacking.is_empty() {
            return Ok(Some((stored.value.id(), false)));
        }
        lacking.insert(VERSION.to_owned(), n(stored.version + 1));
        let set: Vec<String> = lacking.keys().map(|name| format!("#{name} = :{name}")).collect();
        let write = Write::update(key.clone(), format!("SET {}", set.join(", ")), "#version = :read");
        let write = write.value(":read", n(stored.version));
        let write = lacking.into_iter().fold(write, |write, (name, value)| write.value(&format!(":{name}"), value));
        let mut transaction = Transaction::of((), write);
        if let Some((_, write)) = moved {
            transaction.add((), write);
        }
        match session.commit_change(transaction).await? {
            Updated::Applied => return Ok(Some((stored.value.id(), true))),
            Updated::Outdated => session.pause_after_change().await?,
        }
    }
}
