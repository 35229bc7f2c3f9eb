//! The functions behind the API: the table's stream is published and the queue delivered, as Lambda has it done.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_lambda_events::dynamodb::Event as StreamEvent;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use aws_lambda_events::streams::DynamoDbEventResponse;
use domain::time::Timestamp;
use domain::webhook::WebhookId;
use local::dynamodb::Stream;
use local::event_source::{EventSource, Filter, StreamMapping};
use local::functions::Functions;
use local::sqs::{Counts, NewMessage, QueueName};
use serde_json::{Value, json};

use crate::company::Company;
use crate::receiver::{ReceivedPost, WebhookReceiver};
use crate::server::{TABLE, TestServer};

/// The time between looks whether everything is quiet, and the most looks.
const LOOK_INTERVAL: Duration = Duration::from_millis(10);
const LOOKS_MAX: usize = 60_000;
/// Looks in a row that must find nothing: between its reception and the function's begin, a message is counted neither
/// in the queue nor as work.
const QUIET_LOOKS: usize = 5;

/// The functions at the stream and at the queue of a server, at work until dropped.
pub struct Events {
    server: TestServer,
    busy: Arc<AtomicUsize>,
    _at_stream: EventSource,
    _delivering: EventSource,
}

/// True where interviews take place: they start from the stream.
type Interviewing = bool;

/// The count of one more function at work, until dropped.
struct Busy(Arc<AtomicUsize>);

impl Busy {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count.clone())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Events {
    /// Starts the functions.
    pub async fn start(server: &TestServer) -> Self {
        Self::start_with(server, server.functions().clone()).await
    }

    /// Starts the functions, built otherwise than those behind the API.
    pub async fn start_with(server: &TestServer, functions: Functions) -> Self {
        Self::start_broken(server, functions, Functions::publish_events, Functions::deliver_webhook).await
    }

    /// Starts all functions, the one that erases called by way of `erase`.
    pub async fn start_erasing<E, ER>(server: &TestServer, erase: E) -> Self
    where
        E: Fn(Functions, StreamEvent) -> ER + Send + Sync + 'static,
        ER: Future<Output = DynamoDbEventResponse> + Send + 'static,
    {
        let functions = server.functions().clone();
        Self::start_all(server, functions, Functions::publish_events, erase, Functions::deliver_webhook, false).await
    }

    /// Starts all functions, and interviews with them.
    pub async fn start_interviewing(server: &TestServer) -> Self {
        let functions = server.functions().clone();
        let (publish, deliver) = (Functions::publish_events, Functions::deliver_webhook);
        Self::start_all(server, functions, publish, Functions::erase, deliver, true).await
    }

    /// Starts all functions, called by way of `publish` and `deliver`.
    pub async fn start_broken<P, D, PR, DR>(server: &TestServer, functions: Functions, publish: P, deliver: D) -> Self
    where
        P: Fn(Functions, StreamEvent) -> PR + Send + Sync + 'static,
        PR: Future<Output = DynamoDbEventResponse> + Send + 'static,
        D: Fn(Functions, SqsEvent) -> DR + Send + Sync + 'static,
        DR: Future<Output = SqsBatchResponse> + Send + 'static,
    {
        Self::start_all(server, functions, publish, Functions::erase, deliver, false).await
    }

    async fn start_all<P, E, D, PR, ER, DR>(
        server: &TestServer,
        functions: Functions,
        publish: P,
        erase: E,
        deliver: D,
        interviewing: Interviewing,
    ) -> Self
    where
        P: Fn(Functions, StreamEvent) -> PR + Send + Sync + 'static,
        PR: Future<Output = DynamoDbEventResponse> + Send + 'static,
        E: Fn(Functions, StreamEvent) -> ER + Send + Sync + 'static,
        ER: Future<Output = DynamoDbEventResponse> + Send + 'static,
        D: Fn(Functions, SqsEvent) -> DR + Send + Sync + 'static,
        DR: Future<Output = SqsBatchResponse> + Send + 'static,
    {
        let stream = Stream::of(server.engine(), TABLE).await.expect("a stream");
        let busy = Arc::new(AtomicUsize::new(0));
        let (publisher, eraser, starter, deliverer) =
            (functions.clone(), functions.clone(), functions.clone(), functions);
        let filter = |mapping| Filter::of_template(mapping).expect("filters");
        let publishing = StreamMapping::new(filter("PublishEventsStream"), {
            let busy = busy.clone();
            move |batch| held(Busy::new(&busy), publish(publisher.clone(), batch))
        });
        let erasing = StreamMapping::new(filter("EraseStream"), {
            let busy = busy.clone();
            move |batch| held(Busy::new(&busy), erase(eraser.clone(), batch))
        });
        let starting = interviewing.then(|| {
            StreamMapping::new(filter("StartInterviewsStream"), {
                let busy = busy.clone();
                move |batch| held(Busy::new(&busy), starter.clone().follow_interviews(batch))
            })
        });
        let at_stream = EventSource::of_stream(stream, [publishing, erasing].into_iter().chain(starting));
        let delivering = EventSource::of_queue(server.queues().clone(), QueueName::Deliveries, {
            let busy = busy.clone();
            move |batch| held(Busy::new(&busy), deliver(deliverer.clone(), batch))
        });
        Self { server: server.clone(), busy, _at_stream: at_stream, _delivering: delivering }
    }

    /// Waits until nothing is under way and nothing can be received, and returns the counts of the delivery queue.
    ///
    /// # Panics
    /// If that does not happen: it takes at most some minutes, with tens of thousands of messages.
    pub async fn quiet(&self) -> Counts {
        let mut looks = 0;
        for _ in 0..LOOKS_MAX {
            let counts = self.counts(QueueName::Deliveries).await;
            let is_quiet = counts.visible == 0 && self.busy.load(Ordering::SeqCst) == 0;
            looks = if is_quiet { looks + 1 } else { 0 };
            if looks == QUIET_LOOKS {
                return counts;
            }
            tokio::time::sleep(LOOK_INTERVAL).await;
        }
        panic!("never quiet: {:?}", self.counts(QueueName::Deliveries).await);
    }

    /// Lets so much time pass, and waits until everything that is due then has been done, by a sweep too.
    pub async fn pass(&self, time: Duration) {
        self.server.pass(time);
        self.quiet().await;
        self.sweep().await;
    }

    /// Sweeps once, and waits until everything that was sent has been done.
    pub async fn sweep(&self) {
        self.server.functions().clone().sweep().await;
        self.quiet().await;
    }

    /// The counts of a queue's messages.
    pub async fn counts(&self, queue: QueueName) -> Counts {
        self.server.queues().counts(queue).await.expect("counts")
    }

    /// True if the delivery queue is empty once everything is quiet.
    pub async fn empty(&self) -> bool {
        self.quiet().await == Counts::default()
    }

    /// The number of dead letters.
    pub async fn dead_letters(&self) -> u64 {
        self.counts(QueueName::DeadLetters).await.visible
    }

    /// Waits until everything that has committed so far is published: the events of another company's test interview
    /// come after it.
    pub async fn published(&self) {
        let endpoint = WebhookReceiver::start();
        let company = self.server.company().create().await;
        let id = company.webhook(&endpoint).await.id.parse().expect("an id");
        // Where addresses have to be proven, it is paused.
        self.server.store().set_webhook_active(id, None, true, self.server.now()).await.expect("a webhook");
        company.test_interview().await;
        endpoint.received(2).await;
        self.quiet().await;
    }
}

async fn held<T>(_busy: Busy, work: impl Future<Output = T>) -> T {
    work.await
}

/// A webhook that a test has created.
pub struct Webhook {
    /// The webhook's id.
    pub id: String,
    /// The secret that posts are signed with.
    pub secret: String,
}

impl Company {
    /// Creates a webhook for the events of a test interview.
    pub async fn webhook(&self, endpoint: &WebhookReceiver) -> Webhook {
        let body = json!({"url": endpoint.url(), "events": ["interview.completed", "analysis.completed"]});
        let created = self.post("/webhooks").json(&body).answered(201).await;
        Webhook { id: created.id(), secret: created.text_of("signingSecret").to_owned() }
    }

    /// Creates a test interview, with all that belongs to it, and gives its id.
    pub async fn test_interview(&self) -> String {
        let mut body = crate::body::interview();
        body["isTest"] = json!(true);
        self.post("/interviews").json(&body).answered(201).await.id()
    }

    /// A webhook as it stands.
    pub async fn get_webhook(&self, id: &str) -> Value {
        self.get(&format!("/webhooks/{id}")).answered(200).await.body
    }

    /// The latest deliveries of a webhook.
    pub async fn deliveries(&self, id: &str) -> Vec<Value> {
        let page = self.get(&format!("/webhooks/{id}/deliveries?limit=100")).answered(200).await;
        page.body["items"].as_array().expect("a list").clone()
    }
}

/// Messages with so many delivery jobs, each of which is a ping of its own to a webhook.
pub fn ping_jobs(server: &TestServer, webhook: &Webhook, count: usize) -> Vec<NewMessage> {
    let order = |_| {
        let order = json!({
            "webhookId": webhook.id, "deliveryId": server.id(), "event": "ping", "occurredAt": server.now(), "data": {},
        });
        NewMessage {
            body: order.to_string(),
            group_id: Some(webhook.id.clone()),
            delay: Duration::ZERO,
            attributes: Default::default(),
        }
    };
    (0..count).map(order).collect()
}

/// Sets the alarm of a webhook, for so many deliveries that wait, past the store.
pub async fn set_alarm(server: &TestServer, id: WebhookId, due_at: Timestamp, waiting: u64) {
    let (now, shard) = (server.now(), id.uuid().as_bytes()[15] % 16);
    let alarm = json!({
        "PK": {"S": format!("WEBHOOK#{id}")}, "SK": {"S": "ALARM"}, "entityType": {"S": "WebhookAlarm"},
        "version": {"N": "1"}, "webhookId": {"S": id}, "dueAt": {"S": due_at}, "waiting": {"N": waiting.to_string()},
        "createdAt": {"S": now}, "updatedAt": {"S": now},
        "GSI2PK": {"S": format!("ALARM#{shard:02}")}, "GSI2SK": {"S": format!("{due_at}#{id}")},
    });
    server.put_items(&[alarm]).await;
}

/// Interview, event and delivery of each post, sorted, so that it does not matter which post was quicker.
pub fn told(posts: &[ReceivedPost]) -> Vec<(String, String, String)> {
    let mut told: Vec<_> = posts.iter().map(|post| (post.interview_id(), post.event(), post.delivery_id())).collect();
    told.sort();
    told
}
