//! The allowance: drawn on exactly, opened once a month, never beyond what is granted.

use domain::allowance::{Allowance, ChargeRefusal, Seconds, SubscriptionStatus};
use domain::interview::Interview;
use domain::time::{Period, Timestamp};
use serde_json::json;
use store::{Creation, InterviewLimit, PlanChange, WriteContext};
use tests::faults::Operation::TransactWriteItems;

use crate::samples::{Stored, month};
use crate::test_table::{GRANTED, TestTable, company_key, now};

/// The cost of each interview.
const COST: Seconds = Seconds(600);

/// One more interview of a stored candidate, at that time.
async fn create(table: &TestTable, stored: &Stored, now: Timestamp) -> Creation<Interview, InterviewLimit> {
    table.create(&stored.candidate_unchanged(), &WriteContext { now, ..table.context("r") }).await
}

async fn assert_created(table: &TestTable, stored: &Stored, now: Timestamp) -> Interview {
    table.created_by(&stored.candidate_unchanged(), &WriteContext { now, ..table.context("r") }).await
}

async fn assert_refused(table: &TestTable, stored: &Stored, now: Timestamp, expected: ChargeRefusal) {
    let before = table.items().await;
    assert_eq!(create(table, stored, now).await, Creation::Refused(InterviewLimit::Charge(expected)));
    assert_eq!(table.items().await, before, "a refused request changed the table");
}

fn short(remaining: Seconds, period: &str) -> ChargeRefusal {
    ChargeRefusal::LimitExceeded { required: COST, remaining, period: Period::of(month(period)) }
}

/// The period, and what remains of it, is reserved and is used.
async fn assert_stands(table: &TestTable, expected: (&str, i64, i64, i64)) {
    let Allowance { period, remaining_seconds, reserved_seconds, used_seconds, .. } = table.allowance().await;
    assert_eq!((period.as_str(), remaining_seconds.0, reserved_seconds.0, used_seconds.0), expected);
}

#[tokio::test]
async fn a_create_reserves_what_it_costs() {
    let (table, stored) = Stored::start().await;
    let before = table.allowance().await;
    table.requests();
    let interview = assert_created(&table, &stored, now()).await;
    assert_eq!(table.requests(), [TransactWriteItems]);
    let reservation = interview.reservation.unwrap();
    assert_eq!((reservation.period.as_str(), reservation.seconds), ("2026-11", COST));
    let expected = Allowance { remaining_seconds: before.remaining_seconds - COST, reserved_seconds: COST, ..before };
    assert_eq!(table.allowance().await, expected);
    table.assert_books_balance().await;
}

#[tokio::test]
async fn exactly_enough_is_enough_and_one_second_short_is_not() {
    let (table, stored) = Stored::start().await;
    table.set_allowance(json!({"remainingSeconds": 600, "usedSeconds": 35_400})).await;
    assert_created(&table, &stored, now()).await;
    assert_stands(&table, ("2026-11", 0, 600, 35_400)).await;
    assert_refused(&table, &stored, now(), short(Seconds(0), "2026-11")).await;

    table.set_allowance(json!({"remainingSeconds": 599, "usedSeconds": 34_801})).await;
    assert_refused(&table, &stored, now(), short(Seconds(599), "2026-11")).await;
    table.assert_books_balance().await;
}

#[tokio::test]
async fn the_first_create_of_a_month_opens_it_and_the_next_draws_on_it() {
    let (table, stored) = Stored::start().await;
    table.set_allowance(json!({"remainingSeconds": 0, "reservedSeconds": 1_000, "usedSeconds": 35_000})).await;
    table.requests();
    let first = assert_created(&table, &stored, month("2027-01")).await;
    assert_eq!(table.requests(), [TransactWriteItems; 2]);
    assert_eq!(first.reservation.unwrap().period.as_str(), "2027-01");
    assert_stands(&table, ("2027-01", 35_400, 600, 0)).await;

    table.requests();
    assert_created(&table, &stored, month("2027-01")).await;
    assert_eq!(table.requests(), [TransactWriteItems]);
    assert_stands(&table, ("2027-01", 34_800, 1_200, 0)).await;
    table.assert_books_balance().await;
}

#[tokio::test]
async fn a_month_whose_grant_does_not_bear_the_cost_is_not_opened() {
    let (table, stored) = Stored::start().await;
    table.set_allowance(json!({"grantedSeconds": 599, "remainingSeconds": 0, "usedSeconds": 599})).await;
    assert_refused(&table, &stored, month("2026-12"), short(Seconds(599), "2026-12")).await;
}

/// A clock is behind the one that opened the month: the month is neither reopened nor charged to another.
#[tokio::test]
async fn a_later_month_that_was_opened_already_is_drawn_on() {
    let (table, stored) = Stored::start().await;
    assert_created(&table, &stored, month("2026-12")).await;
    let late = assert_created(&table, &stored, now()).await;
    assert_eq!(late.reservation.unwrap().period.as_str(), "2026-12");
    assert_stands(&table, ("2026-12", 34_800, 1_200, 0)).await;

    table.set_allowance(json!({"remainingSeconds": 0, "usedSeconds": 34_800})).await;
    assert_refused(&table, &stored, now(), short(Seconds(0), "2026-12")).await;
}

#[tokio::test]
async fn a_suspended_subscription_is_charged_nothing_in_any_month() {
    let (table, stored) = Stored::start().await;
    let set = |subscription| table.store.set_subscription(table.company_id, subscription, now());
    set(SubscriptionStatus::Suspended).await.unwrap();
    for now in [now(), month("2026-12"), month("2026-10")] {
        assert_refused(&table, &stored, now, ChargeRefusal::SubscriptionInactive).await;
    }
    set(SubscriptionStatus::Active).await.unwrap();
    assert_created(&table, &stored, now()).await;
    table.assert_books_balance().await;
}

#[tokio::test]
async fn a_company_without_an_allowance_has_no_subscription() {
    let (table, stored) = Stored::start().await;
    table.remove(&company_key(table.company_id), "ALLOWANCE#00").await;
    assert_refused(&table, &stored, now(), ChargeRefusal::SubscriptionInactive).await;
}

#[tokio::test]
async fn overage_goes_below_zero_and_is_counted() {
    let (table, stored) = Stored::start().await;
    table.set_allowance(json!({"remainingSeconds": 599, "usedSeconds": 35_401, "overageAllowed": true})).await;
    assert_created(&table, &stored, now()).await;
    assert_stands(&table, ("2026-11", -1, 600, 35_401)).await;
    table.assert_books_balance().await;

    table.set_allowance(json!({"grantedSeconds": 500, "remainingSeconds": -35_501})).await;
    assert_created(&table, &stored, month("2026-12")).await;
    assert_stands(&table, ("2026-12", -100, 600, 0)).await;
    table.assert_books_balance().await;
}

#[tokio::test]
async fn a_change_of_the_grant_keeps_what_is_reserved_and_used() {
    let (table, stored) = Stored::start().await;
    table.set_allowance(json!({"remainingSeconds": 35_900, "usedSeconds": 100})).await;
    assert_created(&table, &stored, now()).await;
    for granted in [72_000, 36_000, 700, 699] {
        let change = PlanChange { granted: Some(Seconds(granted)), ..PlanChange::default() };
        table.store.set_plan(table.company_id, change, now()).await.unwrap();
        assert_stands(&table, ("2026-11", granted - 700, 600, 100)).await;
        table.assert_books_balance().await;
    }
    assert_refused(&table, &stored, now(), short(Seconds(-1), "2026-11")).await;

    let overage = PlanChange { overage_allowed: Some(true), ..PlanChange::default() };
    table.store.set_plan(table.company_id, overage, now()).await.unwrap();
    assert_created(&table, &stored, now()).await;
    assert_stands(&table, ("2026-11", -601, 1_200, 100)).await;
}

/// A plan that is changed after its month has turned, before anything was created in the new one.
#[tokio::test]
async fn a_change_of_the_grant_in_a_month_not_yet_opened_counts_from_its_beginning() {
    let (table, stored) = Stored::start().await;
    assert_created(&table, &stored, now()).await;
    let change = PlanChange { granted: Some(Seconds(1_200)), ..PlanChange::default() };
    table.store.set_plan(table.company_id, change, month("2026-12")).await.unwrap();
    table.assert_books_balance().await;
    assert_created(&table, &stored, month("2026-12")).await;
    assert_stands(&table, ("2026-12", 600, 600, 0)).await;
}

/// On the engine itself, without faults: it puts the transactions in order, each sees what the earlier ones left.
#[tokio::test]
async fn simultaneous_creates_share_exactly_what_is_left() {
    let (table, stored) = Stored::start().await;
    table.set_allowance(json!({"remainingSeconds": 6_599, "usedSeconds": 29_401})).await;
    let outcomes = table.create_all((0..30).map(|_| stored.candidate_unchanged()), &table.context("r")).await;
    let created = outcomes.iter().filter(|outcome| matches!(outcome, Creation::Created(_))).count();
    let refused = outcomes.iter().filter(|outcome| matches!(outcome, Creation::Refused(_))).count();
    assert_eq!((created, refused), (10, 20));
    assert_stands(&table, ("2026-11", 599, 6_000, 29_401)).await;
    table.assert_books_balance().await;
}

/// The first creates of a month, all at once: one opens it, the others draw on it.
#[tokio::test]
async fn simultaneous_creates_open_a_month_once() {
    let (table, stored) = Stored::start().await;
    table.set_allowance(json!({"remainingSeconds": 0, "usedSeconds": 36_000})).await;
    let context = WriteContext { now: month("2026-12"), ..table.context("r") };
    let outcomes = table.create_all((0..30).map(|_| stored.candidate_unchanged()), &context).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Creation::Created(_))), "{outcomes:?}");
    assert_stands(&table, ("2026-12", GRANTED.0 - 18_000, 18_000, 0)).await;
    table.assert_books_balance().await;
}
