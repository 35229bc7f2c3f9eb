//! Months: closed when the next one opens, opened no further than two clocks say, mended.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::allowance::{Allowance, Books, ClosedPeriod, Seconds};
use domain::company::Plan;
use domain::interview::Interview;
use domain::time::{Period, Timestamp};
use serde_json::{Value, json};
use store::{Creation, FailureKind, MonthUsage, OperatorError, PlanChange, WriteContext};
use tests::faults::Fault::AnswerAndTokenLost;
use tests::faults::FaultScript;
use tests::faults::Operation::TransactWriteItems;

use crate::samples::{self, Stored, month};
use crate::test_table::{GRANTED, TestTable, at, company_key, eventually, now};

/// The cost of each interview.
const COST: i64 = 600;

/// One more interview of a stored candidate, at that time by the function's clock.
async fn create(table: &TestTable, stored: &Stored, now: Timestamp) -> Interview {
    table.created_by(&stored.candidate_unchanged(), &WriteContext { now, ..table.context("r") }).await
}

/// The month that one more interview is charged to.
async fn charged(table: &TestTable, stored: &Stored, now: Timestamp) -> String {
    create(table, stored, now).await.reservation.unwrap().period.to_string()
}

/// The item of a month that is closed; `null` if there is none.
async fn kept(table: &TestTable, period: &str) -> Value {
    table.item(&company_key(table.company_id), &format!("PERIOD#{period}")).await
}

async fn months(table: &TestTable, now: Timestamp) -> Vec<MonthUsage> {
    table.store.company_usage(table.company_id).await.unwrap().months(now)
}

/// The seconds reserved for interviews, by the month that each names.
async fn reserved(table: &TestTable) -> BTreeMap<String, i64> {
    let mut months = BTreeMap::new();
    for item in table.items().await.values().filter(|item| item["entityType"] == "Interview") {
        if let Some(seconds) = item["reservation"]["seconds"].as_i64() {
            *months.entry(item["reservation"]["period"].as_str().unwrap().to_owned()).or_default() += seconds;
        }
    }
    months
}

/// Fails unless the books of every month are right, and hold what the interviews of that month have reserved.
async fn assert_every_month_is_right(table: &TestTable, now: Timestamp) {
    let mut reserved = reserved(table).await;
    for MonthUsage { books, .. } in months(table, now).await {
        let Books { granted_seconds, remaining_seconds, reserved_seconds, used_seconds, .. } = books;
        assert_eq!(remaining_seconds + reserved_seconds + used_seconds, granted_seconds, "{books:?}");
        let left = remaining_seconds.max(Seconds::ZERO);
        let beyond = books.overage() + books.overdrawn();
        assert_eq!(granted_seconds + beyond, reserved_seconds + used_seconds + left, "{books:?}");
        let held = std::iter::once(&books.period).chain(&books.mended_periods);
        let held: i64 = held.filter_map(|period| reserved.remove(period.as_str())).sum();
        assert_eq!(held, reserved_seconds.0, "{books:?}");
    }
    assert_eq!(reserved, BTreeMap::new(), "interviews of months that nothing is kept of");
}

#[tokio::test]
async fn the_books_of_a_month_are_kept_when_the_next_one_opens() {
    let (table, stored) = Stored::start().await;
    // An hour beyond the grant, which is to be charged.
    let beyond = json!({"remainingSeconds": -3_600, "usedSeconds": 39_600, "overageAllowed": true});
    table.set_allowance(beyond).await;
    let first = at("2026-12-01T00:00:00Z");
    table.requests();
    create(&table, &stored, first).await;
    assert_eq!(table.requests(), [TransactWriteItems; 2]);
    let key = company_key(table.company_id);
    let expected = json!({
        "PK": key, "SK": "PERIOD#2026-11", "entityType": "ClosedPeriod", "version": 1,
        "companyId": table.company_id, "period": "2026-11", "plan": "STARTER",
        "grantedSeconds": 36_000, "remainingSeconds": -3_600, "reservedSeconds": 0, "usedSeconds": 39_600,
        "overageAllowed": true, "createdAt": first, "updatedAt": first,
    });
    assert_eq!(kept(&table, "2026-11").await, expected);
    let [old, new] = &months(&table, first).await[..] else { panic!("two months") };
    assert_eq!((old.open, old.books.overage(), old.books.overdrawn()), (false, Seconds(3_600), Seconds::ZERO));
    assert_eq!((new.open, new.books.period.as_str(), new.books.reserved_seconds.0), (true, "2026-12", COST));
    // The next create of the month writes nothing of it.
    create(&table, &stored, first).await;
    assert_eq!(kept(&table, "2026-11").await, expected);
}

#[tokio::test]
async fn a_company_that_was_idle_for_a_year_goes_on_and_keeps_its_last_month() {
    let (table, stored) = Stored::start().await;
    table.set_allowance(json!({"period": "2025-10", "remainingSeconds": 35_000, "usedSeconds": 1_000})).await;
    table.faults.set_clock(now());
    // Before the first interview, the last month is shown as it stands.
    let shown = months(&table, now()).await;
    let used = |months: &[MonthUsage]| {
        let month = |month: &MonthUsage| (month.books.period.to_string(), month.books.used_seconds.0, month.open);
        months.iter().map(month).collect::<Vec<_>>()
    };
    let expected = [("2025-10".to_owned(), 1_000, false), ("2026-11".to_owned(), 0, true)];
    assert_eq!(used(&shown), expected);
    assert_eq!(kept(&table, "2025-10").await, Value::Null);

    assert_eq!(charged(&table, &stored, now()).await, "2026-11");
    assert_eq!(used(&months(&table, now()).await), expected);
    let periods = table.items().await.into_keys().filter(|(_, sort)| sort.starts_with("PERIOD#")).count();
    assert_eq!(periods, 1, "months without use leave nothing");
}

/// A function's clock 400 days ahead, the table's right.
#[tokio::test]
async fn a_clock_far_ahead_locks_no_company_into_a_month_of_next_year() {
    let (table, stored) = Stored::start().await;
    table.faults.set_clock(now());
    let before = table.allowance().await;
    let far = at("2027-12-27T10:00:00Z");
    assert_eq!(charged(&table, &stored, far).await, "2026-11");
    assert_eq!(table.allowance().await.period, before.period);
    // Where the stored month is over, it is the table's that opens.
    table.faults.set_clock(at("2027-02-03T00:00:00Z"));
    assert_eq!(charged(&table, &stored, far).await, "2027-02");
    // One month beyond the stored one is opened by the function's clock alone.
    assert_eq!(charged(&table, &stored, at("2027-03-01T00:00:00Z")).await, "2027-03");
    assert_eq!(charged(&table, &stored, at("2027-05-01T00:00:00Z")).await, "2027-03");
    assert_every_month_is_right(&table, at("2027-03-01T00:00:00Z")).await;

    let change = PlanChange { granted: Some(Seconds(60)), ..PlanChange::default() };
    table.store.set_plan(table.company_id, change, far).await.unwrap();
    assert_eq!(table.allowance().await.period.as_str(), "2027-03", "an operator's clock");
}

/// Creates by clocks on both sides of midnight: whatever the old month got before it was closed is kept with it.
#[tokio::test]
async fn of_many_creates_at_the_turn_one_keeps_the_month_with_all_that_it_holds() {
    for round in 0..4 {
        let (table, stored) = Stored::start().await;
        let all = (0..40).map(|_| stored.candidate_unchanged());
        let (late, early): (Vec<_>, Vec<_>) = all.enumerate().partition(|(number, _)| number % (round + 2) > 0);
        let of = |side: Vec<(usize, _)>| side.into_iter().map(|(_, new)| new).collect::<Vec<_>>();
        let (late, early) = (of(late), of(early));
        let by_early = WriteContext { now: month("2026-12"), ..table.context("r") };
        let by_late = table.context("r");
        let (one, other) = tokio::join!(table.create_all(late, &by_late), table.create_all(early, &by_early));
        let outcomes: Vec<_> = one.into_iter().chain(other).collect();
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Creation::Created(_))), "{outcomes:?}");
        let items = table.items().await;
        let closed: Vec<_> = items.values().filter(|item| item["entityType"] == "ClosedPeriod").collect();
        let [closed] = closed[..] else { panic!("{closed:?}") };
        assert_eq!((&closed["SK"], &closed["version"]), (&json!("PERIOD#2026-11"), &json!(1)));
        assert_every_month_is_right(&table, month("2026-12")).await;
    }
}

/// Months one after the other and with gaps, each drawn on by chance, over and under the grant.
#[tokio::test]
async fn after_any_months_each_holds_what_was_reserved_in_it() {
    for seed in 0..12 {
        let mut random = fastrand::Rng::with_seed(seed);
        let (table, stored) = Stored::start().await;
        table
            .set_allowance(json!({"overageAllowed": seed % 2 == 0, "grantedSeconds": 2_000, "remainingSeconds": 2_000}))
            .await;
        let mut time = now();
        for _ in 0..8 {
            for _ in 0..random.usize(0..6) {
                table.create(&stored.candidate_unchanged(), &WriteContext { now: time, ..table.context("r") }).await;
            }
            if random.bool() {
                let granted = Some(Seconds(random.i64(0..4_000)));
                let change = PlanChange { granted, plan: Some(Plan::Scale), overage_allowed: Some(random.bool()) };
                table.store.set_plan(table.company_id, change, time).await.unwrap();
            }
            assert_every_month_is_right(&table, time).await;
            time = time.saturating_add(Duration::from_secs(random.u64(0..90) * 24 * 60 * 60));
        }
    }
}

/// The overage of a month is neither forgiven nor raised by the terms of the next one.
#[tokio::test]
async fn a_plan_that_changes_after_the_turn_leaves_the_month_that_is_over_as_it_was() {
    let (table, stored) = Stored::start().await;
    let beyond = json!({"remainingSeconds": -3_600, "usedSeconds": 39_600, "overageAllowed": true});
    table.set_allowance(beyond).await;
    let change = PlanChange { plan: Some(Plan::Scale), granted: Some(Seconds(72_000)), overage_allowed: Some(false) };
    table.store.set_plan(table.company_id, change, month("2026-12")).await.unwrap();
    let [old, new] = &months(&table, month("2026-12")).await[..] else { panic!("two months") };
    assert_eq!(
        (old.books.plan, old.books.overage(), old.books.granted_seconds),
        (Some(Plan::Starter), Seconds(3_600), GRANTED)
    );
    let expected = Allowance::new(table.company_id, Seconds(72_000), false, month("2026-12"));
    assert_eq!(new.books, Books { plan: Some(Plan::Scale), ..expected.books() });
    create(&table, &stored, month("2026-12")).await;
    assert_every_month_is_right(&table, month("2026-12")).await;
    // Suspending does not touch the books.
    let status = domain::allowance::SubscriptionStatus::Suspended;
    table.store.set_subscription(table.company_id, status, month("2027-01")).await.unwrap();
    assert_eq!(table.allowance().await.period.as_str(), "2026-12");
}

#[tokio::test]
async fn the_plan_of_an_allowance_of_before_plans_were_kept_is_its_company_s() {
    let (table, stored) = Stored::start().await;
    table.set_allowance(json!({"plan": null})).await;
    assert_eq!(months(&table, now()).await[0].books.plan, Some(Plan::Starter));
    create(&table, &stored, month("2026-12")).await;
    assert_eq!(kept(&table, "2026-11").await["plan"], Value::Null);
    let plans: Vec<_> = months(&table, month("2026-12")).await.iter().map(|month| month.books.plan).collect();
    assert_eq!(plans, [None, Some(Plan::Starter)]);
}

/// A defect that must be seen: nothing of a month that is closed is overwritten.
#[tokio::test]
async fn a_month_that_is_closed_is_not_closed_again() {
    let (table, stored) = Stored::start().await;
    create(&table, &stored, month("2026-12")).await;
    table.set_allowance(json!({"period": "2026-11"})).await;
    let before = table.items().await;
    let context = WriteContext { now: month("2026-12"), ..table.context("r") };
    let new = stored.candidate_unchanged();
    let error = store::Create::create(&new, &mut table.store.session(), &context).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Unknown, "{error:?}");
    assert_eq!(table.items().await, before);
}

/// A company with interviews in November that a wrong clock has brought into December of the next year.
async fn locked() -> (TestTable, Stored) {
    let (table, stored) = Stored::start().await;
    create(&table, &stored, now()).await;
    // Also the table's clock is wrong, as that of an engine on the same machine would be.
    assert_eq!(charged(&table, &stored, month("2027-12")).await, "2027-12");
    assert_eq!(charged(&table, &stored, month("2028-01")).await, "2028-01");
    table.faults.set_clock(now());
    // By clocks that are right, the month stands: it is charged, exactly, and grants no more than once.
    assert_eq!(charged(&table, &stored, now()).await, "2028-01");
    (table, stored)
}

#[tokio::test]
async fn a_company_in_a_month_to_come_is_brought_back_with_all_that_was_counted() {
    let (table, stored) = locked().await;
    assert!(table.store.mend_period(table.company_id, now()).await.unwrap());
    let allowance = table.allowance().await;
    assert_eq!((allowance.period.as_str(), allowance.reserved_seconds.0), ("2026-11", 4 * COST));
    let names: Vec<_> = allowance.mended_periods.iter().map(Period::as_str).collect();
    assert_eq!(names, ["2027-12", "2028-01"]);
    assert_every_month_is_right(&table, now()).await;
    assert_eq!(months(&table, now()).await.len(), 1);

    // Nothing is left to mend, and nothing is changed.
    let before = table.items().await;
    assert!(!table.store.mend_period(table.company_id, now()).await.unwrap());
    assert_eq!(table.items().await, before);
    let changes = before.values().filter(|item| item["action"] == "MEND_PERIOD").map(|item| item["changes"].clone());
    let expected = json!([{"name": "period", "from": "2028-01", "to": "2026-11"}]);
    assert_eq!(changes.collect::<Vec<_>>(), [expected]);

    // The month is closed in its time, and so is the one that was opened too early.
    assert_eq!(charged(&table, &stored, month("2026-12")).await, "2026-12");
    let closed = kept(&table, "2026-11").await;
    assert_eq!((&closed["entityType"], &closed["expiresAt"]), (&json!("ClosedPeriod"), &Value::Null));
    assert_eq!(closed["mendedPeriods"], json!(["2027-12", "2028-01"]));
    assert_eq!(table.allowance().await.mended_periods, []);
    assert_every_month_is_right(&table, month("2026-12")).await;
}

#[tokio::test]
async fn mending_goes_on_while_interviews_are_created_and_happens_once() {
    let (table, stored) = locked().await;
    table.break_with(FaultScript::script([(TransactWriteItems, AnswerAndTokenLost)]));
    let all = (0..10).map(|_| stored.candidate_unchanged());
    let context = table.context("r");
    let (mended, outcomes) =
        tokio::join!(table.store.mend_period(table.company_id, now()), table.create_all(all, &context));
    assert!(mended.unwrap());
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Creation::Created(_))), "{outcomes:?}");
    let allowance = table.allowance().await;
    assert_eq!((allowance.period.as_str(), allowance.reserved_seconds.0), ("2026-11", 14 * COST));
    assert_every_month_is_right(&table, now()).await;
}

/// A clock that is behind would take the month that is for one to come.
#[tokio::test]
async fn mending_needs_clocks_that_agree() {
    let (table, _) = Stored::start().await;
    table.faults.set_clock(now());
    let before = table.items().await;
    let refused = table.store.mend_period(table.company_id, month("2026-10")).await;
    assert!(matches!(refused, Err(OperatorError::ClocksDiffer { .. })), "{refused:?}");
    assert_eq!(table.items().await, before);
}

/// More than a page of companies, each once, oldest first.
#[tokio::test]
async fn usage_is_told_of_every_company() {
    let table = TestTable::start().await;
    let mut ids = vec![table.company_id];
    for second in 0..53 {
        let created_at = at(&format!("2026-11-23T00:00:{second:02}Z"));
        let company = domain::company::Company { created_at, ..samples::company(None) };
        table.add_company(&company).await;
        ids.push(company.id);
    }
    let closed = ClosedPeriod {
        company_id: ids[30],
        books: Books { period: "2026-10".parse().unwrap(), ..table.allowance().await.books() },
        created_at: now(),
        updated_at: now(),
    };
    let item = samples::with(
        json!(closed),
        json!({"PK": company_key(ids[30]), "SK": "PERIOD#2026-10", "entityType": "ClosedPeriod", "version": 1}),
    );
    table.write(item).await;
    let all = || async {
        let (mut all, mut pages, mut sizes) = (Vec::new(), table.store.usage(), Vec::new());
        while let Some(page) = pages.next().await.unwrap() {
            sizes.push(page.len());
            all.extend(page);
        }
        (all, sizes)
    };
    let (all, sizes) = eventually(all, |(all, _)| all.len() == ids.len()).await;
    assert_eq!(sizes, [25, 25, 4]);
    assert_eq!(all.iter().map(|usage| usage.account.company.id).collect::<Vec<_>>(), ids);
    let with_closed: Vec<_> = all.iter().filter(|usage| !usage.closed.is_empty()).collect();
    let [usage] = with_closed[..] else { panic!("{with_closed:?}") };
    assert_eq!((usage.account.company.id, &usage.closed[0]), (ids[30], &closed));
    assert_eq!(usage.months(now()).len(), 2);
}
