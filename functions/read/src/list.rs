//! The one way to read a page of a company's list.

use api::{Content, ContentReader, Problem, RequestContext};
use domain::company::CompanyId;
use serde::Serialize;
use store::{Entity, List, ListPosition, Page, Session, Wanted};

/// A list of a company's entities, and what a request narrows it to.
pub(crate) trait Filters: Serialize + Send + Sync + Sized {
    /// The entities.
    type Entity: Entity + Send;

    /// Reads the filters from the query.
    fn read(reader: &ContentReader<'_>) -> Content<Self>;

    /// The shortest list of the company that has all that the filters let through.
    fn list(&self, company_id: CompanyId) -> List<Self::Entity>;

    /// True if the filters let all of that list through.
    fn are_absent(&self) -> bool;

    /// True if the filters let an entity of that list through.
    fn let_through(&self, entity: &Self::Entity) -> bool;
}

/// A page of a company's list.
pub(crate) struct CompanyPage<F: Filters> {
    /// The company.
    pub company_id: CompanyId,
    /// The filters that narrow it.
    pub filters: F,
    /// The page.
    pub page: Page<(ListPosition, F::Entity), ListPosition>,
}

impl<F: Filters> CompanyPage<F> {
    /// Reads the page that a request asks for: two requests after the one for its caller, or one if there is nothing.
    pub async fn read(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Self, Problem> {
        let (admission, (query, filters)) =
            context.admit::<CompanyId, _>(session, |reader| reader.page().and(F::read(reader))).await?;
        let company_id = admission.caller.tenant;
        let page = context.list(company_id, &filters).page(&query)?;
        let let_through = |entity: &F::Entity| filters.let_through(entity);
        let narrowed = (!filters.are_absent()).then_some(&let_through as &Wanted<'_, F::Entity>);
        let page = session.list(&filters.list(company_id), &page, context.now, narrowed).await?;
        Ok(Self { company_id, filters, page })
    }
}
