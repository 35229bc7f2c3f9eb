//! Agents.

use std::convert::Infallible;

use domain::agent::{Agent, AgentId, NewAgent};

use crate::company::list_of;
use crate::create::{Create, Creation, WriteContext};
use crate::entity::{Entity, EntityId, Owned};
use crate::error::StoreError;
use crate::key::{IndexKey, PrimaryKey};
use crate::session::{Commit, Session};
use crate::write::{Transaction, Write};

impl Entity for Agent {
    const TYPE: &'static str = "Agent";

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![IndexKey::listed(list_of(self.company_id, "AGENT"), self.created_at, self.id)]
    }
}

impl Owned for Agent {}

impl EntityId for AgentId {
    type Entity = Agent;

    fn key(self) -> PrimaryKey {
        PrimaryKey::of("AGENT", self)
    }
}

enum AgentWrite {
    Agent,
    PhoneNumber,
    Company,
}

impl Create for NewAgent {
    type Entity = Agent;
    type Refusal = Infallible;

    async fn create(
        &self,
        session: &mut Session,
        context: &WriteContext<'_>,
    ) -> Result<Creation<Agent, Infallible>, StoreError> {
        let agent = &self.agent;
        let mut transaction = Transaction::of(AgentWrite::Agent, context.create(agent.id, agent)?);
        if let Some(number) = &self.phone_number {
            transaction.add(AgentWrite::PhoneNumber, Write::guard(context.tenant, number.value.id, number.version));
        }
        if let Some(guard) = context.guard_managed() {
            transaction.add(AgentWrite::Company, guard);
        }
        match session.commit(transaction).await? {
            Commit::Done => Ok(Creation::Created(agent.clone())),
            Commit::Failed(AgentWrite::Agent, item) => context.existing(item),
            Commit::Failed(AgentWrite::PhoneNumber | AgentWrite::Company, _) => Ok(Creation::Changed),
        }
    }
}
