//! Several changes of one agent at once.

use serde_json::json;
use tests::api::ErrorCode;
use tests::{TestServer, body};

use crate::concurrency::all_at_once;

const WRITERS: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn no_change_is_lost() {
    let company = TestServer::start().await.company().create().await;
    let path = format!("/agents/{}", company.agent(&body::agent()).await);
    let requests = (0..WRITERS).map(|number| {
        let (server, key, path) = (company.server().clone(), company.key.clone(), path.clone());
        let patch = json!({"metadata": {format!("writer{number}"): number}});
        move || server.request(reqwest::Method::PATCH, &path).key(&key).json(&patch)
    });
    let outcome = all_at_once(requests).await;
    assert!(outcome.answers.iter().all(|answer| answer.status == 200), "{:?}", outcome.answers);
    let last = company.patch(&path).json(&json!({})).answered(200).await;
    assert_eq!(last.body["metadata"].as_object().map(serde_json::Map::len), Some(WRITERS), "{last}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_those_that_rest_on_one_version_one_wins() {
    let company = TestServer::start().await.company().create().await;
    let path = format!("/agents/{}", company.agent(&body::agent()).await);
    let tag = company.patch(&path).json(&json!({})).answered(200).await.header("etag").expect("a tag").to_owned();
    let requests = (0..WRITERS).map(|number| {
        let (server, key, path, tag) = (company.server().clone(), company.key.clone(), path.clone(), tag.clone());
        let patch = json!({"metadata": {format!("writer{number}"): number}});
        move || server.request(reqwest::Method::PATCH, &path).key(&key).header("if-match", &tag).json(&patch)
    });
    let outcome = all_at_once(requests).await;
    let won = outcome.answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!((won, outcome.refused(ErrorCode::PreconditionFailed).len()), (1, WRITERS - 1));
}
