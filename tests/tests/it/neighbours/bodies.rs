//! Bodies as large and as wrong as can be, from whoever has no key: nobody reads them.

use api::BODY_MAX_BYTES;
use domain::api_key::ApiKeySecret;
use tests::accepted::method;
use tests::{Answer, TestServer, api};

use crate::any_route::bodies::worst_bodies;
use crate::derived_ids::CREATES;

use super::{Cost, Neighbour, costs, outcomes, storm};

/// Unknown names in the body that was sent.
const UNKNOWN: usize = 12_000;

fn unknown_names() -> String {
    let members: Vec<_> = (0..UNKNOWN).map(|number| format!(r#""nam{number}":0"#)).collect();
    format!("{{{}}}", members.join(","))
}

/// Bodies of which nothing can be carried out: those that break most rules, and those that are too large.
fn bodies() -> Vec<String> {
    let too_large = [BODY_MAX_BYTES + 1, 5 * 1024 * 1024].map(|bytes| "[".repeat(bytes));
    worst_bodies().into_iter().chain([unknown_names()]).chain(too_large).collect()
}

/// Sends each body to each route that creates something, with that key or none, while the second company works.
async fn sent(neighbour: &Neighbour, key: Option<&str>) -> Vec<Answer> {
    let mut requests = Vec::new();
    for (route, _) in CREATES {
        for body in bodies() {
            let (server, key) = (neighbour.company.server().clone(), key.map(str::to_owned));
            requests.push(move || {
                let request = server.request(method(route), route.entry().path).text(body.clone());
                key.iter().fold(request, |request, key| request.key(key))
            });
        }
    }
    neighbour.beside(storm(requests)).await
}

/// Without a key, and with a mistyped one, a request is refused for that, and the table is not asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twelve_thousand_unknown_names_without_a_key_cost_the_table_nothing() {
    let server = TestServer::start().await;
    let neighbour = Neighbour::of(&server).await;
    let key = ApiKeySecret::generate().expect("randomness").reveal().to_owned();
    let mistyped = format!("{}{}", &key[..51], if key.ends_with('x') { 'y' } else { 'x' });
    for key in [None, Some(mistyped.as_str())] {
        let answers = sent(&neighbour, key).await;
        assert_eq!(outcomes(&answers).into_keys().collect::<Vec<_>>(), ["INVALID_API_KEY"]);
        assert_eq!(costs(&answers), [Cost(0, 0.0, 0.0)]);
    }
}

/// A forged key of the right form makes a function parse the body, since what it names is read together with the key. The
/// caller learns nothing of what is wrong with it, and the table is read once. A company's own key learns a thousand issues.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twelve_thousand_unknown_names_with_a_key_cost_the_table_one_read() {
    let server = TestServer::start().await;
    let neighbour = Neighbour::of(&server).await;
    let forged = ApiKeySecret::generate().expect("randomness").reveal().to_owned();
    let answers = sent(&neighbour, Some(&forged)).await;
    assert_eq!(outcomes(&answers).into_keys().collect::<Vec<_>>(), ["INVALID_API_KEY"]);
    assert_eq!(costs(&answers), [Cost(1, 2.0, 0.0)]);
    let tenant = server.company().create().await;
    let answers = sent(&neighbour, Some(&tenant.key)).await;
    assert!(answers.iter().all(|answer| matches!(answer.status, 400 | 413)), "{:?}", outcomes(&answers));
    assert_eq!(costs(&answers), [Cost(2, 2.0, 1.0)]);
    let answer = tenant.post("/agents").text(unknown_names()).answered(400).await;
    assert_eq!((answer.issues().len(), &answer.body["truncated"]), (1_000, &true.into()));
}
