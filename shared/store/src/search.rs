//! Searches for a company's candidates by the beginning of a name or of the e-mail address.
//!
//! For each field there is an index of a company's candidates in the order of that field, as searches compare it. A
//! candidate's place in what a search finds is that of its first field that matches, so that each candidate comes once.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use domain::candidate::{Candidate, CandidateId, CandidateSearch, SearchedField};
use domain::company::CompanyId;
use domain::time::Timestamp;

use crate::company::list_of;
use crate::entity::{EntityId as _, Item, s, text};
use crate::error::StoreError;
use crate::key::{BY_EMAIL, BY_FIRST_NAME, BY_LAST_NAME, Index, IndexKey, PrimaryKey};
use crate::list::{READ_MAX, Wanted};
use crate::page::{Page, PageRequest};
use crate::session::{Query, Session, SortKeys};

/// Characters of a field that its index keeps: more than nearly any name or address has, and at most 256 bytes, where a sort
/// key takes 1,024. What a longer search finds is compared with the candidate itself, as all is.
const TERM_CHARACTERS: usize = 64;

/// The beginning of a text that an index keeps.
fn term(text: &str) -> &str {
    text.char_indices().nth(TERM_CHARACTERS).map_or(text, |(end, _)| &text[..end])
}

/// The place of a candidate in what a search finds: the field that matches, what its index keeps of it, the candidate's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchPosition {
    field: SearchedField,
    /// The sort key in the field's index.
    sort: String,
}

impl SearchPosition {
    fn new(field: SearchedField, text: &str, id: CandidateId) -> Self {
        Self { field, sort: format!("{}#{id}", term(text)) }
    }

    /// The place of a candidate, as it is now, in what a search finds; none if it does not match.
    fn of(candidate: &Candidate, search: &CandidateSearch) -> Option<Self> {
        let (field, text) = search.first_match(&candidate.profile)?;
        Some(Self::new(field, &text, candidate.id))
    }

    /// The candidate's id, if the sort key is one of ours.
    fn id(&self) -> Option<CandidateId> {
        let (term, id) = self.sort.rsplit_once('#')?;
        let id: CandidateId = id.parse().ok()?;
        let is_ours = term.chars().count() <= TERM_CHARACTERS && self.sort == format!("{term}#{id}");
        is_ours.then_some(id)
    }
}

/// The letter that stands for a field in a position.
fn letter(field: SearchedField) -> char {
    match field {
        SearchedField::FirstName => 'f',
        SearchedField::LastName => 'l',
        SearchedField::Email => 'e',
    }
}

impl fmt::Display for SearchPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", letter(self.field), self.sort)
    }
}

/// The text is no place in what a search finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoSearchPosition;

impl FromStr for SearchPosition {
    type Err = NoSearchPosition;

    fn from_str(text: &str) -> Result<Self, NoSearchPosition> {
        let field = SearchedField::ALL.into_iter().find(|field| text.starts_with(letter(*field)));
        let field = field.ok_or(NoSearchPosition)?;
        let position = Self { field, sort: text[1..].to_owned() };
        if position.id().is_some() { Ok(position) } else { Err(NoSearchPosition) }
    }
}

/// The index of a field.
fn index(field: SearchedField) -> Index {
    match field {
        SearchedField::FirstName => BY_FIRST_NAME,
        SearchedField::LastName => BY_LAST_NAME,
        SearchedField::Email => BY_EMAIL,
    }
}

/// The partition that holds a company's candidates, in each index of them.
pub(crate) fn candidates_of(company_id: CompanyId) -> String {
    list_of(company_id, "CANDIDATE")
}

/// The places of a candidate in the indexes of its fields; one of which nothing is compared, such as a mark alone, has none.
pub(crate) fn search_keys(candidate: &Candidate) -> impl Iterator<Item = IndexKey> {
    SearchedField::ALL.into_iter().filter_map(|field| {
        let text = candidate.profile.searched(field).filter(|text| !text.is_empty())?;
        let SearchPosition { sort, .. } = SearchPosition::new(field, &text, candidate.id);
        Some(IndexKey { index: index(field), partition: candidates_of(candidate.company_id), sort })
    })
}

impl Session {
    /// A page of the company's candidates of whom a field begins so, each with its position: the indexes at once, then the
    /// candidates, by one request. `wanted` narrows what is found; absent, all is shown.
    ///
    /// The page ends when it is full, or when it has read a hundred candidates. Candidates that do not match any more are left
    /// out, and so are deleted ones, and those whose data may not be kept any longer.
    pub async fn search(
        &mut self,
        company_id: CompanyId,
        search: &CandidateSearch,
        page: &PageRequest<SearchPosition>,
        now: Timestamp,
        wanted: Option<&Wanted<'_, Candidate>>,
    ) -> Result<Page<(SearchPosition, Candidate), SearchPosition>, StoreError> {
        let after = page.cursor.as_ref();
        let first = after.map_or(SearchedField::FirstName, |after| after.field);
        // Beyond the first names, many of those that match were found by another field before.
        let read = if wanted.is_some() || first > SearchedField::FirstName { READ_MAX } else { page.limit };
        let fields = SearchedField::ALL.into_iter().filter(|field| *field >= first);
        let fields: Vec<_> = fields.collect();
        let queries = fields.iter().map(|field| {
            let begin = after.filter(|after| after.field == *field).and_then(|after| entry(company_id, search, after));
            (query(company_id, search, *field), begin)
        });
        let found = self.query_at_once(queries.collect(), read).await?;

        let (mut entries, mut distinct, mut is_more) = (Vec::new(), HashSet::new(), false);
        'fields: for (field, (items, next)) in fields.into_iter().zip(found) {
            for item in items {
                let (position, key) = place(field, &item)?;
                if distinct.len() >= usize::from(read) && !distinct.contains(&key) {
                    is_more = true;
                    break 'fields;
                }
                distinct.insert(key.clone());
                entries.push((position, key));
            }
            // What other fields find comes after all that this one finds.
            is_more = next.is_some();
            if is_more {
                break;
            }
        }
        let is_shown = |position: &SearchPosition, candidate: &Candidate| {
            let is_its_place = SearchPosition::of(candidate, search).as_ref() == Some(position);
            is_its_place && wanted.is_none_or(|wanted| wanted(candidate))
        };
        self.entities(entries, is_more, company_id.into(), page.limit, now, is_shown).await
    }
}

/// The query for what a search finds by a field.
fn query(company_id: CompanyId, search: &CandidateSearch, field: SearchedField) -> Query {
    Query {
        index: Some(index(field)),
        partition: candidates_of(company_id),
        sort_keys: SortKeys::Prefix(term(search.as_str()).to_owned()),
        newest_first: false,
        consistent: false,
    }
}

/// The entry of a field's index at a position, if the position is within what the search finds.
fn entry(company_id: CompanyId, search: &CandidateSearch, position: &SearchPosition) -> Option<Item> {
    let id = position.id().filter(|_| position.sort.starts_with(term(search.as_str())))?;
    let index = index(position.field);
    let mut entry = id.key().into_attributes();
    entry.insert(index.partition_attribute.to_owned(), s(candidates_of(company_id)));
    entry.insert(index.sort_attribute.to_owned(), s(&position.sort));
    Some(entry)
}

/// The position of an entry of a field's index, and the primary key of its item.
fn place(field: SearchedField, entry: &Item) -> Result<(SearchPosition, PrimaryKey), StoreError> {
    let sort = text(entry, index(field).sort_attribute);
    let position = sort.map(|sort| SearchPosition { field, sort: sort.to_owned() });
    position.zip(PrimaryKey::from_item(entry)).ok_or_else(|| StoreError::unknown("Query", "an entry without its keys"))
}
