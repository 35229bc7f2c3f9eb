//! `POST /companies` and `PATCH /companies/{id}`.

use api::{Changed, CompanyResponse, Problem, Reply, RequestContext, ValidRequest};
use domain::allowance::SubscriptionStatus;
use domain::company::{AtsId, Company, CompanyId};
use domain::idempotency::IdSecret;
use store::{AllowanceOf, NewCompany, References, Session, Uses};
use validation::CompanyShape;

pub(crate) async fn create(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (mut admission, request) = context.admit::<AtsId, _>(session, |reader| reader.body(&CompanyShape)).await?;
    let ValidRequest { command: profile, expired: _, idempotency } = request;
    let ats_id = admission.caller.tenant;
    let id = CompanyId::new(context.id_source(&admission, idempotency.as_ref()).id("company"));
    let id_secret = IdSecret::generate().map_err(Problem::internal)?;
    let (company, replayed) = context
        .create(session, &mut admission, idempotency.as_ref(), id, |_| {
            Ok(NewCompany { id, ats_id, profile: profile.clone(), id_secret })
        })
        .await?;
    let subscription = if replayed { subscription(session, id).await? } else { SubscriptionStatus::Active };
    Reply::created(format!("/companies/{id}"), &CompanyResponse::new(&company, subscription), replayed)
}

/// The subscription of a company that was created earlier: an operator may have suspended it.
async fn subscription(session: &mut Session, id: CompanyId) -> Result<SubscriptionStatus, Problem> {
    let account = session.company_account(id).await?;
    let account = account.ok_or_else(|| Problem::internal("a company without allowance"))?;
    Ok(account.allowance.subscription)
}

pub(crate) async fn change(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (mut admission, ((id, patch), if_match)) = context
        .admit::<AtsId, _>(session, |reader| {
            let company = reader.path_reference::<CompanyId>("id");
            let company = company.naming(|id| References::default().with(Some(AllowanceOf(*id))));
            company.and(reader.patch()).and(reader.if_match())
        })
        .await?;
    let now = context.now;
    let company = context
        .change(session, &mut admission, id, |admission, company| {
            let profile = patch.apply(&CompanyShape, &company.profile)?;
            let subscription = admission.allowance(company)?.value.subscription;
            if_match.check(&CompanyResponse::new(company, subscription))?;
            Ok(profile.filter(|profile| *profile != company.profile).map(|profile| Changed {
                entity: Company { profile, updated_at: now, ..company.clone() },
                uses: Uses::default(),
            }))
        })
        .await?;
    // An operator's change of the subscription changes the company's version too, so it is that of the company written.
    let subscription = admission.allowance(&company)?.value.subscription;
    Reply::resource(&CompanyResponse::new(&company, subscription))
}
