//! Contradictions in the table.

use domain::company::CompanyId;
use serde::Serialize;

/// Declares the kinds of contradictions.
macro_rules! contradictions {
    ($($(#[$doc:meta])* $kind:ident = $text:literal,)+) => {
        /// The kind of a contradiction. `docs/operating.md` says what each means.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub enum Contradiction {
            $($(#[$doc])* #[serde(rename = $text)] $kind,)+
        }

        impl Contradiction {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// The kind's one spelling.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $text,)+ }
            }
        }
    };
}

contradictions! {
    /// Attributes of an item that can't be read as those of its type.
    UnreadableItem = "UNREADABLE_ITEM",
    /// Places in indexes that an item has and should not have, or the reverse: an interview that has not ended without its entry
    /// among those that are due, or anything else with one.
    WrongIndexEntry = "WRONG_INDEX_ENTRY",
    /// An item of a company that does not exist, or a company without an allowance.
    NoCompany = "NO_COMPANY",
    /// An interview with an agent, a candidate or a job of another company, or content beside such an interview.
    ForeignReference = "FOREIGN_REFERENCE",
    /// An interview whose agent, candidate or job there never was, or content without its interview.
    UnknownReference = "UNKNOWN_REFERENCE",
    /// Content of an interview that was deleted, or whose candidate was erased.
    ContentLeft = "CONTENT_LEFT",
    /// Amounts of a month that do not add up to the grant.
    UnbalancedBooks = "UNBALANCED_BOOKS",
    /// Time that an interview holds which has ended or is a test, or lacks which has not.
    WrongReservation = "WRONG_RESERVATION",
    /// The reserved time of a month that is not that of the interviews that reserved it.
    ReservedDiffers = "RESERVED_DIFFERS",
    /// The used time of a month that is not that of the settled interviews that had reserved time in it.
    UsedDiffers = "USED_DIFFERS",
    /// The usage of a day that is not that of the settled interviews that ended on it.
    UsageDiffers = "USAGE_DIFFERS",
    /// A delivery that has not ended in the time in which each does.
    DeliveryNeverEnded = "DELIVERY_NEVER_ENDED",
    /// An alarm of a webhook for which nothing waits, and which no sweep has removed.
    AlarmWithoutWaiting = "ALARM_WITHOUT_WAITING",
    /// Deliveries that wait for a webhook without an alarm: no sweep looks at them.
    WaitingWithoutAlarm = "WAITING_WITHOUT_ALARM",
}

/// A contradiction that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The kind.
    pub contradiction: Contradiction,
    /// The company, if it is one's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_id: Option<CompanyId>,
    /// The keys of the items, each as partition and sort key.
    pub items: Vec<String>,
    /// The state that is wrong.
    pub is: String,
    /// The state that would be right.
    pub should: String,
}

impl Finding {
    pub(super) fn new(
        contradiction: Contradiction,
        company_id: Option<CompanyId>,
        items: impl IntoIterator<Item = String>,
        is: impl Into<String>,
        should: impl Into<String>,
    ) -> Self {
        Self { contradiction, company_id, items: items.into_iter().collect(), is: is.into(), should: should.into() }
    }
}
