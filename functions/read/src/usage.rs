//! `GET /billing/usage`.

use api::{Companies, CompanyUsageResponse, Problem, Reply, RequestContext, UsageResponse};
use domain::usage::USAGE_COMPANIES_MAX;
use store::{CompanyAccount, ListPosition, PageRequest, Session};

pub(crate) async fn get(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (admission, (page, (given, days))) =
        context.admit::<Companies, _>(session, |reader| reader.page().and(reader.usage_days())).await?;
    let companies = admission.caller.tenant;
    let list = context.list(companies, &given);
    let (accounts, next) = accounts(session, companies, list.page(&page)?).await?;
    let mut shown = Vec::new();
    for CompanyAccount { company, allowance } in &accounts {
        let used = session.usage(company.id, days).await?;
        shown.push(CompanyUsageResponse::new(company, &allowance.clone().as_of(context.now), &used));
    }
    let next_cursor = next.map(|place| list.cursor(place)).transpose().map_err(Problem::internal)?;
    Reply::ok(&UsageResponse { companies: shown, next_cursor })
}

/// The companies of a page, and the place after which the next page begins.
async fn accounts(
    session: &mut Session,
    companies: Companies,
    page: PageRequest<ListPosition>,
) -> Result<(Vec<CompanyAccount>, Option<ListPosition>), Problem> {
    match companies {
        Companies::One(id) => {
            let account = session.company_account(id).await?;
            let account = account.ok_or_else(|| Problem::internal("a key of a company that does not exist"))?;
            Ok((vec![account], None))
        }
        Companies::ManagedBy(ats_id) => {
            let page = PageRequest { limit: page.limit.min(USAGE_COMPANIES_MAX), ..page };
            let page = session.managed_companies(ats_id, &page).await?;
            Ok((page.items.into_iter().map(|(_, account)| account).collect(), page.next))
        }
    }
}
