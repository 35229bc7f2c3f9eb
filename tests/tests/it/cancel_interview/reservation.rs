//! Reservations of cancelled interviews: each returns once, to the month that it was taken from.

use domain::time::Period;
use serde_json::{Value, json};
use tests::api::ErrorCode;
use tests::faults::{FaultScript, Operation, Rates};
use tests::{Company, TestServer, body};

use super::status_200::{path, scheduled};
use crate::concurrency::{Stored, all_at_once, between_read_and_write, watched};
use crate::rights::hand_over;

/// The books of a closed month.
async fn closed(company: &Company, month: &str) -> Value {
    let item = company.server().item(&format!("COMPANY#{}", company.id), &format!("PERIOD#{month}")).await;
    let seconds = |name: &str| item[name]["N"].as_str().and_then(|digits| digits.parse::<i64>().ok()).unwrap_or(-1);
    json!(["remainingSeconds", "reservedSeconds", "usedSeconds", "grantedSeconds"].map(seconds))
}

#[tokio::test]
async fn a_reservation_of_a_closed_month_returns_to_that_month() {
    let server = TestServer::start().await;
    let company = server.company().minutes(60).create().await;
    let of_may = company.created("/interviews", &body::interview()).await.body;
    server.set_clock("2026-06-01T00:00:00.000Z");
    // The first interview of June closes May.
    let of_june = company.created("/interviews", &body::interview()).await.body;
    assert_eq!(closed(&company, "2026-05").await, json!([1_800, 1_800, 0, 3_600]));
    let june = company.allowance().await;

    company.post(&path(&of_may)).answered(200).await;
    assert_eq!(closed(&company, "2026-05").await, json!([3_600, 0, 0, 3_600]));
    assert_eq!(company.allowance().await, june);

    company.post(&path(&of_june)).answered(200).await;
    assert_eq!(closed(&company, "2026-05").await, json!([3_600, 0, 0, 3_600]));
    assert_eq!(company.allowance().await.remaining_seconds.0, 3_600);
}

/// The month is over by the calendar, and nothing has closed it: the allowance still holds it.
#[tokio::test]
async fn a_reservation_of_a_month_that_is_over_but_not_closed_returns_to_the_allowance() {
    let server = TestServer::start().await;
    let (company, interview) = scheduled(&server).await;
    server.set_clock("2026-06-01T00:00:00.000Z");
    company.post(&path(&interview)).answered(200).await;
    let allowance = company.allowance().await;
    assert_eq!((allowance.period.as_str(), allowance.reserved_seconds.0), ("2026-05", 0));
    assert_eq!(allowance.remaining_seconds, allowance.granted_seconds);
}

/// An operator has taken the counts of a month that was opened before its time over into the month that is.
#[tokio::test]
async fn a_reservation_of_a_month_that_was_mended_returns_where_its_counts_went() {
    for closes in [false, true] {
        let server = TestServer::start().await;
        let company = server.company().minutes(60).create().await;
        // A clock that is two months ahead opens July.
        server.set_clock("2026-07-15T10:00:00.000Z");
        let ahead = company.created("/interviews", &body::interview()).await.body;
        server.set_clock("2026-05-15T10:30:00.000Z");
        server.faults().set_clock(server.now());
        let mended = server.functions().store.mend_period(company.id, server.now()).await;
        assert!(mended.expect("a mended month"));
        if closes {
            server.set_clock("2026-06-01T00:00:00.000Z");
            company.created("/interviews", &body::interview()).await;
            assert_eq!(closed(&company, "2026-05").await, json!([1_800, 1_800, 0, 3_600]));
        }
        company.post(&path(&ahead)).answered(200).await;
        if closes {
            assert_eq!(closed(&company, "2026-05").await, json!([3_600, 0, 0, 3_600]));
            assert_eq!(company.allowance().await.reserved_seconds.0, 1_800);
        } else {
            assert_eq!(company.allowance().await.reserved_seconds.0, 0);
            assert_eq!(company.allowance().await.remaining_seconds.0, 3_600);
        }
    }
}

/// In a table of before closed months were kept nothing accounts for the reservation any more.
#[tokio::test]
async fn an_interview_of_a_month_that_was_not_kept_is_cancelled_and_no_other_month_gains() {
    let server = TestServer::start().await;
    let (company, interview) = scheduled(&server).await;
    let key = format!("INTERVIEW#{}", interview["id"].as_str().expect("an id"));
    let reservation = json!({"reservation": {"M": {"period": {"S": "2026-04"}, "seconds": {"N": "1800"}}}});
    server.set_attributes(&key, "INTERVIEW", &reservation).await;
    let allowance = company.allowance().await;
    assert_eq!(company.post(&path(&interview)).answered(200).await.body["status"], "CANCELLED");
    assert_eq!(company.allowance().await, allowance);
}

/// A suspended subscription refuses what costs, and nothing else.
#[tokio::test]
async fn the_time_returns_to_a_company_that_is_suspended_too() {
    let server = TestServer::start().await;
    let (company, interview) = scheduled(&server).await;
    company.suspend().await;
    company.post(&path(&interview)).answered(200).await;
    assert_eq!(company.allowance().await.reserved_seconds.0, 0);
}

/// So many cancel the same interviews, and as many delete them.
async fn ended_many_times(faults: FaultScript) {
    let server = TestServer::start().await;
    let company = server.company().minutes(300).create().await;
    let mut requests = Vec::new();
    for number in 0..8 {
        let id = company.created("/interviews", &body::interview()).await.id();
        for caller in 0..8 {
            let (company, id) = (company.clone(), id.clone());
            let deletes = number % 2 == 0 && caller % 2 == 0;
            requests.push(move || match deletes {
                true => company.request(reqwest::Method::DELETE, &format!("/interviews/{id}")),
                false => company.post(&format!("/interviews/{id}/cancel")),
            });
        }
    }
    assert_eq!(company.allowance().await.reserved_seconds.0, 8 * 1_800);
    server.faults().follow(faults);
    let outcome = watched(&company, all_at_once(requests)).await;
    for answer in &outcome.answers {
        assert!(matches!(answer.status, 200 | 204 | 404), "{answer}");
    }
    let allowance = company.allowance().await;
    assert_eq!((allowance.reserved_seconds.0, allowance.remaining_seconds.0), (0, 300 * 60), "{allowance:?}");
    Stored::read(&server).await.assert_whole(&allowance);
}

#[tokio::test]
async fn a_reservation_returns_once_however_many_cancel_and_delete() {
    ended_many_times(FaultScript::none()).await;
}

#[tokio::test]
async fn a_reservation_returns_once_when_transactions_conflict_and_answers_are_lost() {
    for seed in 0..3 {
        let rates = Rates { conflict: 0.1, throttled: 0.05, answer_lost: 0.1, ..Rates::default() };
        ended_many_times(FaultScript::seeded(seed, rates)).await;
    }
}

/// The first interview of June closes May between the cancel's two tries.
#[tokio::test]
async fn a_month_that_closes_during_a_cancel_gets_the_time_back() {
    let server = TestServer::start().await;
    let company = server.company().minutes(60).create().await;
    let of_may = company.created("/interviews", &body::interview()).await.body;
    server.set_clock("2026-06-01T00:00:00.000Z");
    let cancelling = {
        let (company, path) = (company.clone(), path(&of_may));
        move || company.post(&path)
    };
    let creating = {
        let company = company.clone();
        move || company.post("/interviews").json(&body::interview()).idempotent("june")
    };
    let requests: [Box<dyn Fn() -> tests::Request + Send>; 2] = [Box::new(cancelling), Box::new(creating)];
    let outcome = watched(&company, all_at_once(requests)).await;
    assert!(outcome.answers.iter().all(|answer| answer.status < 300), "{:?}", outcome.answers);
    let (allowance, may) = (company.allowance().await, closed(&company, "2026-05").await);
    assert_eq!(allowance.period, Period::of(server.now()));
    assert_eq!((allowance.remaining_seconds.0, allowance.reserved_seconds.0), (1_800, 1_800));
    assert_eq!(may, json!([3_600, 0, 0, 3_600]));
}

/// A system that no longer manages the company can't cancel its interviews any more, also if it was read that it does.
#[tokio::test]
async fn a_write_under_a_right_that_is_gone_is_refused() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let company = server.company().managed_by(ats).create().await;
    let interview = company.created("/interviews", &body::interview()).await.body;
    let (_, key) = server.ats_key(ats).create().await;
    let cancel = server.post(&format!("{}?companyId={}", path(&interview), company.id)).key(&key);
    let (answer, ()) =
        between_read_and_write(cancel, &server, Operation::TransactWriteItems, hand_over(&company)).await;
    assert_eq!(answer.code(), Some(ErrorCode::ResourceAccessDenied.as_str()), "{answer}");
    assert_eq!(
        company.get(path(&interview).trim_end_matches("/cancel")).answered(200).await.body["status"],
        "SCHEDULED"
    );
    assert_eq!(company.allowance().await.reserved_seconds.0, 1_800);
}
