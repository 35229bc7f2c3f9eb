//! `GET /agents` and `GET /agents/{id}`.

use api::{AgentResponse, Content, ContentReader, Problem, Reply, RequestContext, shown};
use domain::agent::{Agent, AgentId, AgentType, Focus};
use domain::company::CompanyId;
use serde::Serialize;
use store::{List, Session};

use crate::list::{CompanyPage, Filters};

#[derive(Serialize)]
struct AgentFilters {
    focus: Option<Focus>,
    r#type: Option<AgentType>,
}

impl Filters for AgentFilters {
    type Entity = Agent;

    fn read(reader: &ContentReader<'_>) -> Content<Self> {
        reader.query_word("focus").and(reader.query_word("type")).map(|(focus, r#type)| Self { focus, r#type })
    }

    fn list(&self, company_id: CompanyId) -> List<Agent> {
        List::agents(company_id)
    }

    fn are_absent(&self) -> bool {
        self.focus.is_none() && self.r#type.is_none()
    }

    fn let_through(&self, agent: &Agent) -> bool {
        self.focus.is_none_or(|focus| focus == agent.profile.focus)
            && self.r#type.is_none_or(|r#type| r#type == agent.profile.r#type)
    }
}

pub(crate) async fn list(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let CompanyPage { company_id, filters, page } = CompanyPage::<AgentFilters>::read(context, session).await?;
    context.list(company_id, &filters).reply(page, |agent| shown(&AgentResponse::from(agent)))
}

pub(crate) async fn get(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (admission, id) =
        context.admit::<CompanyId, _>(session, |reader| reader.path_reference::<AgentId>("id")).await?;
    Reply::resource(&AgentResponse::from(&admission.get(id)?.value))
}
