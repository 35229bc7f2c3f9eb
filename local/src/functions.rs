//! The functions behind the gateway, the table's stream and the queue: the handlers that Lambda calls, called here.

use std::sync::Arc;

use api::{App, Runtime};
use aws_lambda_events::{
    dynamodb::Event,
    sqs::{SqsBatchResponse, SqsEvent},
    streams::DynamoDbEventResponse,
};
use deliver_webhook::Jitter;
use delivery::WebhookClient;
use domain::delivery::RetrySchedule;
use queue::Queue;
use store::Store;
use vault::Vault;

use crate::api_gateway::Invoke;

/// What the functions are built from.
#[derive(Clone)]
pub struct Functions {
    /// Time, ids, log.
    pub runtime: Runtime,
    /// The table.
    pub store: Store,
    /// Keeps secrets.
    pub vault: Vault,
    /// The queue of deliveries.
    pub queue: Queue,
    /// Where deliveries go that are given up.
    pub dead_letters: Queue,
    /// Posts to endpoints.
    pub webhook_client: WebhookClient,
    /// When attempts are made.
    pub schedule: RetrySchedule,
    /// Spreads attempts.
    pub jitter: Jitter,
}

impl Functions {
    /// Invokes those behind the gateway.
    pub fn http(&self) -> Invoke {
        let Self { runtime, store, vault, queue, webhook_client, .. } = self.clone();
        let app = App { runtime, store };
        let webhooks = manage_webhooks::App {
            runtime: app.runtime.clone(),
            store: app.store.clone(),
            vault,
            queue,
            webhook_client,
        };
        let apps = Arc::new((app, webhooks));
        Arc::new(move |target, request| {
            let apps = apps.clone();
            Box::pin(async move {
                let (app, webhooks) = &*apps;
                match target {
                    Some(api::CREATE_AGENT) => create_agent::handle(app, request).await,
                    Some(api::CREATE_INTERVIEW) => create_interview::handle(app, request).await,
                    Some(_) => manage_webhooks::handle(webhooks, request).await,
                    None => not_found::handle(&app.runtime, request).await,
                }
            })
        })
    }

    /// Invokes the one at the table's stream.
    pub async fn publish_events(self, event: Event) -> DynamoDbEventResponse {
        let Self { runtime, store, queue, .. } = self;
        publish_events::handle(&publish_events::App { runtime, store, queue }, event).await
    }

    /// Invokes the one at the queue.
    pub async fn deliver_webhook(self, event: SqsEvent) -> SqsBatchResponse {
        let Self { runtime, store, vault, queue, dead_letters, webhook_client, schedule, jitter } = self;
        let app = deliver_webhook::App { runtime, store, queue, dead_letters, vault, webhook_client, schedule, jitter };
        deliver_webhook::handle(&app, event).await
    }
}
