//! The functions behind the gateway, the table's stream and the queue: the handlers that Lambda calls, called here.

use std::sync::Arc;
use std::time::Duration;

use api::{Function, Route};
use aws_lambda_events::{
    dynamodb::Event,
    sqs::{SqsBatchResponse, SqsEvent},
    streams::DynamoDbEventResponse,
};
use deliver_webhook::Jitter;
use delivery::WebhookClient;
use domain::delivery::RetrySchedule;
use domain::webhook::AddressProof;
use queue::Queue;
use runtime::Runtime;
use store::Store;
use vault::Vault;

use crate::api_gateway::Invoke;

/// The parts that the functions are built from.
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
    /// The queue of deliveries that are given up.
    pub dead_letters: Queue,
    /// The queue of interviews that have started.
    pub interview_starts: Queue,
    /// The queue of results that can't be recorded.
    pub interview_results_dead_letters: Queue,
    /// The time after an interview's duration for which its result is waited for.
    pub result_grace: Duration,
    /// Posts to endpoints.
    pub webhook_client: WebhookClient,
    /// The times of attempts.
    pub schedule: RetrySchedule,
    /// Spreads attempts.
    pub jitter: Jitter,
    /// The option that addresses of webhooks have to be proven.
    pub address_proof: AddressProof,
    /// The URL of the OpenAPI document, if it is published.
    pub document_url: Option<String>,
    /// The API's own domain, if it has one besides the host of each request.
    pub domain_name: Option<String>,
}

impl Functions {
    /// Invokes those behind the gateway.
    pub fn http(&self) -> Invoke {
        let Self { runtime, store, vault, queue, webhook_client, address_proof, document_url, domain_name, .. } =
            self.clone();
        let agents = create_agent::App { runtime: runtime.clone(), store: store.clone() };
        let interviews = create_interview::App { runtime: runtime.clone(), store: store.clone() };
        let reads = read::App { runtime: runtime.clone(), store: store.clone() };
        let endings = manage_interviews::App { runtime: runtime.clone(), store: store.clone() };
        let resources = manage_resources::App { runtime: runtime.clone(), store: store.clone() };
        let webhooks = manage_webhooks::App {
            runtime: runtime.clone(),
            store,
            vault,
            queue,
            webhook_client,
            address_proof,
            domain_name,
        };
        let nothing = not_found::App { runtime, document_url };
        let apps = Arc::new((agents, interviews, reads, endings, resources, webhooks, nothing));
        Arc::new(move |route, event| {
            let apps = apps.clone();
            Box::pin(async move {
                let (agents, interviews, reads, endings, resources, webhooks, nothing) = &*apps;
                match route.map(Route::function) {
                    Some(Function::CreateAgent) => create_agent::handle(agents, event).await,
                    Some(Function::CreateInterview) => create_interview::handle(interviews, event).await,
                    Some(Function::Read) => read::handle(reads, event).await,
                    Some(Function::ManageInterviews) => manage_interviews::handle(endings, event).await,
                    Some(Function::ManageResources) => manage_resources::handle(resources, event).await,
                    Some(Function::ManageWebhooks) => manage_webhooks::handle(webhooks, event).await,
                    None => not_found::handle(nothing, event).await,
                }
            })
        })
    }

    /// Invokes the one at the table's stream.
    pub async fn publish_events(self, event: Event) -> DynamoDbEventResponse {
        let Self { runtime, store, queue, .. } = self;
        publish_events::handle(&publish_events::App { runtime, store, queue }, event).await
    }

    /// Invokes the other one at the table's stream.
    pub async fn erase(self, event: Event) -> DynamoDbEventResponse {
        let Self { runtime, store, .. } = self;
        erase::handle(&erase::App { runtime, store }, event).await
    }

    /// Invokes the one at the queue.
    pub async fn deliver_webhook(self, event: SqsEvent) -> SqsBatchResponse {
        let Self { runtime, store, vault, queue, dead_letters, webhook_client, schedule, jitter, .. } = self;
        let app = deliver_webhook::App { runtime, store, queue, dead_letters, vault, webhook_client, schedule, jitter };
        deliver_webhook::handle(&app, event).await
    }

    fn start_interviews(self) -> start_interviews::App {
        let Self { runtime, store, interview_starts: starts, result_grace, .. } = self;
        start_interviews::App { runtime, store, starts, result_grace }
    }

    /// Invokes the one that starts interviews, from the table's stream.
    pub async fn follow_interviews(self, event: Event) -> DynamoDbEventResponse {
        start_interviews::follow(&self.start_interviews(), event).await
    }

    /// Invokes the same by its schedule.
    pub async fn sweep_interviews(self) {
        start_interviews::sweep(&self.start_interviews()).await;
    }

    /// Invokes the one at the queue of results.
    pub async fn record_result(self, event: SqsEvent) -> SqsBatchResponse {
        let Self { runtime, store, interview_results_dead_letters: dead_letters, .. } = self;
        record_result::handle(&record_result::App { runtime, store, dead_letters }, event).await
    }

    /// Invokes the one that a schedule starts.
    pub async fn sweep(self) {
        let Self { runtime, store, queue, schedule, .. } = self;
        sweep::handle(&sweep::App { runtime, store, queue, schedule }).await;
    }
}
