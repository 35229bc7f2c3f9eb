//! The functions behind the gateway, the table's stream and the queue: the handlers that Lambda calls, called here.

use std::sync::Arc;

use api::{App, Edge};
use aws_lambda_events::{
    dynamodb::Event,
    sqs::{SqsBatchResponse, SqsEvent},
    streams::DynamoDbEventResponse,
};
use deliver_webhook::Chance;
use delivery::Courier;
use domain::Pace;
use queue::Queue;
use store::Store;
use vault::Vault;

use crate::gateway::Invoke;

/// What the functions are built from.
#[derive(Clone)]
pub struct Functions {
    /// Time, ids, log.
    pub edge: Edge,
    /// The table.
    pub store: Store,
    /// Keeps secrets.
    pub vault: Vault,
    /// The queue of deliveries.
    pub queue: Queue,
    /// Where deliveries go that are given up.
    pub dead_letters: Queue,
    /// Posts to endpoints.
    pub courier: Courier,
    /// When attempts are made.
    pub pace: Pace,
    /// Spreads attempts.
    pub chance: Chance,
}

impl Functions {
    /// Invokes those behind the gateway.
    pub fn http(&self) -> Invoke {
        let Self { edge, store, vault, queue, courier, .. } = self.clone();
        let app = App { edge, store };
        let webhooks = manage_webhooks::App { edge: app.edge.clone(), store: app.store.clone(), vault, queue, courier };
        let apps = Arc::new((app, webhooks));
        Arc::new(move |target, request| {
            let apps = apps.clone();
            Box::pin(async move {
                let (app, webhooks) = &*apps;
                match target {
                    Some(api::CREATE_AGENT) => create_agent::handle(app, request).await,
                    Some(api::CREATE_INTERVIEW) => create_interview::handle(app, request).await,
                    Some(_) => manage_webhooks::handle(webhooks, request).await,
                    None => not_found::handle(&app.edge, request).await,
                }
            })
        })
    }

    /// Invokes the one at the table's stream.
    pub async fn publish_events(self, event: Event) -> DynamoDbEventResponse {
        let Self { edge, store, queue, .. } = self;
        publish_events::handle(&publish_events::App { edge, store, queue }, event).await
    }

    /// Invokes the one at the queue.
    pub async fn deliver_webhook(self, event: SqsEvent) -> SqsBatchResponse {
        let Self { edge, store, vault, queue, dead_letters, courier, pace, chance } = self;
        let app = deliver_webhook::App { edge, store, queue, dead_letters, vault, courier, pace, chance };
        deliver_webhook::handle(&app, event).await
    }
}
