//! The documented examples are sent to the real functions. The OpenAPI document shows the answers that they give here.

use api::ActsFor;
use domain::delivery::DeliveryId;
use local::demo::{DemoCompany, SYSTEM_API_KEY};
use local::examples;
use openapi::{Example, ids};
use serde_norway::Value;
use tests::accepted::method;
use tests::{Company, TestServer, WebhookReceiver, api};

/// The signing secret of the document.
const SECRET: &str = "whsec_YW4gZXhhbXBsZSwgYW5kIG5vIG9uZSdzIHNlY3JldCE=";
/// The delivery of a try in the document.
const PING: &str = "01a20297-4dc0-8a07-b6d3-1c925f4e0003";
/// The time that a try takes in the document, if the endpoint takes the ping, and if it does not.
const TRIED_MS: [u64; 2] = [112, 43];

/// A server with everything that the examples refer to.
struct Documented {
    company: Company,
    /// The endpoint of the webhook that works.
    _endpoint: WebhookReceiver,
    /// The documented addresses of endpoints, each with that on this server.
    names: [(String, String); 2],
}

impl Documented {
    async fn start() -> Documented {
        let server = TestServer::start().await;
        server.set_clock(ids::NOW);
        let company = server.company().id(ids::COMPANY).id_secret(local::demo::ID_SECRET).create().await;
        let endpoint = WebhookReceiver::start();
        let demo = DemoCompany::documented();
        demo.store(server.store(), server.now()).await.expect("what is missing of the company");
        let vault = &server.functions().vault;
        let stored = examples::store(server.store(), vault, &demo, &endpoint.url(), server.now()).await;
        stored.expect("what the examples name");
        let names = [
            ("https://hooks.example.com/greenroom".to_owned(), endpoint.url()),
            ("https://failing.example.com/greenroom".to_owned(), examples::FAILING_ENDPOINT.to_owned()),
        ];
        Documented { company, _endpoint: endpoint, names }
    }

    /// A text of this server with the documented addresses.
    fn documented(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (documented, here)| text.replace(here, documented))
    }
}

/// Puts the document's values in place of those that differ each time.
fn without_chance(body: &mut Value) {
    if let Some(secret) = body.get_mut("signingSecret") {
        assert!(secret.as_str().is_some_and(|secret| secret.starts_with("whsec_") && secret.len() == SECRET.len()));
        *secret = SECRET.into();
    }
    if let Some(success) = body.get("success").and_then(Value::as_bool) {
        let [taken, refused] = TRIED_MS;
        assert!(body["deliveryId"].as_str().is_some_and(|id| id.parse::<DeliveryId>().is_ok()));
        assert!(body["durationMs"].is_u64());
        body["deliveryId"] = PING.into();
        body["durationMs"] = if success { taken } else { refused }.into();
    }
}

/// The body of the answer to an example, with the documented addresses; absent if the answer is a refusal or has no body.
async fn answer_to(example: &Example) -> Option<Value> {
    let Example { name, route, .. } = example;
    let world = Documented::start().await;
    let query = if example.query.is_empty() { String::new() } else { format!("?{}", example.query) };
    let key = match route.entry().acts_for {
        ActsFor::Company | ActsFor::Owner | ActsFor::Companies => &world.company.key,
        ActsFor::Ats => SYSTEM_API_KEY,
    };
    let request = world.company.server().request(method(*route), &format!("{}{query}", example.path)).key(key);
    let request = match &example.body {
        Some(body) => request.text(body.clone()),
        None => request,
    };
    let answer = request.idempotent(name).answered(example.status()).await;
    assert_eq!(answer.code(), example.refusal.map(|code| code.as_str()), "{} {name}: {answer}", route.entry().key);
    if example.refusal.is_some() || answer.text.is_empty() {
        return None;
    }
    // JSON is YAML, and this reader keeps the order of members.
    let mut body = serde_norway::from_str(&world.documented(&answer.text)).expect("JSON");
    without_chance(&mut body);
    Some(body)
}

/// Every example has the documented status and code, and those that are carried out are answered as they are recorded.
/// With `UPDATE_EXAMPLES` in the environment, the answers are recorded instead.
#[tokio::test(flavor = "multi_thread")]
async fn each_example_is_answered_as_documented() {
    let mut answers = Value::Null;
    for example in openapi::examples() {
        if let Some(body) = answer_to(&example).await {
            answers[example.route.entry().key][example.name] = body;
        }
    }
    let answers = serde_json::to_string_pretty(&answers).expect("JSON") + "\n";
    if std::env::var_os("UPDATE_EXAMPLES").is_some() {
        std::fs::write(openapi::recorded_path(), answers).expect("a file to write");
        return;
    }
    let mut lines = openapi::RECORDED.lines().zip(answers.lines()).zip(1..);
    let first = lines.find(|((recorded, answered), _)| recorded != answered);
    assert!(
        answers == openapi::RECORDED,
        "{} is stale, at first where {first:?} (recorded, answered, line): run `UPDATE_EXAMPLES=1 cargo test -p tests \
         --test it -- examples`, then `cargo run --bin openapi`",
        openapi::recorded_path().display(),
    );
}
