//! Items: the meaning of each for an audit, and contradictions to it.

use std::time::Duration;

use domain::agent::{Agent, Focus};
use domain::allowance::{Allowance, Books, ClosedPeriod};
use domain::analysis::StoredAnalysis;
use domain::api_key::ApiKey;
use domain::candidate::{Candidate, Erasure};
use domain::company::{Ats, Company, CompanyId};
use domain::delivery::{Delivery, DeliveryStatus, WaitingDelivery, WebhookAlarm};
use domain::interview::{Interview, InterviewId, InterviewStatus, Reservation, SettledUse, Settlement};
use domain::job::Job;
use domain::phone_number::PhoneNumber;
use domain::time::Timestamp;
use domain::transcript::Transcript;
use domain::usage::Used;
use domain::webhook::WebhookId;

use crate::entity::{COMPANY_ID, ENTITY_TYPE, Entity, EntityId, Item, TOMBSTONE, entity, is_deleted, text};
use crate::erasure::ERASURE;
use crate::error::StoreError;
use crate::key::{BY_EMAIL, BY_FIRST_NAME, BY_LAST_NAME, IndexKey, LISTS, OF_CANDIDATE, OF_JOB, PrimaryKey, SPARSE};
use crate::usage::{TYPE as USAGE, decoded};

use super::books::BooksEntry;
use super::finding::{Contradiction, Finding};
use super::{Thing, Things, Waits};

/// The time after which what is repaired by itself has been: a message is repeated within minutes, and sweeps look each minute.
const REPAIRED_AFTER: Duration = Duration::from_secs(60 * 60);
/// The time in which each delivery ends: attempts over two days, or a wait of four days for its webhook, and some hours.
const DELIVERY_ENDS_AFTER: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// The beginning of the partitions of interviews that are due.
const DUE: &str = "DUE#";

/// The part of an item in an audit.
#[derive(Debug, Default)]
pub(super) struct Judgement {
    key: String,
    company_id: Option<CompanyId>,
    findings: Vec<Finding>,
    named: Vec<Named>,
    pub books: Option<(CompanyId, BooksEntry)>,
    pub waits: Option<(WebhookId, Waits)>,
}

/// Something that an item names, which must be of the same company.
#[derive(Debug)]
struct Named {
    key: PrimaryKey,
    what: &'static str,
    /// True if it may be gone for good: a candidate, some time after it was erased.
    may_be_gone: bool,
    /// True if the item is content of it, which is taken together with the content that it has itself.
    is_content_of: bool,
}

impl Named {
    fn new(key: PrimaryKey, what: &'static str) -> Self {
        Self { key, what, may_be_gone: false, is_content_of: false }
    }
}

/// True if an item lies beside a company, or is the company.
pub(super) fn is_at(item: &Item, id: CompanyId) -> bool {
    PrimaryKey::from_item(item).is_some_and(|key| key.partition() == id.key().partition())
}

/// The places in indexes that an item has: attributes with their values, in order.
fn places_of(item: &Item) -> Vec<(&'static str, String)> {
    let indexes = [LISTS, OF_CANDIDATE, OF_JOB, SPARSE, BY_FIRST_NAME, BY_LAST_NAME, BY_EMAIL];
    let mut names: Vec<_> =
        indexes.iter().flat_map(|index| [index.partition_attribute, index.sort_attribute]).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().filter_map(|name| Some((name, text(item, name)?.to_owned()))).collect()
}

/// The places in indexes that an item should have, in the same form.
fn places(keys: Vec<IndexKey>) -> Vec<(&'static str, String)> {
    let of_key =
        |IndexKey { index, partition, sort }| [(index.partition_attribute, partition), (index.sort_attribute, sort)];
    let mut places: Vec<_> = keys.into_iter().flat_map(of_key).collect();
    places.sort_unstable();
    places.dedup();
    places
}

impl Judgement {
    /// The judgement on an item by itself.
    pub fn of(item: &Item, now: Timestamp) -> Self {
        let key = ["PK", "SK"].map(|name| text(item, name).unwrap_or_default()).join(" ");
        // A company's item has the company's id as its own.
        let id = if text(item, ENTITY_TYPE) == Some(Company::TYPE) { "id" } else { COMPANY_ID };
        let company_id = text(item, id).and_then(|id| id.parse().ok());
        let mut judgement = Self { key, company_id, ..Self::default() };
        if let Err(error) = judgement.read(item, now) {
            let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            let is = format!("the item can't be read: {cause}");
            judgement.find(Contradiction::UnreadableItem, is, "an item that the functions can read");
        }
        if let (None, Some(id)) = (&judgement.books, company_id) {
            judgement.books = Some((id, BooksEntry::Thing));
        }
        judgement
    }

    /// The keys of what the item names.
    pub fn names(&self) -> impl Iterator<Item = PrimaryKey> {
        self.named.iter().map(|named| named.key.clone())
    }

    /// The contradictions, once it is known whose the things are that the item names.
    pub fn findings(&self, things: &Things) -> Vec<Finding> {
        let mut findings = self.findings.clone();
        let own = self.company_id.map(|id| id.to_string());
        for Named { key, what, may_be_gone, is_content_of } in &self.named {
            let (contradiction, is) = match things.get(key) {
                Some(thing) if *is_content_of && thing.is_without_content => {
                    (Contradiction::ContentLeft, "it is content of an interview that has none any more".to_owned())
                }
                // A tombstone does not tell whose it was.
                Some(Thing { company: None, .. }) => continue,
                Some(Thing { company, .. }) if *company == own => continue,
                Some(_) => (Contradiction::ForeignReference, format!("it names {what} of another company")),
                None if *may_be_gone => continue,
                None => (Contradiction::UnknownReference, format!("it names {what} that does not exist")),
            };
            let items = [self.key.clone(), key.words()];
            findings.push(Finding::new(contradiction, self.company_id, items, is, format!("{what} of its company")));
        }
        findings
    }

    fn find(&mut self, contradiction: Contradiction, is: impl Into<String>, should: impl Into<String>) {
        self.findings.push(Finding::new(contradiction, self.company_id, [self.key.clone()], is, should));
    }

    fn name(&mut self, key: PrimaryKey, what: &'static str) {
        self.named.push(Named::new(key, what));
    }

    /// Reads an entity, and looks at its places in indexes.
    fn entity<E: Entity>(&mut self, item: &Item) -> Result<E, StoreError> {
        let entity = entity::<E>(item.clone())?.value;
        // A deleted agent or job keeps its content, and no place.
        let keys = if is_deleted(item) && E::TYPE != Interview::TYPE && E::TYPE != TOMBSTONE {
            Vec::new()
        } else {
            entity.index_keys()
        };
        self.places(item, places(keys));
        Ok(entity)
    }

    /// Looks at an entity's places in indexes alone.
    fn placed<E: Entity>(&mut self, item: &Item) -> Result<(), StoreError> {
        self.entity::<E>(item).map(|_| ())
    }

    fn places(&mut self, item: &Item, should: Vec<(&'static str, String)>) {
        let is = places_of(item);
        if is != should {
            let words = |places: &[(&str, String)]| {
                let places: Vec<String> = places.iter().map(|(name, value)| format!("{name}={value}")).collect();
                if places.is_empty() { "no place in an index".to_owned() } else { places.join(" ") }
            };
            self.find(Contradiction::WrongIndexEntry, words(&is), words(&should));
        }
    }

    fn read(&mut self, item: &Item, now: Timestamp) -> Result<(), StoreError> {
        match text(item, ENTITY_TYPE).unwrap_or_default() {
            Company::TYPE => {
                let company = self.entity::<Company>(item)?;
                self.books = Some((company.id, BooksEntry::Company));
            }
            Allowance::TYPE => {
                let books = self.entity::<Allowance>(item)?.books();
                self.month(books);
            }
            ClosedPeriod::TYPE => {
                let books = self.entity::<ClosedPeriod>(item)?.books;
                self.month(books);
            }
            USAGE => self.usage(item)?,
            Interview::TYPE => self.interview(item)?,
            Transcript::TYPE | StoredAnalysis::TYPE => self.content(item),
            Agent::TYPE => self.placed::<Agent>(item)?,
            Candidate::TYPE => self.placed::<Candidate>(item)?,
            Job::TYPE => self.placed::<Job>(item)?,
            PhoneNumber::TYPE => self.placed::<PhoneNumber>(item)?,
            ApiKey::TYPE => self.placed::<ApiKey>(item)?,
            Ats::TYPE => self.placed::<Ats>(item)?,
            TOMBSTONE if item.contains_key(ERASURE) => self.placed::<Erasure>(item)?,
            TOMBSTONE => self.places(item, Vec::new()),
            Delivery::TYPE => self.delivery(item, now)?,
            WaitingDelivery::TYPE => {
                let waiting = self.entity::<WaitingDelivery>(item)?;
                let waits = Waits { deliveries: u64::from(is_old(waiting.updated_at, now)), ..Waits::default() };
                self.waits = Some((waiting.webhook_id, waits));
            }
            WebhookAlarm::TYPE => {
                let alarm = self.entity::<WebhookAlarm>(item)?;
                let waits = Waits { has_alarm: true, is_overdue: is_old(alarm.due_at, now), ..Waits::default() };
                self.waits = Some((alarm.webhook_id, waits));
            }
            _ if text(item, SPARSE.partition_attribute).is_some_and(|partition| partition.starts_with(DUE)) => {
                let is = "it lies among the interviews that are due, and is none";
                self.find(Contradiction::WrongIndexEntry, is, "no place there");
            }
            _ => {}
        }
        Ok(())
    }

    fn month(&mut self, books: Books) {
        let Books { granted_seconds, remaining_seconds, reserved_seconds, used_seconds, .. } = &books;
        if *remaining_seconds + *reserved_seconds + *used_seconds != *granted_seconds {
            let is = format!(
                "{remaining_seconds} s remain, {reserved_seconds} s are reserved and {used_seconds} s used in {}",
                books.period
            );
            self.find(Contradiction::UnbalancedBooks, is, format!("{granted_seconds} s together, as granted"));
        }
        self.books = self.company_id.map(|id| (id, BooksEntry::Month(Box::new(books))));
    }

    fn usage(&mut self, item: &Item) -> Result<(), StoreError> {
        self.places(item, Vec::new());
        let (date, usage) = decoded(item)?;
        let count =
            |(focus, used): (Focus, Used)| (focus, i64::try_from(used.interviews).unwrap_or(i64::MAX), used.seconds.0);
        self.books = self.company_id.map(|id| (id, BooksEntry::Day(date, usage.by_focus().map(count).collect())));
        Ok(())
    }

    fn interview(&mut self, item: &Item) -> Result<(), StoreError> {
        let interview = self.entity::<Interview>(item)?;
        let is_without_content = interview.deleted_at.or(interview.erased_at).is_some();
        self.name(interview.agent_id.key(), "an agent");
        self.named
            .push(Named { may_be_gone: is_without_content, ..Named::new(interview.candidate_id.key(), "a candidate") });
        interview.job_id.iter().for_each(|id| self.name(id.key(), "a job"));
        if is_without_content && (interview.metadata.is_some() || interview.analysis.is_some()) {
            let is = "it was deleted, or its candidate erased, and there is content in it";
            self.find(Contradiction::ContentLeft, is, "no metadata and no analysis");
        }
        let day = interview.settled_use().map(|SettledUse { ended_at, focus, .. }| (ended_at.date(), focus));
        let held = interview.reservation.map(|Reservation { period, seconds }| (period, seconds.0));
        let seconds = held.as_ref().map(|(_, seconds)| *seconds);
        let has_ended = match interview.status {
            InterviewStatus::Scheduled | InterviewStatus::InProgress => false,
            InterviewStatus::Completed
            | InterviewStatus::Failed
            | InterviewStatus::Cancelled
            | InterviewStatus::Undefined => true,
        };
        match seconds {
            Some(1..) if has_ended || interview.is_test => {
                let is = format!("it is {} and holds time", if interview.is_test { "a test" } else { "over" });
                self.find(Contradiction::WrongReservation, is, "no time");
            }
            None if !has_ended && !interview.is_test => {
                self.find(
                    Contradiction::WrongReservation,
                    "it has not ended and holds no time",
                    "the time that it may take",
                );
            }
            _ => {}
        }
        let used = interview.settlement.map(|Settlement { period, seconds }| (period, seconds.0));
        self.books = Some((interview.company_id, BooksEntry::Interview { held, used, day }));
        Ok(())
    }

    /// Content beside an interview: a transcript, an analysis.
    fn content(&mut self, item: &Item) {
        self.places(item, Vec::new());
        let id = text(item, "interviewId").and_then(|id| id.parse::<InterviewId>().ok());
        match id {
            Some(id) => self.named.push(Named { is_content_of: true, ..Named::new(id.key(), "an interview") }),
            None => self.find(Contradiction::UnreadableItem, "it does not tell its interview", "the interview's id"),
        }
    }

    fn delivery(&mut self, item: &Item, now: Timestamp) -> Result<(), StoreError> {
        let delivery = self.entity::<Delivery>(item)?;
        if delivery.status == DeliveryStatus::Pending && delivery.updated_at.saturating_add(DELIVERY_ENDS_AFTER) < now {
            let is = format!("it is PENDING, and nothing was done for it since {}", delivery.updated_at);
            self.find(Contradiction::DeliveryNeverEnded, is, "SUCCEEDED or FAILED within a week");
        }
        Ok(())
    }
}

/// True if what heals by itself has had the time to.
fn is_old(since: Timestamp, now: Timestamp) -> bool {
    since.saturating_add(REPAIRED_AFTER) < now
}
