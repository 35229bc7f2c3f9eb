//! `PATCH` and `DELETE /agents/{id}`.

use api::{AgentResponse, Changed, Problem, Reply, RequestContext};
use domain::agent::{Agent, AgentId};
use domain::company::CompanyId;
use domain::phone_number::PhoneNumberId;
use store::{References, Session, Uses};
use validation::{AgentShape, Patch};

pub(crate) async fn change(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (mut admission, ((id, patch), if_match)) = context
        .admit::<CompanyId, _>(session, |reader| {
            let patch = reader.patch().naming(|patch| References::default().with(number_named_by(patch)));
            reader.path_reference::<AgentId>("id").and(patch).and(reader.if_match())
        })
        .await?;
    number_named_by(&patch).map(|number| admission.get(number)).transpose()?;
    let now = context.now;
    let agent = context
        .change(session, &mut admission, id, |_, agent| {
            let profile = patch.apply(&AgentShape, &agent.profile)?;
            if_match.check(&AgentResponse::from(agent))?;
            Ok(profile.filter(|profile| *profile != agent.profile).map(|profile| {
                let uses = Uses::default().with(profile.company_phone_number_id);
                Changed { entity: Agent { profile, updated_at: now, ..agent.clone() }, uses }
            }))
        })
        .await?;
    Reply::resource(&AgentResponse::from(&agent))
}

/// The telephone number that a patch names.
fn number_named_by(patch: &Patch) -> Option<PhoneNumberId> {
    patch.ids("companyPhoneNumberId", 0).pop()
}

pub(crate) async fn delete(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (mut admission, (id, if_match)) = context
        .admit::<CompanyId, _>(session, |reader| reader.path_reference::<AgentId>("id").and(reader.if_match()))
        .await?;
    context.hide(session, &mut admission, id, |agent| if_match.check(&AgentResponse::from(agent))).await?;
    Ok(Reply::no_content())
}
