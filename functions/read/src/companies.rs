//! `GET /company`, `GET /companies`, `GET /companies/{id}` and `GET /phone-numbers`.

use api::{CompanyResponse, Content, ContentReader, PhoneNumberResponse, Problem, Reply, RequestContext, shown};
use domain::company::{AtsId, CompanyId};
use domain::phone_number::PhoneNumber;
use serde::Serialize;
use store::{AllowanceOf, CompanyAccount, List, References, Session};

use crate::list::{CompanyPage, Filters};

/// There are none: all of the company's numbers are shown.
#[derive(Serialize)]
struct NoFilters {}

impl Filters for NoFilters {
    type Entity = PhoneNumber;

    fn read(_: &ContentReader<'_>) -> Content<Self> {
        Content::none().map(|()| Self {})
    }

    fn list(&self, company_id: CompanyId) -> List<PhoneNumber> {
        List::phone_numbers(company_id)
    }

    fn are_absent(&self) -> bool {
        true
    }

    fn let_through(&self, _: &PhoneNumber) -> bool {
        true
    }
}

pub(crate) async fn phone_numbers(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let CompanyPage { company_id, filters, page } = CompanyPage::<NoFilters>::read(context, session).await?;
    context.list(company_id, &filters).reply(page, |number| shown(&PhoneNumberResponse::from(number)))
}

/// The caller's company is known only when its key is: it is read after that, with its allowance.
pub(crate) async fn own(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (admission, ()) = context.admit::<CompanyId, _>(session, |_| Content::none()).await?;
    let id = admission.caller.tenant;
    let account = session.company_account(id).await?;
    let account = account.ok_or_else(|| Problem::internal("a key of a company that does not exist"))?;
    let (company, allowance) = (account.company, account.allowance.as_of(context.now));
    Reply::resource(&CompanyResponse::new(&company, allowance.subscription).with_allowance(&allowance))
}

pub(crate) async fn managed(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (admission, page) = context.admit::<AtsId, _>(session, |reader| reader.page()).await?;
    let ats_id = admission.caller.tenant;
    let list = context.list(ats_id, &());
    let page = session.managed_companies(ats_id, &list.page(&page)?).await?;
    list.reply(page, |CompanyAccount { company, allowance }| {
        shown(&CompanyResponse::new(company, allowance.subscription))
    })
}

/// The subscription stands in the allowance, which is read with the company.
pub(crate) async fn get(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (admission, id) = context
        .admit::<AtsId, _>(session, |reader| {
            let company = reader.path_reference::<CompanyId>("id");
            company.naming(|id| References::default().with(Some(AllowanceOf(*id))))
        })
        .await?;
    let company = admission.get(id)?.value;
    let subscription = admission.allowance(&company)?.value.subscription;
    Reply::resource(&CompanyResponse::new(&company, subscription))
}
