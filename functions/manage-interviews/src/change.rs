//! `PATCH /interviews/{id}`.

use api::{Changed, InterviewResponse, Problem, Reply, RequestContext};
use domain::company::CompanyId;
use domain::interview::InterviewId;
use store::{Session, Uses};
use validation::ChangedInterviewShape;

pub(crate) async fn change(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (mut admission, ((id, patch), if_match)) = context
        .admit::<CompanyId, _>(session, |reader| {
            reader.path_reference::<InterviewId>("id").and(reader.patch()).and(reader.if_match())
        })
        .await?;
    let (shape, now) = (ChangedInterviewShape { now: context.now }, context.now);
    let interview = context
        .change(session, &mut admission, id, |_, interview| {
            let result = patch.apply(&shape, &interview.changeable())?;
            if_match.check(&InterviewResponse::from(interview))?;
            let Some(change) = result else { return Ok(None) };
            let changed = interview.changed(&change, now).map_err(Problem::invalid_state)?;
            Ok(changed.map(|entity| Changed { entity, uses: Uses::default() }))
        })
        .await?;
    let beside = session.analysis_of(&interview).await?;
    Reply::resource(&InterviewResponse::with_analysis(&interview, beside.as_ref()))
}
