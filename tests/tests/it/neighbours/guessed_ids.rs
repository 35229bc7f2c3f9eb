//! Ids that derive from idempotency keys: a stranger who knows a company's id and guesses its keys computes no id of its, and
//! learns of no key whether it was used.

use std::collections::{BTreeMap, BTreeSet};

use domain::idempotency::IdSecret;
use reqwest::Method;
use serde_json::json;
use tests::accepted::body_of;
use tests::api::Route;
use tests::{Answer, Company, Request, TestServer, body};

use crate::derived_ids::{CREATES, computed_under, key_item, secret};

use super::{Neighbour, costs, outcomes, storm};

/// Addresses of applicants, of which the company has used each second one as a key.
const GUESSES: usize = 40;

fn guess(number: usize) -> String {
    format!("applicant.{number}@example.com")
}

/// The requests by which a stranger asks for an id of that kind.
fn asking(stranger: &Company, route: Route, id: &str) -> Vec<Request> {
    let interview = |member: &str| {
        let mut body = body::interview();
        let named = body.as_object_mut().expect("an object");
        named.remove(member.trim_end_matches("Id"));
        body[member] = json!(id);
        stranger.post("/interviews").json(&body)
    };
    let webhook = |method, path: &str| stranger.request(method, &format!("/webhooks/{id}{path}"));
    match route {
        Route::CreateWebhook => vec![
            webhook(Method::GET, ""),
            webhook(Method::PATCH, "").json(&json!({"isActive": false})),
            webhook(Method::DELETE, ""),
            webhook(Method::GET, "/deliveries"),
            webhook(Method::POST, "/rotate-secret"),
        ],
        Route::CreateAgent => vec![interview("agentId")],
        // Its interview is named by no route; its candidate comes with the same derivation.
        _ => vec![interview("candidateId")],
    }
}

#[tokio::test]
async fn of_a_guessed_key_a_stranger_learns_neither_the_id_nor_that_it_was_used() {
    let server = TestServer::start().await;
    let neighbour = Neighbour::of(&server).await;
    let (company, stranger) = (server.company().create().await, server.company().create().await);
    let right = secret(&server, &key_item(&company.key), "KEY").await;
    let own = secret(&server, &key_item(&stranger.key), "KEY").await;
    assert!(right.is_some() && right != own);
    for (route, kind) in CREATES {
        let kind = if route == Route::CreateInterview { "candidate" } else { kind };
        let (mut used, mut unused) = (Vec::new(), Vec::new());
        for number in 0..GUESSES {
            let key = guess(number);
            let id = |secret: Option<IdSecret>| computed_under(&key, company.id, secret, (route, kind));
            if number % 2 == 0 {
                let created =
                    company.post(route.entry().path).json(&body_of(route)).idempotent(&key).answered(201).await;
                let created =
                    if kind == "candidate" { created.text_of("candidateId").to_owned() } else { created.id() };
                assert_eq!(created, id(right));
            }
            let requests = if number % 2 == 0 { &mut used } else { &mut unused };
            for secret in [None, own] {
                let (stranger, id) = (stranger.clone(), id(secret));
                let count = asking(&stranger, route, &id).len();
                requests.extend((0..count).map(|place| {
                    let (stranger, id) = (stranger.clone(), id.clone());
                    move || asking(&stranger, route, &id).swap_remove(place)
                }));
            }
        }
        let (used, unused) = (neighbour.beside(storm(used)).await, storm(unused).await);
        assert_eq!(outcomes(&used), BTreeMap::from([("RESOURCE_NOT_FOUND", used.len())]));
        assert_eq!(outcomes(&used), outcomes(&unused), "answers to used and to unused keys differ");
        let costs_of =
            |answers: &[Answer]| costs(answers).iter().map(|cost| format!("{cost:?}")).collect::<BTreeSet<_>>();
        assert_eq!(costs_of(&used), costs_of(&unused), "costs of used and of unused keys differ");
    }
}
