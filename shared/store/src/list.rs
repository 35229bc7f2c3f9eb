//! Lists of entities by time of creation, newest first.
//!
//! An index has nothing but keys, and only keys that never change. A page is read from it, and then the entities
//! themselves, consistently: whatever the list is narrowed to is decided by how they are now.

use std::collections::HashMap;
use std::marker::PhantomData;

use domain::agent::Agent;
use domain::candidate::{Candidate, CandidateId};
use domain::company::{AtsId, Company, CompanyId, Owner};
use domain::interview::Interview;
use domain::job::{Job, JobId};
use domain::phone_number::PhoneNumber;
use domain::time::Timestamp;

use crate::allowance::AllowanceOf;
use crate::candidate::is_expired;
use crate::company::{CompanyAccount, account, list_of, of_system};
use crate::entity::{Entity, EntityId as _, Item, entity, is_owned_by, s, text};
use crate::error::StoreError;
use crate::interview::{of_candidate, of_job};
use crate::key::{Index, LISTS, PrimaryKey};
use crate::page::{ListPosition, Page, PageRequest};
use crate::session::{Query, Session, SortKeys};

/// Most entities that a page of a narrowed list reads: what one BatchGetItem takes. A page that has read so many ends,
/// however few of them it shows.
pub(crate) const READ_MAX: u16 = 100;

/// A list of a tenant's entities of one kind.
#[derive(Debug, Clone)]
pub struct List<E> {
    index: Index,
    partition: String,
    /// The beginning of the entities' primary keys.
    kind: &'static str,
    tenant: Owner,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> List<E> {
    fn new((index, partition): (Index, String), kind: &'static str, tenant: impl Into<Owner>) -> Self {
        Self { index, partition, kind, tenant: tenant.into(), entity: PhantomData }
    }

    fn of_company(company_id: CompanyId, kind: &'static str) -> Self {
        Self::new((LISTS, list_of(company_id, kind)), kind, company_id)
    }

    /// The entry of the index at a position.
    fn entry(&self, position: &ListPosition) -> Item {
        let mut entry = PrimaryKey::of(self.kind, position.id).into_attributes();
        entry.insert(self.index.partition_attribute.to_owned(), s(&self.partition));
        entry.insert(self.index.sort_attribute.to_owned(), s(position));
        entry
    }
}

impl List<Agent> {
    /// The agents of a company.
    pub fn agents(company_id: CompanyId) -> Self {
        Self::of_company(company_id, "AGENT")
    }
}

impl List<Candidate> {
    /// The candidates of a company.
    pub fn candidates(company_id: CompanyId) -> Self {
        Self::of_company(company_id, "CANDIDATE")
    }
}

impl List<Job> {
    /// The jobs of a company.
    pub fn jobs(company_id: CompanyId) -> Self {
        Self::of_company(company_id, "JOB")
    }
}

impl List<PhoneNumber> {
    /// The telephone numbers of a company.
    pub fn phone_numbers(company_id: CompanyId) -> Self {
        Self::of_company(company_id, "PHONE")
    }
}

impl List<Interview> {
    /// The interviews of a company.
    pub fn interviews(company_id: CompanyId) -> Self {
        Self::of_company(company_id, "INTERVIEW")
    }

    /// The interviews of a candidate of the company.
    pub fn interviews_of_candidate(company_id: CompanyId, id: CandidateId) -> Self {
        Self::new(of_candidate(id), "INTERVIEW", company_id)
    }

    /// The interviews for a job of the company.
    pub fn interviews_for_job(company_id: CompanyId, id: JobId) -> Self {
        Self::new(of_job(id), "INTERVIEW", company_id)
    }
}

impl List<Company> {
    /// The companies that a system manages.
    pub fn companies(ats_id: AtsId) -> Self {
        Self::new(of_system(ats_id), "COMPANY", Owner::Ats(ats_id))
    }
}

/// The judgement on an entity of a list that is narrowed: true if it is wanted.
pub type Wanted<'a, E> = dyn Fn(&E) -> bool + Sync + 'a;

impl Session {
    /// A page of a list, each entity with its position: two requests, or one if there is nothing. `wanted` narrows the list;
    /// absent, all is shown.
    ///
    /// The page ends when it is full, or when it has read a hundred entities. Entities that are deleted meanwhile are left
    /// out, and so are candidates whose data may not be kept any longer.
    pub async fn list<E: Entity>(
        &mut self,
        list: &List<E>,
        page: &PageRequest<ListPosition>,
        now: Timestamp,
        wanted: Option<&Wanted<'_, E>>,
    ) -> Result<Page<(ListPosition, E), ListPosition>, StoreError> {
        let read = if wanted.is_some() { READ_MAX } else { page.limit };
        let (entries, goes_on) = self.places(list, page.cursor.as_ref(), read).await?;
        let is_shown = |_: &ListPosition, entity: &E| wanted.is_none_or(|wanted| wanted(entity));
        self.entities(entries, goes_on, list.tenant, page.limit, now, is_shown).await
    }

    /// The page of those of the tenant's entities at entries of indexes that are shown there. It ends when it has as many as
    /// `limit`, or with the entries, beyond which there may be more.
    pub(crate) async fn entities<P: Clone, E: Entity>(
        &mut self,
        entries: Vec<(P, PrimaryKey)>,
        is_more: bool,
        tenant: Owner,
        limit: u16,
        now: Timestamp,
        is_shown: impl Fn(&P, &E) -> bool,
    ) -> Result<Page<(P, E), P>, StoreError> {
        let stored = self.get(entries.iter().map(|(_, key)| key.clone()).collect()).await?;
        let kept = stored.into_iter().filter(|(_, item)| is_owned_by(item, tenant) && !is_expired(item, now));
        let decoded = kept.map(|(key, item)| Ok((key, entity::<E>(item)?.value)));
        let mut entities = decoded.collect::<Result<HashMap<_, _>, StoreError>>()?;
        let (mut items, mut last) = (Vec::new(), None);
        let mut entries = entries.into_iter();
        for (position, key) in entries.by_ref() {
            last = Some(position.clone());
            if entities.get(&key).is_some_and(|entity| is_shown(&position, entity)) {
                items.extend(entities.remove(&key).map(|entity| (position, entity)));
            }
            if items.len() >= usize::from(limit) {
                break;
            }
        }
        let is_more = is_more || entries.next().is_some();
        Ok(Page { items, next: last.filter(|_| is_more) })
    }

    /// A page of the companies that a system manages, each with its position and its allowance: two requests, three for more
    /// than fifty companies, or one if there is nothing.
    pub async fn managed_companies(
        &mut self,
        ats_id: AtsId,
        page: &PageRequest<ListPosition>,
    ) -> Result<Page<(ListPosition, CompanyAccount), ListPosition>, StoreError> {
        let (places, goes_on) = self.places(&List::companies(ats_id), page.cursor.as_ref(), page.limit).await?;
        let place = |(position, _): (ListPosition, PrimaryKey)| (position, CompanyId::new(position.id));
        let places: Vec<_> = places.into_iter().map(place).collect();
        let keys = places.iter().flat_map(|(_, id)| [id.key(), AllowanceOf(*id).key()]).collect();
        let mut stored = self.get(keys).await?;
        let next = places.last().map(|(position, _)| *position).filter(|_| goes_on);
        let mut items = Vec::new();
        for (position, id) in places {
            let account = account(&mut stored, id)?;
            items.extend(account.filter(|it| it.company.ats_id == Some(ats_id)).map(|account| (position, account)));
        }
        Ok(Page { items, next })
    }

    /// The first entities of a list after a position, as the index has them: their positions and primary keys, and true if
    /// the list goes on.
    async fn places<E: Entity>(
        &mut self,
        list: &List<E>,
        after: Option<&ListPosition>,
        limit: u16,
    ) -> Result<(Vec<(ListPosition, PrimaryKey)>, bool), StoreError> {
        let query = Query {
            index: Some(list.index),
            partition: list.partition.clone(),
            sort_keys: SortKeys::All,
            newest_first: true,
            consistent: false,
        };
        let after = after.map(|position| list.entry(position));
        let (entries, next) = self.query(&query, after, Some(limit)).await?;
        let places = entries.iter().map(|entry| place(list.index, entry)).collect::<Result<Vec<_>, _>>()?;
        Ok((places, next.is_some()))
    }

    /// The number of a candidate's interviews, deleted ones not counted: one request for each megabyte of the index, which
    /// some 4,000 interviews fill.
    pub async fn interview_count(&mut self, id: CandidateId) -> Result<u64, StoreError> {
        let (index, partition) = of_candidate(id);
        let (mut count, mut after) = (0, None);
        loop {
            let (counted, next) = self.count(index, &partition, after).await?;
            count += counted;
            after = next;
            if after.is_none() {
                return Ok(count);
            }
        }
    }
}

/// The position of an index entry, and the primary key of its item.
fn place(index: Index, entry: &Item) -> Result<(ListPosition, PrimaryKey), StoreError> {
    let position = text(entry, index.sort_attribute).and_then(|sort| sort.parse().ok());
    position.zip(PrimaryKey::from_item(entry)).ok_or_else(|| StoreError::unknown("Query", "an entry without its keys"))
}
