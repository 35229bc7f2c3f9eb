//! Pages of lists.

use std::fmt;
use std::str::FromStr;

use domain::time::Timestamp;
use uuid::Uuid;

/// The part of a list that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest<C> {
    /// Most items on the page.
    pub limit: u16,
    /// The place of the last item that the page before has read; absent for the first page.
    pub cursor: Option<C>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T, C> {
    /// The items, in the order of the list.
    pub items: Vec<T>,
    /// The place after which the next page begins, if there is one. What lies before it was read, shown or not.
    pub next: Option<C>,
}

/// The place of an entity in a list by time of creation. It never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListPosition {
    /// The time of its creation.
    pub created_at: Timestamp,
    /// The entity's id.
    pub id: Uuid,
}

/// The sort key of an index entry.
impl fmt::Display for ListPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.created_at, self.id)
    }
}

/// The text is no place in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoListPosition;

impl FromStr for ListPosition {
    type Err = NoListPosition;

    fn from_str(text: &str) -> Result<Self, NoListPosition> {
        let (created_at, id) = text.split_once('#').ok_or(NoListPosition)?;
        let created_at = created_at.parse().map_err(|_| NoListPosition)?;
        let position = Self { created_at, id: Uuid::try_parse(id).map_err(|_| NoListPosition)? };
        if position.to_string() == text { Ok(position) } else { Err(NoListPosition) }
    }
}
