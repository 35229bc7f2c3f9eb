//! The receiver's own webhook at the API.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use axum::http::StatusCode;
use domain::{StringEnum as _, event::EventType};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use url::{Host, Url};

/// Time for an answer of the API, which takes milliseconds.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The name by which a later receiver on the same port knows what an earlier one has left.
const NAME: &str = "local listen";

/// A webhook that lasts as long as its receiver. Clones are the same one.
#[derive(Clone)]
pub struct Registration(Arc<Registered>);

struct Registered {
    api: Api,
    /// The port of this machine that the webhook posts to.
    port: u16,
    webhook: Webhook,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Webhook {
    id: String,
    url: String,
    name: Option<String>,
    is_active: bool,
    signing_secret: Option<String>,
}

impl Registration {
    /// Creates a webhook that posts these events to a port of this machine, and removes the one that a receiver on this
    /// port has left which was killed.
    pub async fn create(api_url: &str, api_key: &str, port: u16, events: &[EventType]) -> Result<Self> {
        let api = Api::new(api_url, api_key)?;
        for webhook in api.posting_to(port).await?.iter().filter(|webhook| webhook.name.as_deref() == Some(NAME)) {
            api.delete(&webhook.id).await?;
        }
        let events: Vec<_> = events.iter().map(|event| event.as_str()).collect();
        let body = json!({ "url": format!("http://127.0.0.1:{port}/"), "events": events, "name": NAME });
        let webhook = api.send(api.request(Method::POST, "/webhooks").json(&body)).await?;
        Ok(Self(Arc::new(Registered { port, webhook: webhook.json().await.context("not a webhook")?, api })))
    }

    /// The webhook's id.
    pub fn id(&self) -> &str {
        &self.0.webhook.id
    }

    /// The secret that its posts are signed with.
    pub fn signing_secret(&self) -> Result<&str> {
        self.0.webhook.signing_secret.as_deref().context("the API shows no signing secret")
    }

    /// Has the webhook tried, if its address has to be proven first. The receiver must be there. True if that was needed.
    pub async fn prove(&self) -> Result<bool> {
        let Registered { api, webhook, .. } = &*self.0;
        if webhook.is_active {
            return Ok(false);
        }
        let answer = api.send(api.request(Method::POST, &format!("/webhooks/{}/test", webhook.id))).await?;
        let answer: Value = answer.json().await.context("not the outcome of a test")?;
        ensure!(answer["success"] == true, "the address is not proven: {}", answer["message"]);
        Ok(true)
    }

    /// The ids of the company's other webhooks that post to the same port.
    pub async fn others(&self) -> Result<Vec<String>> {
        let webhooks = self.0.api.posting_to(self.0.port).await?;
        Ok(webhooks.into_iter().map(|webhook| webhook.id).filter(|id| id != self.id()).collect())
    }

    /// Deletes the webhook, unless that has been done.
    pub async fn remove(&self) -> Result<()> {
        self.0.api.delete(self.id()).await
    }
}

/// The API, with a key.
struct Api {
    client: Client,
    url: String,
    key: String,
}

impl Api {
    fn new(url: &str, key: &str) -> Result<Self> {
        ensure!(
            url.starts_with("http://"),
            "--api is the address of a server on this machine, such as http://127.0.0.1:3000"
        );
        let client = Client::builder().timeout(TIMEOUT).no_proxy().build()?;
        Ok(Self { client, url: url.trim_end_matches('/').to_owned(), key: key.to_owned() })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url)).bearer_auth(&self.key)
    }

    /// Sends a request that must succeed.
    async fn send(&self, request: RequestBuilder) -> Result<Response> {
        let answer = self.answer(request).await?;
        let status = answer.status();
        if !status.is_success() {
            let problem: Value = answer.json().await.unwrap_or_default();
            let reason = problem["detail"].as_str().unwrap_or("no reason given");
            bail!("the API at {} answers {status}: {reason}", self.url);
        }
        Ok(answer)
    }

    async fn answer(&self, request: RequestBuilder) -> Result<Response> {
        request.send().await.map_err(|error| {
            let reason = if error.is_timeout() { "does not answer in time" } else { "cannot be reached" };
            anyhow!("the API at {} {reason}; is `local` running there? --api names another address", self.url)
        })
    }

    /// The webhooks of the key's owner that post to a port of this machine.
    async fn posting_to(&self, port: u16) -> Result<Vec<Webhook>> {
        #[derive(Deserialize)]
        struct Listed {
            items: Vec<Webhook>,
        }
        // Of an owner's webhooks, of which there are at most 50, one page has all.
        let listed = self.send(self.request(Method::GET, "/webhooks?limit=100")).await?;
        let listed: Listed = listed.json().await.context("not a list of webhooks")?;
        Ok(listed.items.into_iter().filter(|webhook| posts_to(&webhook.url, port)).collect())
    }

    /// Deletes a webhook; one that is not there any more is no error.
    async fn delete(&self, id: &str) -> Result<()> {
        let answer = self.answer(self.request(Method::DELETE, &format!("/webhooks/{id}"))).await?;
        let status = answer.status();
        ensure!(status.is_success() || status == StatusCode::NOT_FOUND, "the API at {} answers {status}", self.url);
        Ok(())
    }
}

/// True for an address of this machine with this port.
fn posts_to(url: &str, port: u16) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    is_here && url.port_or_known_default() == Some(port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_posts_here_under_any_name_of_this_machine_and_any_path() {
        for (url, here) in [
            ("http://127.0.0.1:4000/", true),
            ("http://localhost:4000/hooks?a=b", true),
            ("http://[::1]:4000/", true),
            ("http://127.0.0.1:4001/", false),
            ("http://127.0.0.1/", false),
            ("https://example.com:4000/", false),
        ] {
            assert_eq!(posts_to(url, 4000), here, "{url}");
        }
    }
}
