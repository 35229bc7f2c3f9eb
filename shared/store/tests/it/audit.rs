//! The audit: each contradiction is found, with its items, and a table without one passes.

use std::time::Duration;

use domain::agent::Focus;
use domain::allowance::Seconds;
use domain::delivery::{Delivery, DeliveryJob, WaitingDelivery};
use domain::event::Event;
use domain::interview::{InterviewId, SettledUse};
use domain::time::Timestamp;
use domain::webhook::WebhookId;
use serde_json::{Value, json};
use store::{AuditProgress, Contradiction, Finding, SettledInterview};
use uuid::Uuid;

use crate::samples::{self, Stored, month, with};
use crate::test_table::{TestTable, at, company_key, now};

/// A time that nothing in a table is as late as: no company is in motion.
fn after_all() -> Timestamp {
    at("9999-01-01T00:00:00Z")
}

/// All that an audit finds.
async fn audited(table: &TestTable, now: Timestamp) -> Vec<Finding> {
    let mut progress = AuditProgress::new(after_all(), None);
    let mut findings = Vec::new();
    while let Some(page) = table.store.audit(&mut progress, now).await.unwrap() {
        assert_eq!(page.in_motion, None);
        findings.extend(page.findings);
    }
    assert_eq!(usize::try_from(progress.findings).unwrap(), findings.len());
    assert_eq!(usize::try_from(progress.items).unwrap(), table.items().await.len());
    findings
}

async fn kinds(table: &TestTable) -> Vec<Contradiction> {
    let mut kinds: Vec<_> = audited(table, now()).await.into_iter().map(|finding| finding.contradiction).collect();
    kinds.sort_unstable();
    kinds
}

/// The key of the only interview that holds time.
async fn interview(table: &TestTable) -> String {
    let items = table.items().await;
    let mut held =
        items.values().filter(|item| item["reservation"] != Value::Null && item["entityType"] == "Interview");
    held.next().expect("an interview")["PK"].as_str().unwrap().to_owned()
}

/// A table with one of each, among them an interview that holds time.
async fn table() -> (TestTable, Stored, String) {
    let (table, stored) = Stored::start().await;
    table.created(&stored.candidate_unchanged()).await;
    let interview = interview(&table).await;
    (table, stored, interview)
}

#[tokio::test]
async fn a_table_without_contradictions_passes() {
    let (table, stored, _) = table().await;
    assert_eq!(audited(&table, now()).await, []);
    // Over a month's end, with a system's company and a webhook.
    let context = store::WriteContext { now: month("2026-12"), ..table.context("r") };
    table.created_by(&stored.candidate_unchanged(), &context).await;
    let ats = samples::ats();
    table.store.create_ats(&ats, samples::ID_SECRET).await.unwrap();
    table.add_company(&samples::company(Some(ats.id))).await;
    table.created(&samples::new_webhook(table.owner())).await;
    assert_eq!(audited(&table, now()).await, []);
}

/// Each change by hand, and the contradiction that it is.
#[tokio::test]
async fn each_contradiction_of_an_item_is_found() {
    let (table, stored, interview) = table().await;
    let company = company_key(table.company_id);
    let other = samples::company(None);
    table.add_company(&other).await;
    let foreign = samples::bare_agent(other.id);
    let agent = with(
        json!(foreign),
        json!({"PK": format!("AGENT#{}", foreign.id), "SK": "AGENT", "entityType": "Agent", "version": 1,
               "GSI1PK": format!("COMPANY#{}#AGENT", other.id), "GSI1SK": format!("{}#{}", now(), foreign.id)}),
    );
    table.write(agent).await;
    assert_eq!(kinds(&table).await, []);
    let (candidate, agent_id, ..) = stored.ids();
    let nobody = Uuid::new_v4();
    let cases = [
        (&company, "ALLOWANCE#00", json!({"remainingSeconds": 1}), Contradiction::UnbalancedBooks),
        (&interview, "INTERVIEW", json!({"agentId": foreign.id}), Contradiction::ForeignReference),
        (&interview, "INTERVIEW", json!({"agentId": nobody}), Contradiction::UnknownReference),
        (&interview, "INTERVIEW", json!({"jobId": nobody}), Contradiction::UnknownReference),
        (&interview, "INTERVIEW", json!({"candidateId": nobody}), Contradiction::UnknownReference),
        (&interview, "INTERVIEW", json!({"status": "LOST"}), Contradiction::UnreadableItem),
        (&interview, "INTERVIEW", json!({"GSI2PK": null, "GSI2SK": null}), Contradiction::WrongIndexEntry),
        (&interview, "INTERVIEW", json!({"GSI2SK": "2026-01-01T00:00:00.000Z#x"}), Contradiction::WrongIndexEntry),
        (&interview, "INTERVIEW", json!({"status": "COMPLETED"}), Contradiction::WrongReservation),
        (&interview, "INTERVIEW", json!({"isTest": true}), Contradiction::WrongReservation),
        (&interview, "INTERVIEW", json!({"reservation": null}), Contradiction::WrongReservation),
        (&interview, "INTERVIEW", json!({"erasedAt": now(), "metadata": "{}"}), Contradiction::ContentLeft),
        (&company, "COMPANY", json!({"GSI1PK": null, "GSI1SK": null}), Contradiction::WrongIndexEntry),
    ];
    for (pk, sk, change, expected) in cases {
        let good = table.item(pk, sk).await;
        table.change(pk, sk, change.clone()).await;
        let found = audited(&table, now()).await;
        let finding = found.iter().find(|finding| finding.contradiction == expected);
        let finding = finding.unwrap_or_else(|| panic!("{sk} with {change}: {found:?}"));
        assert_eq!((finding.company_id, finding.items[0].as_str()), (Some(table.company_id), &*format!("{pk} {sk}")));
        table.write(good).await;
    }
    // Something that is no interview among those that are due; a tombstone in a list.
    let due = json!({"GSI2PK": "DUE#00", "GSI2SK": "2026-01-01T00:00:00.000Z#x"});
    for (pk, sk) in [(format!("AGENT#{agent_id}"), "AGENT"), (company.clone(), "ALLOWANCE#00")] {
        let good = table.item(&pk, sk).await;
        table.change(&pk, sk, due.clone()).await;
        assert_eq!(kinds(&table).await, [Contradiction::WrongIndexEntry], "{sk}");
        table.write(good).await;
    }
    let good = table.item(&format!("CANDIDATE#{candidate}"), "CANDIDATE").await;
    table.put_tombstone(&format!("CANDIDATE#{candidate}"), "CANDIDATE").await;
    assert_eq!(kinds(&table).await, [], "the candidate's erasure is over");
    table.change(&format!("CANDIDATE#{candidate}"), "CANDIDATE", due).await;
    assert_eq!(kinds(&table).await, [Contradiction::WrongIndexEntry]);
    table.write(good).await;
    assert_eq!(kinds(&table).await, []);
}

/// Content beside an interview whose content is to be gone, and beside none.
#[tokio::test]
async fn content_that_is_left_is_found() {
    let (table, _, interview) = table().await;
    let id = interview.strip_prefix("INTERVIEW#").unwrap();
    let transcript = |id: &str| {
        json!({"PK": format!("INTERVIEW#{id}"), "SK": "TRANSCRIPT", "entityType": "Transcript", "version": 1,
               "interviewId": id, "companyId": table.company_id, "segments": [], "createdAt": now(), "updatedAt": now()})
    };
    table.write(transcript(id)).await;
    assert_eq!(kinds(&table).await, []);
    let erased = json!({"erasedAt": now(), "GSI3PK": null});
    table.change(&interview, "INTERVIEW", erased).await;
    assert_eq!(kinds(&table).await, [Contradiction::ContentLeft]);
    table.remove(&interview, "TRANSCRIPT").await;
    let nobody = Uuid::new_v4().to_string();
    table.write(transcript(&nobody)).await;
    assert_eq!(kinds(&table).await, [Contradiction::UnknownReference]);
}

#[tokio::test]
async fn sums_that_differ_are_found() {
    let (table, stored, interview) = table().await;
    let company = company_key(table.company_id);
    let before = table.item(&company, "ALLOWANCE#00").await;
    let reserved = before["reservedSeconds"].as_i64().unwrap();
    let amounts = |reserved: i64, used: i64| json!({"reservedSeconds": reserved, "usedSeconds": used, "remainingSeconds": 36_000 - reserved - used});
    table.set_allowance(amounts(reserved + 1, 0)).await;
    let [finding] = &audited(&table, now()).await[..] else { panic!() };
    assert_eq!(finding.contradiction, Contradiction::ReservedDiffers);
    assert_eq!(finding.is, format!("{} s are reserved in 2026-11", reserved + 1));
    assert!(finding.should.starts_with(&format!("{reserved} s")), "{finding:?}");
    table.set_allowance(amounts(reserved, 60)).await;
    assert_eq!(kinds(&table).await, [Contradiction::UsedDiffers]);

    // An interview that is settled in its month: the books have it, its day's usage has not.
    let ended = json!({
        "status": "COMPLETED", "reservation": null, "settlement": {"period": "2026-11", "seconds": 60}, "focus": "OUTREACH",
        "finishedDate": "2026-11-23T00:00:00.000Z", "GSI2PK": null, "GSI2SK": null,
    });
    table.change(&interview, "INTERVIEW", ended).await;
    table.set_allowance(amounts(reserved - 600, 60)).await;
    let [finding] = &audited(&table, now()).await[..] else { panic!("{:?}", audited(&table, now()).await) };
    assert_eq!(finding.contradiction, Contradiction::UsageDiffers);
    assert_eq!(finding.items, [format!("{company} USAGE#2026-11-23#…")]);
    let settled = SettledInterview {
        company_id: table.company_id,
        interview_id: InterviewId::new(Uuid::new_v4()),
        used: SettledUse { ended_at: at("2026-11-23T00:00:00Z"), focus: Focus::Outreach, seconds: Seconds(60) },
    };
    table.store.count_usage(&settled, now()).await.unwrap();
    assert_eq!(kinds(&table).await, []);

    // A closed month has its own sums.
    let context = store::WriteContext { now: month("2026-12"), ..table.context("r") };
    table.created_by(&stored.candidate_unchanged(), &context).await;
    assert_eq!(kinds(&table).await, []);
    let closed = with(amounts(reserved - 600, 61), json!({}));
    table.change(&company, "PERIOD#2026-11", closed).await;
    assert_eq!(kinds(&table).await, [Contradiction::UsedDiffers]);
    // A month that nothing is kept of.
    table.remove(&company, "PERIOD#2026-11").await;
    assert!(kinds(&table).await.contains(&Contradiction::UsedDiffers));
}

#[tokio::test]
async fn a_company_that_is_not_there_or_has_no_allowance_is_found() {
    let (table, ..) = table().await;
    let company = company_key(table.company_id);
    let good = table.item(&company, "ALLOWANCE#00").await;
    table.remove(&company, "ALLOWANCE#00").await;
    assert_eq!(kinds(&table).await, [Contradiction::NoCompany]);
    table.write(good).await;
    table.remove(&company, "COMPANY").await;
    assert_eq!(kinds(&table).await, [Contradiction::NoCompany]);
}

/// A state that is repaired by itself is no contradiction until there was the time to repair it.
#[tokio::test]
async fn deliveries_that_never_end_and_alarms_are_found_once_they_are_old() {
    let (table, ..) = table().await;
    let (hour, week) = (Duration::from_secs(60 * 60), Duration::from_secs(7 * 24 * 60 * 60));
    let later = |time: Duration| now().saturating_add(time).saturating_add(Duration::from_millis(1));
    let kinds = async |now: Timestamp| {
        audited(&table, now).await.into_iter().map(|finding| finding.contradiction).collect::<Vec<_>>()
    };
    let webhook = WebhookId::new(Uuid::new_v4());
    let ping = Event::ping(webhook, Uuid::new_v4(), now()).unwrap();
    let delivery = Delivery::new(&DeliveryJob::new(&ping, webhook), now());
    table.store.session().write_delivery(None, &delivery).await.unwrap();
    assert_eq!(kinds(now().saturating_add(week)).await, []);
    assert_eq!(kinds(later(week)).await, [Contradiction::DeliveryNeverEnded]);
    table.remove(&format!("WEBHOOK#{webhook}"), &format!("DELIVERY#{}", delivery.id)).await;

    let waiting = WaitingDelivery {
        webhook_id: webhook,
        delivery_id: delivery.id,
        due_at: now(),
        gives_up_at: now(),
        job: "{}".to_owned(),
        created_at: now(),
        updated_at: now(),
        expires_at: 4_000_000_000,
    };
    table.store.session().hold_delivery(&waiting, now()).await.unwrap();
    assert_eq!(kinds(later(hour)).await, []);
    let key = format!("WEBHOOK#{webhook}");
    let alarm = table.item(&key, "ALARM").await;
    table.remove(&key, "ALARM").await;
    assert_eq!(kinds(now().saturating_add(hour)).await, []);
    assert_eq!(kinds(later(hour)).await, [Contradiction::WaitingWithoutAlarm]);
    table.write(alarm).await;
    table.remove(&key, &format!("WAITING#{}#{}", now(), delivery.id)).await;
    assert_eq!(kinds(now().saturating_add(hour)).await, []);
    assert_eq!(kinds(later(hour)).await, [Contradiction::AlarmWithoutWaiting]);
}

/// A company whose sums differ is not judged if its books may have changed while the table was read.
#[tokio::test]
async fn a_company_in_motion_is_not_judged_by_its_sums() {
    let (table, ..) = table().await;
    table.set_allowance(json!({"reservedSeconds": 0, "remainingSeconds": 36_000})).await;
    let five_minutes = Duration::from_secs(5 * 60);
    for (began_at, in_motion) in [(now().saturating_add(five_minutes), 1), (at("2026-11-22T10:05:00.124Z"), 0)] {
        let mut progress = AuditProgress::new(began_at, None);
        let mut pages = Vec::new();
        while let Some(page) = table.store.audit(&mut progress, now()).await.unwrap() {
            pages.push(page);
        }
        assert_eq!((progress.in_motion, progress.findings), (in_motion, 1 - in_motion), "{began_at}: {pages:?}");
    }
}

/// The one company that is asked for is audited; the others are not.
#[tokio::test]
async fn an_audit_of_one_company_tells_of_no_other() {
    let (table, ..) = table().await;
    let other = samples::company(None);
    table.add_company(&other).await;
    table.set_allowance(json!({"remainingSeconds": 1})).await;
    for (only, findings) in [(table.company_id, 1), (other.id, 0)] {
        let mut progress = AuditProgress::new(after_all(), Some(only));
        while table.store.audit(&mut progress, now()).await.unwrap().is_some() {}
        assert_eq!(progress.findings, findings, "{only}");
    }
}

/// More than a megabyte, so several pages: what is kept after any of them is gone on with, and finds the same.
#[tokio::test]
async fn an_audit_goes_on_from_what_was_kept() {
    let (table, ..) = table().await;
    table.set_allowance(json!({"remainingSeconds": 1, "reservedSeconds": 0})).await;
    for _ in 0..8 {
        let other = samples::company(None);
        table.add_company(&other).await;
        let wide = json!({"PK": format!("NOTHING#{}", other.id), "SK": "NOTHING", "entityType": "Wide", "text": "x".repeat(300_000)});
        table.write(wide).await;
    }
    let whole = audited(&table, now()).await;
    assert_eq!(whole.len(), 2);
    let (mut findings, mut pages) = (Vec::new(), 0);
    let mut kept = serde_json::to_string(&AuditProgress::new(after_all(), None)).unwrap();
    loop {
        let mut progress: AuditProgress = serde_json::from_str(&kept).unwrap();
        let Some(page) = table.store.audit(&mut progress, now()).await.unwrap() else { break };
        kept = serde_json::to_string(&progress).unwrap();
        findings.extend(page.findings);
        pages += 1;
    }
    assert!(pages > 10, "{pages}: pages of items, and a page for each of nine companies");
    assert_eq!(findings, whole);
}

/// The page on operating explains each kind, and no other.
#[test]
fn each_kind_of_contradiction_is_explained() {
    let document = include_str!("../../../../docs/operating.md");
    for contradiction in Contradiction::ALL {
        assert!(document.contains(&format!("\n| `{}` | ", contradiction.as_str())), "{contradiction:?}");
    }
    let (_, section) = document.split_once("| Contradiction | ").expect("a table");
    let rows = section.lines().skip(2).take_while(|line| line.starts_with('|')).count();
    assert_eq!(rows, Contradiction::ALL.len());
}
