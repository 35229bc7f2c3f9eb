//! Usage: counted by day and focus in the transaction that settles an interview, and read by days.

use chrono::NaiveDate;
use domain::agent::Focus;
use domain::allowance::Seconds;
use domain::interview::{InterviewId, SettledUse};
use domain::time::Timestamp;
use domain::usage::{DayUsage, Usage, UsageDays, Used};
use serde_json::json;
use store::SettledInterview;
use uuid::Uuid;

use crate::test_table::{TestTable, at, company_key, now};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn settled(table: &TestTable, ended_at: &str, focus: Focus, seconds: i64) -> SettledInterview {
    SettledInterview {
        company_id: table.company_id,
        interview_id: InterviewId::new(Uuid::new_v4()),
        used: SettledUse { ended_at: at(ended_at), focus, seconds: Seconds(seconds) },
    }
}

async fn count(table: &TestTable, settled: SettledInterview, now: Timestamp) {
    table.store.count_usage(&settled, now).await.unwrap();
}

async fn usage(table: &TestTable, first: &str, last: &str) -> Vec<DayUsage> {
    let days = UsageDays::new(date(first), date(last)).unwrap();
    table.store.session().usage(table.company_id, days).await.unwrap()
}

fn day(text: &str, focuses: impl IntoIterator<Item = (Focus, u64, i64)>) -> DayUsage {
    let mut usage = Usage::default();
    for (focus, interviews, seconds) in focuses {
        usage.add(focus, Used { interviews, seconds: Seconds(seconds) });
    }
    DayUsage { date: date(text), usage }
}

#[tokio::test]
async fn a_day_s_item_is_made_by_its_first_interview_and_counted_up_by_each_other_one() {
    let table = TestTable::start().await;
    let first = settled(&table, "2026-11-22T09:59:59.999Z", Focus::Screening, 61);
    count(&table, first, now()).await;
    let later = at("2026-11-22T11:00:00Z");
    count(&table, settled(&table, "2026-11-22T00:00:00Z", Focus::Screening, 59), later).await;
    count(&table, settled(&table, "2026-11-22T23:59:59.999Z", Focus::LanguageTest, 0), later).await;
    let key = company_key(table.company_id);
    let expected = json!({
        "PK": key, "SK": "USAGE#2026-11-22#00", "entityType": "Usage", "version": 3, "companyId": table.company_id,
        "date": "2026-11-22", "shard": 0, "screeningInterviews": 2, "screeningSeconds": 120,
        "languageTestInterviews": 1, "languageTestSeconds": 0, "createdAt": now(), "updatedAt": later,
    });
    assert_eq!(table.item(&key, "USAGE#2026-11-22#00").await, expected);
    let focuses = [(Focus::Screening, 2, 120), (Focus::LanguageTest, 1, 0)];
    assert_eq!(usage(&table, "2026-11-22", "2026-11-22").await, [day("2026-11-22", focuses)]);
}

#[tokio::test]
async fn each_focus_is_read_back_as_it_was_counted() {
    let table = TestTable::start().await;
    let focuses = [Focus::Generic, Focus::Screening, Focus::Outreach, Focus::LanguageTest];
    for (focus, seconds) in focuses.into_iter().zip([1, 20, 300, 4_000]) {
        count(&table, settled(&table, "2026-11-22T10:00:00Z", focus, seconds), now()).await;
    }
    let expected = focuses.into_iter().zip([1, 20, 300, 4_000]).map(|(focus, seconds)| (focus, 1, seconds));
    assert_eq!(usage(&table, "2026-11-01", "2026-11-30").await, [day("2026-11-22", expected)]);
}

/// The first and the last day are in it; the days before and after, and other companies', are not.
#[tokio::test]
async fn usage_is_that_of_the_days_and_of_the_company_alone() {
    let table = TestTable::start().await;
    for (second, ended_at) in ["2026-10-31", "2026-11-01", "2026-11-03", "2026-11-04"].into_iter().enumerate() {
        let ended_at = format!("{ended_at}T12:00:00Z");
        count(&table, settled(&table, &ended_at, Focus::Generic, second as i64), now()).await;
    }
    let other = crate::samples::company(None);
    table.add_company(&other).await;
    let foreign =
        SettledInterview { company_id: other.id, ..settled(&table, "2026-11-02T12:00:00Z", Focus::Generic, 9) };
    count(&table, foreign, now()).await;
    let expected = [day("2026-11-01", [(Focus::Generic, 1, 1)]), day("2026-11-03", [(Focus::Generic, 1, 2)])];
    assert_eq!(usage(&table, "2026-11-01", "2026-11-03").await, expected);
    assert_eq!(usage(&table, "2026-11-02", "2026-11-02").await, []);
}

/// A day that is spread over several items is their sum.
#[tokio::test]
async fn shards_of_a_day_are_added_up() {
    let table = TestTable::start().await;
    count(&table, settled(&table, "2026-11-22T10:00:00Z", Focus::Outreach, 5), now()).await;
    let key = company_key(table.company_id);
    let mut other = table.item(&key, "USAGE#2026-11-22#00").await;
    other["SK"] = json!("USAGE#2026-11-22#15");
    table.write(other).await;
    let expected = [day("2026-11-22", [(Focus::Outreach, 2, 10)])];
    assert_eq!(usage(&table, "2026-11-22", "2026-11-22").await, expected);
}

/// One request, of few units, however many days there are.
#[tokio::test]
async fn a_year_is_one_request_of_at_most_46_units() {
    let table = TestTable::start().await;
    let largest = 999_999_999_999;
    for focus in [Focus::Generic, Focus::Screening, Focus::Outreach, Focus::LanguageTest] {
        count(&table, settled(&table, "2024-01-01T10:00:00Z", focus, largest), now()).await;
    }
    let key = company_key(table.company_id);
    let item = table.item(&key, "USAGE#2024-01-01#00").await;
    for date in date("2024-01-01").iter_days().take(367) {
        let mut item = item.clone();
        (item["SK"], item["date"]) = (json!(format!("USAGE#{date}#00")), json!(date));
        table.write(item).await;
    }
    let mut session = table.store.session();
    let days = UsageDays::new(date("2024-01-01"), date("2024-12-31")).unwrap();
    let read = session.usage(table.company_id, days).await.unwrap();
    assert_eq!((read.len(), read[365].date), (366, date("2024-12-31")));
    let cost = session.cost();
    assert_eq!(cost.requests, 1);
    assert!((1.0..=46.0).contains(&cost.read_units), "{cost:?}");
}
