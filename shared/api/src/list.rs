//! Pages of lists, as callers ask for them and get them.

use std::fmt::Display;
use std::str::FromStr;

use domain::company::Owner;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use store::{Page, PageRequest};
use validation::Issue;

use crate::cursor::ListScope;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::request::RequestContext;
use crate::resource::ListResponse;

/// Most bytes of a page's items. Lambda takes answers of up to 6 MB, in which the page is a JSON string: at worst twice as
/// long.
const PAGE_MAX_BYTES: usize = 2 * 1024 * 1024;

/// The rule on cursors.
pub(crate) const CURSOR_RULE: &str = "must be given once, as nextCursor of a page of this list with the same filters";

/// The page that a request asks for. Whether its cursor is one of the list, the tenant and the filters decide.
#[derive(Debug, Clone)]
pub struct PageQuery {
    pub(crate) limit: u16,
    pub(crate) cursor: Option<String>,
}

impl RequestContext<'_> {
    /// The list that the request asks for, as the tenant sees it, narrowed to what the filters say.
    pub fn list<'a, F: Serialize>(&self, tenant: impl Into<Owner>, filters: &'a F) -> ListScope<'a, F> {
        ListScope::new(self.request.path(), tenant, filters)
    }
}

impl<F: Serialize> ListScope<'_, F> {
    /// The page of this list.
    ///
    /// # Errors
    /// 400 if the cursor is none that this list gave.
    pub fn page<C: FromStr + Display>(&self, query: &PageQuery) -> Result<PageRequest<C>, Problem> {
        let cursor = query.cursor.as_deref().map(|text| self.place(text).ok_or_else(invalid_cursor)).transpose()?;
        Ok(PageRequest { limit: query.limit, cursor })
    }

    /// The answer with a page. It ends early if its items, as `show` has them, are too long for one answer.
    pub fn reply<T, C: Display>(
        &self,
        page: Page<(C, T), C>,
        show: impl Fn(&T) -> serde_json::Result<Box<RawValue>>,
    ) -> Result<Reply, Problem> {
        let (mut items, mut bytes, mut next) = (Vec::new(), 0, page.next);
        let mut last = None;
        for (place, item) in page.items {
            let shown = show(&item).map_err(Problem::internal)?;
            bytes += shown.get().len();
            if bytes > PAGE_MAX_BYTES && last.is_some() {
                next = last;
                break;
            }
            items.push(shown);
            last = Some(place);
        }
        let next_cursor = next.map(|place| self.cursor(place)).transpose().map_err(Problem::internal)?;
        Reply::ok(&ListResponse { items, next_cursor })
    }
}

/// An item of a page, as it is shown.
pub fn shown(item: &impl Serialize) -> serde_json::Result<Box<RawValue>> {
    to_raw_value(item)
}

fn invalid_cursor() -> Problem {
    let message = CURSOR_RULE.to_owned();
    Problem::validation_failed(Issue { pointer: "?cursor".to_owned(), rule: "cursor", message })
}
