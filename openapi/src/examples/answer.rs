//! What the code answers to an example.

use anyhow::{Context, anyhow, bail};
use api::{
    AgentResponse, CHANGE_WEBHOOK, CREATE_AGENT, CREATE_INTERVIEW, CREATE_WEBHOOK, DELETE_WEBHOOK,
    DeliveryListResponse, DeliveryResponse, GET_WEBHOOK, InterviewResponse, LIST_DELIVERIES, LIST_WEBHOOKS, Problem,
    REDELIVER, RESET_WEBHOOK_CIRCUIT, ROTATE_WEBHOOK_SECRET, RotatedSecretResponse, TEST_WEBHOOK, TestResponse,
    WebhookListResponse, WebhookResponse,
};
use domain::Violation;
use domain::agent::{Agent, AgentId};
use domain::company::{CompanyId, Owner};
use domain::delivery::DeliveryId;
use domain::id::invalid_id;
use domain::idempotency::{IdSource, IdempotencyKey};
use domain::interview::NewInterviewIds;
use domain::resource::{AccessError, Resource};
use domain::time::Timestamp;
use domain::webhook::{Circuit, ROTATION_OVERLAP, Targets, Webhook, WebhookId};
use serde::Serialize;
use validation::{AgentShape, ChangeWebhookShape, InterviewShape, Issue, Shape, WebhookShape, check_body};

use super::Example;
use crate::world::{self, World};

/// The body of an answer as JSON text (empty: none), or a problem.
type Answered = anyhow::Result<Result<String, Problem>>;

/// What the code answers to an example.
pub(crate) fn answer(example: &Example, world: &World) -> Answered {
    let now = world::now()?;
    match example.route {
        CREATE_AGENT => create_agent(example, world, now),
        CREATE_INTERVIEW => create_interview(example, world, now),
        CREATE_WEBHOOK => create_webhook(example, world, now),
        LIST_WEBHOOKS => {
            let own = world.webhooks.iter().filter(|webhook| webhook.owner == Owner::Company(world::COMPANY));
            written(&WebhookListResponse { webhooks: own.map(WebhookResponse::from).collect() })
        }
        CHANGE_WEBHOOK => change_webhook(example, world, now),
        LIST_DELIVERIES => list_deliveries(example, world),
        _ => of_a_webhook(example, world, now),
    }
}

fn written(body: &impl Serialize) -> Answered {
    Ok(Ok(serde_json::to_string(body)?))
}

/// Goes on with what is there, or answers with the problem.
macro_rules! or_answer {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(problem) => return Ok(Err(problem.into())),
        }
    };
}

fn ids<'a>(example: &Example, key: &'a IdempotencyKey) -> IdSource<'a> {
    IdSource::Derived { owner: Owner::Company(world::COMPANY), route: example.route.key, key }
}

fn command<S: Shape>(example: &Example, shape: &S) -> anyhow::Result<Result<S::Value, Problem>> {
    let body = example.body.as_deref().with_context(|| format!("{} has no body", example.name))?;
    match check_body(shape, body.as_bytes()) {
        Ok(checked) if checked.untimely.is_empty() => Ok(Ok(checked.command)),
        Ok(checked) => Err(anyhow!("{}: {:?}", example.name, checked.untimely)),
        Err(error) => Ok(Err(error.into())),
    }
}

fn key(example: &Example) -> anyhow::Result<IdempotencyKey> {
    IdempotencyKey::parse(example.name).context("an example's name")
}

fn create_agent(example: &Example, world: &World, now: Timestamp) -> Answered {
    let profile = or_answer!(command(example, &AgentShape)?);
    or_answer!(world.phone_number_of(&profile));
    let id = ids(example, &key(example)?).id("agent");
    written(&AgentResponse::from(&Agent::new(AgentId::new(id), world::COMPANY, profile, now)))
}

fn create_interview(example: &Example, world: &World, now: Timestamp) -> Answered {
    let request = or_answer!(command(example, &InterviewShape { now })?);
    let referenced = or_answer!(world.resolve(&request));
    let ids = NewInterviewIds::from_source(&ids(example, &key(example)?));
    let new = or_answer!(request.decide(world::COMPANY, &referenced, ids, now));
    written(&InterviewResponse::from(&new.interview))
}

fn create_webhook(example: &Example, world: &World, now: Timestamp) -> Answered {
    let command = or_answer!(command(example, &WebhookShape { targets: Targets::Public })?);
    or_answer!(own_company(command.company_id));
    let webhook = Webhook {
        id: WebhookId::new(ids(example, &key(example)?).id("webhook")),
        url: command.url,
        events: command.events,
        name: command.name,
        description: command.description,
        header_names: command.headers.into_iter().map(|header| header.name).collect(),
        created_at: now,
        updated_at: now,
        ..world.webhook(world::WEBHOOK)?.clone()
    };
    written(&WebhookResponse::with_secret(&webhook, Some(&world::secret()?)))
}

fn change_webhook(example: &Example, world: &World, now: Timestamp) -> Answered {
    let command = or_answer!(command(example, &ChangeWebhookShape { targets: Targets::Public })?);
    or_answer!(own_company(command.company_id));
    let webhook = or_answer!(addressed(example, world));
    written(&WebhookResponse::from(&command.apply(webhook, now)))
}

fn own_company(named: Option<CompanyId>) -> Result<(), AccessError> {
    match named.filter(|id| *id != world::COMPANY) {
        Some(id) => Err(AccessError::Forbidden(Resource::from(id))),
        None => Ok(()),
    }
}

/// The id in the path, in place of those braces of the route.
fn path_id<T: std::str::FromStr<Err = Violation>>(example: &Example, name: &str) -> Result<T, Problem> {
    let given = example.route.parameters(&example.path).into_iter().find(|(own, _)| *own == name);
    let id = given.map_or_else(|| Err(invalid_id()), |(_, text)| text.parse());
    id.map_err(|error| Problem::validation_failed(vec![parameter_issue(format!("path:{name}"), "uuid", error)]))
}

/// A broken rule on a parameter.
pub(crate) fn parameter_issue(pointer: String, rule: &'static str, message: impl ToString) -> Issue {
    Issue { pointer, rule, message: message.to_string() }
}

/// The webhook that the path names, if it is the company's.
fn addressed<'w>(example: &Example, world: &'w World) -> Result<&'w Webhook, Problem> {
    let id = path_id::<WebhookId>(example, "id")?;
    let webhook = world.webhooks.iter().find(|webhook| webhook.id == id).ok_or(AccessError::NotFound(id.into()))?;
    if webhook.owner == Owner::Company(world::COMPANY) {
        Ok(webhook)
    } else {
        Err(AccessError::Forbidden(id.into()).into())
    }
}

/// The answers of routes that take no more than a webhook, and what there is of it.
fn of_a_webhook(example: &Example, world: &World, now: Timestamp) -> Answered {
    let webhook = or_answer!(addressed(example, world));
    match example.route {
        GET_WEBHOOK => written(&WebhookResponse::from(webhook)),
        DELETE_WEBHOOK => Ok(Ok(String::new())),
        TEST_WEBHOOK => written(&tried(webhook)),
        ROTATE_WEBHOOK_SECRET => written(&RotatedSecretResponse {
            webhook_id: webhook.id,
            signing_secret: world::secret()?.reveal(),
            previous_secret_expires_at: now.saturating_add(ROTATION_OVERLAP),
        }),
        RESET_WEBHOOK_CIRCUIT => {
            let reset = Webhook { circuit: Circuit::default(), updated_at: now, ..webhook.clone() };
            written(&WebhookResponse::from(&reset))
        }
        REDELIVER => {
            let id = or_answer!(path_id::<DeliveryId>(example, "deliveryId"));
            let delivery = world.deliveries.iter().find(|delivery| delivery.id == id);
            let delivery = or_answer!(delivery.ok_or(AccessError::NotFound(id.into())));
            written(&DeliveryResponse::from(&delivery.clone().again(now)))
        }
        other => bail!("say what {} answers", other.key),
    }
}

/// How a try goes, as the function says it.
fn tried(webhook: &Webhook) -> TestResponse {
    let delivery_id = world::PING;
    if webhook.id == world::WEBHOOK {
        let message = "The endpoint took the ping.";
        TestResponse { success: true, delivery_id, http_status: Some(204), duration_ms: 112, message }
    } else {
        let message = "No connection to the endpoint could be opened.";
        TestResponse { success: false, delivery_id, http_status: None, duration_ms: 43, message }
    }
}

fn list_deliveries(example: &Example, world: &World) -> Answered {
    let webhook = or_answer!(addressed(example, world));
    let of_webhook = world.deliveries.iter().filter(|delivery| delivery.webhook_id == webhook.id);
    let (after, limit) = match example.query.split_once('=') {
        None => (None, usize::MAX),
        Some(("limit", "1")) => (None, 1),
        Some(("cursor", id)) => (Some(id.parse::<DeliveryId>().map_err(|error| anyhow!("{error}"))?), usize::MAX),
        Some(("limit", _)) => {
            let message = "must be given once, as a whole number from 1 to 100";
            return Ok(Err(Problem::validation_failed(vec![parameter_issue("?limit".into(), "range", message)])));
        }
        Some(_) => bail!("what does {} ask for?", example.query),
    };
    let of_page: Vec<_> = of_webhook.filter(|delivery| after.is_none_or(|after| delivery.id < after)).collect();
    let shown = &of_page[..of_page.len().min(limit)];
    written(&DeliveryListResponse {
        deliveries: shown.iter().copied().map(DeliveryResponse::from).collect(),
        next_cursor: shown.last().filter(|_| shown.len() < of_page.len()).map(|last| last.id),
    })
}
