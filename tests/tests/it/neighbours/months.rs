//! The month's turn, and clocks that are wrong: nothing that is owed is forgotten, and no company is locked into a month
//! that is not.

use api::ErrorCode;
use serde_json::{Value, json};
use tests::{Company, TestServer, api, body};

use crate::rollover::{FIRST_OF_JUNE, GRANTED, LAST_OF_MAY, company, gateway};

use super::Neighbour;

/// 30 minutes beyond the grant are still to be charged when the next month has begun.
#[tokio::test]
async fn overage_is_kept_when_the_month_turns() {
    let server = TestServer::start().await;
    let neighbour = Neighbour::of(&server).await;
    let company = server.company().minutes(GRANTED * 30).overage().create().await;
    company.leave_seconds(0).await;
    let agent_id = company.agent(&body::generic_agent()).await;
    let body = json!({"candidate": body::candidate(), "agentId": agent_id});
    neighbour.beside(company.created("/interviews", &body)).await;
    server.set_clock(FIRST_OF_JUNE);
    let first = company.post("/interviews").json(&body).answered(201).await;
    let dynamodb = &first.log["dynamodb"];
    // As for any other create, and the retry; the month costs two write units more than the 17 of this shape.
    assert_eq!((&dynamodb["requests"], &dynamodb["writeUnits"]), (&json!(4), &json!(19.0)), "{dynamodb}");
    let second = company.post("/interviews").json(&body).answered(201).await;
    assert_eq!((&second.log["dynamodb"]["requests"], &second.log["dynamodb"]["writeUnits"]), (&json!(3), &json!(17.0)));
    let usage = server.store().company_usage(company.id).await.expect("usage");
    let months = usage.months(server.now());
    let [may, june] = &months[..] else { panic!("{months:?}") };
    assert_eq!((may.books.overage().0, may.books.reserved_seconds.0, may.open), (1_800, 1_800, false));
    assert_eq!((june.books.overage().0, june.books.reserved_seconds.0, june.open), (0, 3_600, true));
    // The second company's first interview of June opens its own month.
    neighbour.company.created("/interviews", &neighbour.interview).await;
    neighbour.assert_unharmed().await;
}

/// A function whose clock is 400 days ahead charges the month that DynamoDB's answers are dated in. Functions with a right
/// clock go on in it, for that company and for others.
#[tokio::test]
async fn a_clock_far_ahead_opens_no_month_of_next_year() {
    let server = TestServer::start().await;
    let (company, body) = company(&server).await;
    server.set_clock(LAST_OF_MAY);
    server.faults().set_clock(LAST_OF_MAY.parse().expect("a time"));
    let neighbour = Neighbour::of(&server).await;
    let wrong = gateway(&server, "2027-07-05T00:00:00Z");
    let client = reqwest::Client::new();
    let create = async |company: &Company, body: &Value| {
        let request = client.post(format!("{}/interviews", wrong.url())).bearer_auth(&company.key).json(body);
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json::<Value>().await.expect("JSON"))
    };
    assert_eq!(neighbour.beside(create(&company, &body)).await.0, 201);
    let allowance = company.allowance().await;
    assert_eq!((allowance.period.as_str(), allowance.reserved_seconds.0), ("2026-05", 1_800));
    // The second company meets the same function.
    assert_eq!(create(&neighbour.company, &neighbour.interview).await.0, 201);
    neighbour.assert_unharmed().await;
    // With the rest of May used, it is May that has nothing left.
    company.leave_seconds(0).await;
    let (status, refusal) = create(&company, &body).await;
    assert_eq!((status, &refusal["code"]), (402, &json!(ErrorCode::BillingLimitExceeded.as_str())), "{refusal}");
    assert_eq!(refusal["resetsAt"], FIRST_OF_JUNE, "{refusal}");
}
