//! `POST /jobs`, `PATCH` and `DELETE /jobs/{id}`.

use api::{Changed, JobResponse, Problem, Reply, RequestContext, ValidRequest};
use domain::company::CompanyId;
use domain::job::{Job, JobId};
use store::{NewJob, Session, Uses};
use validation::JobShape;

pub(crate) async fn create(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (mut admission, request) = context.admit::<CompanyId, _>(session, |reader| reader.body(&JobShape)).await?;
    let ValidRequest { command: profile, expired: _, idempotency } = request;
    let (company_id, now) = (admission.caller.tenant, context.now);
    let id = JobId::new(context.id_source(&admission, idempotency.as_ref()).id("job"));
    let (job, replayed) = context
        .create(session, &mut admission, idempotency.as_ref(), id, |_| {
            Ok(NewJob(Job::new(id, company_id, profile.clone(), now)))
        })
        .await?;
    Reply::created(format!("/jobs/{id}"), &JobResponse::from(&job), replayed)
}

pub(crate) async fn change(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (mut admission, ((id, patch), if_match)) = context
        .admit::<CompanyId, _>(session, |reader| {
            reader.path_reference::<JobId>("id").and(reader.patch()).and(reader.if_match())
        })
        .await?;
    let now = context.now;
    let job = context
        .change(session, &mut admission, id, |_, job| {
            let profile = patch.apply(&JobShape, &job.profile)?;
            if_match.check(&JobResponse::from(job))?;
            Ok(profile.filter(|profile| *profile != job.profile).map(|profile| Changed {
                entity: Job { profile, updated_at: now, ..job.clone() },
                uses: Uses::default(),
            }))
        })
        .await?;
    Reply::resource(&JobResponse::from(&job))
}

pub(crate) async fn delete(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (mut admission, (id, if_match)) = context
        .admit::<CompanyId, _>(session, |reader| reader.path_reference::<JobId>("id").and(reader.if_match()))
        .await?;
    context.hide(session, &mut admission, id, |job| if_match.check(&JobResponse::from(job))).await?;
    Ok(Reply::no_content())
}
