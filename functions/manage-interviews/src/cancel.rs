//! `POST /interviews/{id}/cancel` and `DELETE /interviews/{id}`.

use api::{Content, ContentReader, IfMatch, InterviewResponse, Problem, Reply, RequestContext};
use domain::company::CompanyId;
use domain::interview::InterviewId;
use store::{Session, Updated};

/// The interview of the path, and the version on which the change rests.
fn interview(reader: &ContentReader<'_>) -> Content<(InterviewId, IfMatch)> {
    reader.path_reference("id").and(reader.if_match())
}

pub(crate) async fn cancel(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (mut admission, (id, if_match)) = context.admit::<CompanyId, _>(session, interview).await?;
    loop {
        let old = admission.get(id)?;
        if_match.check(&InterviewResponse::from(&old.value))?;
        let Some(cancelled) = old.value.cancelled(context.now).map_err(Problem::invalid_state)? else {
            return Reply::resource(&InterviewResponse::from(&old.value));
        };
        match session.change_interview(&old, &cancelled, admission.caller.managed.as_ref()).await? {
            Updated::Applied => return Reply::resource(&InterviewResponse::from(&cancelled)),
            Updated::Outdated => admission.reload(session).await?,
        }
    }
}

pub(crate) async fn delete(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (mut admission, (id, if_match)) = context.admit::<CompanyId, _>(session, interview).await?;
    loop {
        let old = admission.get(id)?;
        if_match.check(&InterviewResponse::from(&old.value))?;
        let deleted = old.value.deleted(context.now);
        match session.change_interview(&old, &deleted, admission.caller.managed.as_ref()).await? {
            Updated::Applied => return Ok(Reply::no_content()),
            Updated::Outdated => admission.reload(session).await?,
        }
    }
}
