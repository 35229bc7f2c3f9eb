use std::collections::BTreeSet;
use std::time::Duration;

use chrono::NaiveDate;
use domain::agent::Focus;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, TestServer, body};

use super::settle;

/// The only company of an answer that tells of one.
fn only(answer: &Answer) -> Value {
    let companies = answer.body["companies"].as_array().expect("companies");
    let [company] = companies.as_slice() else { panic!("{answer}") };
    assert_eq!(answer.body.get("nextCursor"), None);
    company.clone()
}

fn ids(answer: &Answer) -> Vec<String> {
    let companies = answer.body["companies"].as_array().expect("companies");
    companies.iter().map(|company| company["companyId"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
pub async fn what_was_used_is_told_by_day_and_focus_with_two_decimals_from_the_seconds() {
    let server = TestServer::start().await;
    let company = server.company().minutes(600).create().await;
    // 20 s and 20 s are 0.33 minutes each, and 0.67 together.
    settle(&company, "2026-05-14T23:59:59.999Z", Focus::Screening, 20).await;
    settle(&company, "2026-05-15T00:00:00Z", Focus::Screening, 20).await;
    settle(&company, "2026-05-15T10:00:00Z", Focus::Generic, 3_600).await;
    settle(&company, "2026-05-15T11:00:00Z", Focus::Outreach, 0).await;
    company.created("/interviews", &body::interview()).await;
    let answer = company.get("/billing/usage").answered(200).await;
    let expected = json!({
        "companyId": company.id, "companyName": "A company", "billingSystem": "minutes",
        "totalMinutesUsed": 60.67, "totalInterviews": 4,
        "breakdownByFocus": [
            {"focus": "GENERIC", "interviews": 1, "minutesUsed": 60},
            {"focus": "SCREENING", "interviews": 2, "minutesUsed": 0.67},
            {"focus": "OUTREACH", "interviews": 1, "minutesUsed": 0},
        ],
        "breakdownByDay": [
            {"date": "2026-05-14", "interviews": 1, "minutesUsed": 0.33},
            {"date": "2026-05-15", "interviews": 3, "minutesUsed": 60.33},
        ],
        "period": {
            "from": "2026-05-01", "to": "2026-05-31", "granted": 600, "reserved": 30, "used": 0, "remaining": 570,
            "overage": 0, "resetsAt": "2026-06-01T00:00:00.000Z",
        },
    });
    assert_eq!(only(&answer), expected);
}

/// Days that are left out are the last 30, of which today is one. All days from the first to the last are counted, and no other.
#[tokio::test]
pub async fn the_days_are_those_asked_for_or_the_last_thirty() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    for date in ["2025-05-14", "2025-05-15", "2026-04-15", "2026-04-16", "2026-05-15", "2026-05-16"] {
        settle(&company, &format!("{date}T12:00:00Z"), Focus::Generic, 60).await;
    }
    for (query, first, last, count) in [
        ("", "2026-04-16", "2026-05-15", 2),
        ("?start=2026-04-15", "2026-04-15", "2026-05-15", 3),
        ("?end=2026-05-16", "2026-05-15", "2026-05-16", 2),
        ("?start=2026-05-16&end=2026-05-16", "2026-05-16", "2026-05-16", 1),
        // 366 days, the first and the last included.
        ("?start=2025-05-15", "2025-05-15", "2026-05-15", 4),
        ("?start=2025-05-14&end=2026-05-14", "2025-05-14", "2026-04-16", 4),
    ] {
        let usage = only(&company.get(&format!("/billing/usage{query}")).answered(200).await);
        let days = usage["breakdownByDay"].as_array().expect("days");
        let (from, to) = (&days[0]["date"], &days[days.len() - 1]["date"]);
        assert_eq!((from, to, &usage["totalInterviews"]), (&json!(first), &json!(last), &json!(count)), "{query}");
    }
}

#[tokio::test]
pub async fn nothing_used_is_zero_of_the_grant() {
    let company = TestServer::start().await.company().minutes(60).create().await;
    let usage = only(&company.get("/billing/usage").answered(200).await);
    assert_eq!((&usage["totalMinutesUsed"], &usage["totalInterviews"]), (&json!(0), &json!(0)));
    assert_eq!((&usage["breakdownByFocus"], &usage["breakdownByDay"]), (&json!([]), &json!([])));
}

/// Whatever days are asked for; a company without an interview this month has the new month's grant.
#[tokio::test]
pub async fn the_period_is_the_current_month() {
    let server = TestServer::start().await;
    let company = server.company().minutes(60).create().await;
    company.leave_seconds(-90).await;
    let april = "/billing/usage?start=2026-04-01&end=2026-04-30";
    let may = only(&company.get(april).answered(200).await)["period"].clone();
    assert_eq!((&may["from"], &may["used"], &may["remaining"]), (&json!("2026-05-01"), &json!(61.5), &json!(0)));
    server.set_clock("2026-06-01T00:00:00.000Z");
    let june = only(&company.get(april).answered(200).await)["period"].clone();
    assert_eq!((&june["from"], &june["to"]), (&json!("2026-06-01"), &json!("2026-06-30")));
    assert_eq!((&june["used"], &june["remaining"]), (&json!(0), &json!(60)));
}

/// Tests are no use, whatever becomes of them.
#[tokio::test]
pub async fn test_interviews_never_count() {
    let company = TestServer::start().await.company().create().await;
    company.created("/interviews", &body::with(body::interview(), json!({"isTest": true}))).await;
    let usage = only(&company.get("/billing/usage").answered(200).await);
    assert_eq!((&usage["totalInterviews"], &usage["period"]["used"]), (&json!(0), &json!(0)));
}

/// A company's key is told of its own company, whatever the query says; a system's key of those that the system manages.
#[tokio::test]
pub async fn each_key_is_told_of_its_companies_only() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let mut managed = Vec::new();
    for seconds in [60, 120] {
        let company = server.company().managed_by(ats).create().await;
        settle(&company, "2026-05-15T10:00:00Z", Focus::Generic, seconds).await;
        managed.push(company);
        server.pass(Duration::from_secs(1));
    }
    let stranger = server.company().managed_by(server.ats().await).create().await;
    let (_, ats_key) = server.ats_key(ats).create().await;
    for query in [String::new(), format!("?companyId={}", managed[0].id), "?companyId=nonsense".to_owned()] {
        let usage = only(&stranger.get(&format!("/billing/usage{query}")).answered(200).await);
        assert_eq!((&usage["companyId"], &usage["totalInterviews"]), (&json!(stranger.id), &json!(0)), "{query}");
    }
    let by_system = |query: &str| server.request(Method::GET, &format!("/billing/usage{query}")).key(&ats_key);
    let all = by_system("").answered(200).await;
    assert_eq!(ids(&all), [managed[1].id.to_string(), managed[0].id.to_string()], "newest first");
    let minutes: Vec<_> = [0, 1].iter().map(|at| all.body["companies"][*at]["totalMinutesUsed"].clone()).collect();
    assert_eq!(minutes, [json!(2), json!(1)]);
    let one = by_system(&format!("?companyId={}", managed[0].id)).answered(200).await;
    assert_eq!(only(&one), all.body["companies"][1]);
}

/// A page has at most 25 companies, and costs a request for each of them; the next page goes on after it.
#[tokio::test]
pub async fn a_system_s_companies_come_in_bounded_pages_each_once() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let mut newest_first = Vec::new();
    for _ in 0..27 {
        newest_first.insert(0, server.company().managed_by(ats).create().await.id.to_string());
        server.pass(Duration::from_secs(1));
    }
    let (_, ats_key) = server.ats_key(ats).create().await;
    let get = |query: &str| server.request(Method::GET, &format!("/billing/usage{query}")).key(&ats_key);
    let first = get("?limit=100").answered(200).await;
    assert_eq!(ids(&first), newest_first[..25]);
    assert_eq!(
        first.log["dynamodb"]["requests"], 29,
        "caller, its count, index, companies with allowances, each one's days"
    );
    let next = first.text_of("nextCursor");
    let last = get(&format!("?cursor={next}")).answered(200).await;
    assert_eq!((ids(&last).as_slice(), last.body.get("nextCursor")), (&newest_first[25..], None));
    assert_eq!(ids(&get("").answered(200).await), newest_first[..20]);
    assert_eq!(ids(&get(&format!("?limit=1&cursor={next}")).answered(200).await), newest_first[25..26]);
}

/// A year of a company, with interviews of every focus on each day.
#[tokio::test]
pub async fn a_year_of_a_company_costs_at_most_49_read_units_in_three_requests() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    for focus in [Focus::Generic, Focus::Screening, Focus::Outreach, Focus::LanguageTest] {
        settle(&company, "2026-05-15T10:00:00Z", focus, 999_999_999).await;
    }
    let item = server.item(&format!("COMPANY#{}", company.id), "USAGE#2026-05-15#00").await;
    let first: NaiveDate = "2025-05-15".parse().expect("a date");
    let day = |date: NaiveDate| {
        let mut item = item.clone();
        (item["SK"], item["date"]) = (json!({"S": format!("USAGE#{date}#00")}), json!({"S": date.to_string()}));
        item
    };
    server.put_items(&first.iter_days().take(366).map(day).collect::<Vec<_>>()).await;
    let answer = company.get("/billing/usage?start=2025-05-15").answered(200).await;
    assert_eq!(only(&answer)["breakdownByDay"].as_array().map(Vec::len), Some(366));
    let dates: BTreeSet<_> =
        only(&answer)["breakdownByDay"].as_array().expect("days").iter().map(|day| day["date"].to_string()).collect();
    assert_eq!(dates.len(), 366);
    // And the count of the key's request.
    assert_eq!(answer.log["dynamodb"]["requests"], 4);
    let units = answer.log["dynamodb"]["readUnits"].as_f64().expect("units");
    assert!((20.0..=49.0).contains(&units), "{units}");
}
