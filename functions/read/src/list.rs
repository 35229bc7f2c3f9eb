//! The one way to read a page of a company's list.

use api::{Content, ContentReader, PageQuery, Problem, RequestContext};
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

/// A list of a company's that an admitted request asks for.
pub(crate) struct CompanyList<F> {
    /// The company.
    pub company_id: CompanyId,
    /// The filters that narrow it.
    pub filters: F,
    /// The page that is asked for.
    pub query: PageQuery,
}

impl<F: Filters> CompanyList<F> {
    /// Has the request's caller admitted, and reads what it asks for.
    pub async fn admit(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Self, Problem> {
        let (admission, (query, filters)) =
            context.admit::<CompanyId, _>(session, |reader| reader.page().and(F::read(reader))).await?;
        Ok(Self { company_id: admission.caller.tenant, filters, query })
    }

    /// The page, newest first: two requests, or one if there is nothing.
    pub async fn page(
        &self,
        context: &RequestContext<'_>,
        session: &mut Session,
    ) -> Result<Page<(ListPosition, F::Entity), ListPosition>, Problem> {
        let page = context.list(self.company_id, &self.filters).page(&self.query)?;
        let let_through = |entity: &F::Entity| self.filters.let_through(entity);
        let narrowed = (!self.filters.are_absent()).then_some(&let_through as &Wanted<'_, F::Entity>);
        Ok(session.list(&self.filters.list(self.company_id), &page, context.now, narrowed).await?)
    }
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
        let list = CompanyList::<F>::admit(context, session).await?;
        let page = list.page(context, session).await?;
        let CompanyList { company_id, filters, query: _ } = list;
        Ok(Self { company_id, filters, page })
    }
}
