//! A webhook to be created or changed.

use domain::StringEnum as _;
use domain::event::EventType;
use domain::webhook::{
    ChangedWebhook, CreateWebhook, OwnHosts, Targets, WEBHOOK_HEADERS_MAX, WebhookHeader, WebhookPorts,
};

use crate::fields::{Fields, Shape, object};
use crate::patch::Patched;
use crate::rule::{Headers, boolean, header_name, header_value, id, list, list_of_some, text, webhook_url, word};

/// Room for each event in both spellings.
const EVENTS_LISTED_MAX: usize = 2 * EventType::ACCEPTED.len();

const URL: &str = "Where events are posted to, by https. Its host must have a public address, and not be this API's own. Its port is \
     443, 8443 or from 1024 up, unless the operator allows others.";
const EVENTS: &str = "Which events are announced. A second spelling of each is accepted too, in upper case and with an \
                      underscore: `INTERVIEW_COMPLETED` for `interview.completed`. Answers have the first.";
const NAME: &str = "For people.";
const DESCRIPTION: &str = "For people.";
const HEADERS: &str = "Sent with each post. Names and values have at most 8,192 bytes together. Values are kept encrypted and \
                       never shown again.";

/// The body of `POST /webhooks`.
pub struct WebhookShape {
    /// The addresses that the deployment posts to.
    pub targets: Targets,
    /// The ports of those addresses.
    pub ports: WebhookPorts,
    /// The hosts of the deployment itself, which it does not post to.
    pub own_hosts: OwnHosts,
}

impl WebhookShape {
    /// The shape where the address is one that is stored already: the deployment allowed it when it was set.
    pub fn of_stored_address() -> Self {
        Self { targets: Targets::PublicAndLoopback, ports: WebhookPorts::all(), own_hosts: OwnHosts::default() }
    }
}

impl Shape for WebhookShape {
    type Value = CreateWebhook;

    const NAME: &'static str = "CreateWebhookRequest";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<CreateWebhook> {
        let url = fields.required("url", webhook_url(self.targets, self.ports.clone(), self.own_hosts.clone()), URL);
        let events = fields.required("events", list_of_some(word(), EVENTS_LISTED_MAX), EVENTS);
        let name = fields.optional("name", text(), NAME);
        let description = fields.optional("description", text(), DESCRIPTION);
        let headers =
            fields.defaulted("headers", Headers(list(object(&HeaderShape), WEBHOOK_HEADERS_MAX)), Vec::new(), HEADERS);
        let company_id = fields.optional(
            "companyId",
            id(),
            "With an applicant tracking system's key: the one company whose events are announced. Absent: all that the \
             system manages. With a company's key: that company, if given at all.",
        );
        Some(CreateWebhook { url: url?, events: each_once(events?), name, description, headers, company_id })
    }
}

/// The result of `PATCH /webhooks/{id}`.
pub struct ChangedWebhookShape(
    /// The shape of creation.
    pub WebhookShape,
);

impl Shape for ChangedWebhookShape {
    /// The webhook, and its headers if the patch names them: values that are stored are sealed.
    type Value = (ChangedWebhook, Vec<WebhookHeader>);

    const NAME: &'static str = "ChangedWebhook";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<Self::Value> {
        let webhook = self.0.fields(fields);
        let is_active = fields.defaulted(
            "isActive",
            boolean(),
            true,
            "false pauses the webhook: what happens meanwhile is not announced to it. true lets it go on, and forgets \
             its failures.",
        );
        let CreateWebhook { url, events, name, description, headers, company_id } = webhook?;
        Some((ChangedWebhook { url, events, name, description, company_id, is_active }, headers))
    }
}

impl Patched for ChangedWebhookShape {
    const PATCH_NAME: &'static str = "ChangeWebhookRequest";
}

/// A header that a webhook sends.
pub struct HeaderShape;

impl Shape for HeaderShape {
    type Value = WebhookHeader;

    const NAME: &'static str = "WebhookHeader";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<WebhookHeader> {
        let name = fields.required(
            "name",
            header_name(),
            "Not one that frames or signs a post: such as `Host`, `Content-Type`, `webhook-…`.",
        );
        let value = fields.required("value", header_value(), "Visible ASCII, and spaces and tabs between.");
        Some(WebhookHeader { name: name?, value: value? })
    }
}

/// The order of first mention.
fn each_once(events: Vec<EventType>) -> Vec<EventType> {
    let mut once = Vec::new();
    for event in events {
        if !once.contains(&event) {
            once.push(event);
        }
    }
    once
}
