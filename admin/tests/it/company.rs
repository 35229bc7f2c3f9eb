//! Companies and their plans.

use domain::agent::{Agent, NewAgent};
use domain::allowance::{Allowance, Seconds};
use domain::company::{Company, CompanyId, Plan};
use domain::idempotency::IdSecret;
use domain::interview::{NewInterviewIds, ResolvedInterview};
use domain::text::SingleLine;
use domain::time::Timestamp;
use serde_json::{Value, json};
use store::{Create as _, Creation, IdempotencyRecord, WriteContext};
use validation::{InterviewShape, check_body};

use crate::engine::{NOBODY, TestEngine, id, members, misuse};

fn minutes(granted: u32, reserved: u32, used: u32, remaining: u32, overage: u32) -> Value {
    json!({"granted": granted, "reserved": reserved, "used": used, "remaining": remaining, "overage": overage})
}

/// Reserves minutes as a caller of the API does: by an interview of that duration.
async fn reserve(engine: &TestEngine, company: &str, minutes: u32) {
    let now = Timestamp::new(chrono::Utc::now());
    let body = json!({
        "candidate": {"firstName": "Ada", "lastName": "Novak", "email": "ada@example.com", "gdprExpiryDate": "2999-01-01"},
        "agent": {"name": "Talent pool", "type": "ONLINE", "focus": "GENERIC", "language": "EN", "duration": minutes},
    });
    let command = check_body(&InterviewShape { now }, body.to_string().as_bytes()).unwrap().command;
    let company_id: CompanyId = company.parse().unwrap();
    let ids = NewInterviewIds::from_source(&domain::idempotency::IdSource::Fresh(&uuid::Uuid::new_v4));
    let existing = "nothing is named by its id";
    let new = ResolvedInterview {
        candidate: command.candidate.resolve(|_| Err(existing)).unwrap(),
        assigned: Vec::new(),
        agent: command
            .agent
            .resolve(|_| Err(existing))
            .unwrap()
            .map_new(|profile| NewAgent { agent: Agent::new(ids.agent, company_id, profile, now), phone_number: None }),
        job: None,
        schedule_time: None,
        is_test: false,
        metadata: None,
    };
    let new = new.decide(company_id, ids, now).unwrap();
    let record = IdempotencyRecord { request_id: "test", fingerprint: None };
    let context = WriteContext { tenant: company_id.into(), managed: None, record, trace_id: None, now };
    let created = new.create(&mut engine.store().await.session(), &context).await.unwrap();
    assert!(matches!(created, Creation::Created(_)), "{created:?}");
}

#[test]
fn a_new_company_is_shown_with_all_its_minutes() {
    let engine = TestEngine::new();
    let created = engine.json("company create --name Acme --plan business");
    assert_eq!(
        members(&created),
        [
            "createdAt",
            "id",
            "minutes",
            "name",
            "overageAllowed",
            "period",
            "plan",
            "resetsAt",
            "subscription",
            "updatedAt"
        ]
    );
    assert_eq!(created["name"], "Acme");
    assert_eq!(created["plan"], "BUSINESS");
    assert_eq!(created["subscription"], "ACTIVE");
    assert_eq!(created["overageAllowed"], false);
    assert_eq!(created["period"], chrono::Utc::now().format("%Y-%m").to_string());
    assert_eq!(created["minutes"], minutes(3_000, 0, 0, 3_000, 0));
    assert_eq!(engine.json(&format!("company show {}", id(&created))), created);
    assert_eq!(engine.json(&format!("company show {}", id(&created).to_uppercase())), created);
}

#[test]
fn each_plan_grants_its_minutes_unless_others_are_agreed() {
    let engine = TestEngine::new();
    let granted =
        |options: &str| engine.json(&format!("company create --name Acme{options}"))["minutes"]["granted"].clone();
    assert_eq!(granted(""), 60);
    assert_eq!(granted(" --plan trial"), 60);
    assert_eq!(granted(" --plan starter"), 600);
    assert_eq!(granted(" --plan business"), 3_000);
    assert_eq!(granted(" --plan scale"), 12_000);
    assert_eq!(granted(" --plan scale --minutes 1"), 1);
    assert_eq!(granted(" --plan enterprise --minutes 100000"), 100_000);
    let refused = misuse("company create --name Acme --plan enterprise");
    assert!(refused.contains("--minutes"), "{refused}");
}

#[test]
fn people_see_names_and_values_in_columns() {
    let engine = TestEngine::new();
    let company = engine.json("company create --name Acme --plan starter --allow-overage");
    let shown = engine.words(&format!("company show {}", id(&company)));
    for line in [
        format!("id            {}", id(&company)),
        "plan          starter".to_owned(),
        "subscription  active".to_owned(),
        "granted       600 minutes".to_owned(),
        "reserved      0 minutes".to_owned(),
        "used          0 minutes".to_owned(),
        "remaining     600 minutes".to_owned(),
        "overage       0 minutes, allowed".to_owned(),
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line} in\n{shown}");
    }
    let list = engine.words("company list");
    let mut lines = list.lines();
    assert!(
        lines.next().unwrap().starts_with(
            "ID                                    NAME  PLAN     SUBSCRIPTION  GRANTED  RESERVED  USED  REMAINING  ATS  CREATED"
        ),
        "{list}"
    );
    assert!(
        lines.next().unwrap().starts_with(&format!(
            "{}  Acme  starter  active        600      0         0     600        -    20",
            id(&company)
        )),
        "{list}"
    );
    assert_eq!(lines.next(), None);
}

#[test]
fn companies_are_listed_oldest_first() {
    let engine = TestEngine::new();
    assert_eq!(engine.json("company list"), json!([]));
    assert_eq!(engine.words("company list"), "no companies\n");
    let first = engine.json("company create --name First");
    let second = engine.json("company create --name Second --plan scale");
    let list = engine.json("company list");
    assert_eq!(list.as_array().unwrap().iter().map(id).collect::<Vec<_>>(), [id(&first), id(&second)]);
    assert_eq!(list, json!([first, second]));
}

#[test]
fn a_company_may_belong_to_an_applicant_tracking_system_that_exists() {
    let engine = TestEngine::new();
    let ats = engine.json("ats create --name Partner");
    assert_eq!(members(&ats), ["companyIds", "createdAt", "id", "name", "updatedAt"]);
    assert_eq!((&ats["name"], &ats["companyIds"]), (&json!("Partner"), &json!([])));
    let company = engine.json(&format!("company create --name Acme --ats {}", id(&ats)));
    assert_eq!(company["atsId"], ats["id"]);
    let refused = engine.refusal(&format!("company create --name Acme --ats {NOBODY}"));
    assert_eq!(refused, "there is no such applicant tracking system; `ats list` shows all");
    assert_eq!(engine.json("company list").as_array().unwrap().len(), 1);

    let shown = engine.json(&format!("ats show {}", id(&ats)));
    assert_eq!(shown["companyIds"], json!([id(&company)]));
    assert_eq!(engine.json("ats list"), json!([shown]));
    let words = engine.words("ats list");
    assert!(words.starts_with("ID                                    NAME     COMPANIES  CREATED\n"), "{words}");
    assert!(words.contains("  Partner  1          20"), "{words}");
}

#[tokio::test]
async fn a_change_of_plan_keeps_what_is_reserved_and_used() {
    let engine = TestEngine::new();
    let company = id(&engine.json("company create --name Acme --plan starter"));
    reserve(&engine, &company, 45).await;
    let shown = |command: String| engine.json(&command)["minutes"].clone();
    assert_eq!(shown(format!("company show {company}")), minutes(600, 45, 0, 555, 0));
    assert_eq!(shown(format!("company set-plan {company} --plan scale")), minutes(12_000, 45, 0, 11_955, 0));
    assert_eq!(shown(format!("company set-plan {company} --minutes 46")), minutes(46, 45, 0, 1, 0));
    // Less than is reserved: nothing remains, and the rest of the books is as it was.
    // Without overage, what is beyond the grant is not charged but overdrawn.
    let mut overdrawn = minutes(30, 45, 0, 0, 0);
    overdrawn["overdrawn"] = json!(15);
    assert_eq!(shown(format!("company set-plan {company} --minutes 30")), overdrawn);
    assert_eq!(shown(format!("company set-plan {company} --allow-overage")), minutes(30, 45, 0, 0, 15));
    assert_eq!(shown(format!("company set-plan {company} --no-overage")), overdrawn);
    assert!(engine.words(&format!("company show {company}")).contains("\noverdrawn     15 minutes"));
    assert_eq!(shown(format!("company set-plan {company} --plan trial")), minutes(60, 45, 0, 15, 0));
}

#[tokio::test]
async fn a_month_that_nobody_has_used_yet_is_shown_with_all_its_minutes() {
    let engine = TestEngine::new();
    let id = CompanyId::new(uuid::Uuid::new_v4());
    let then: Timestamp = "2020-02-29T12:00:00Z".parse().unwrap();
    let name = SingleLine::parse("Acme").unwrap();
    let company = Company::new(id, name, Plan::Trial, None, then);
    let mut allowance = Allowance::new(id, Seconds::from_minutes(60), true, then);
    allowance.remaining_seconds = Seconds(-30);
    allowance.reserved_seconds = Seconds::from_minutes(60);
    allowance.used_seconds = Seconds(30);
    engine.store().await.create_company(&company, &allowance, IdSecret::from_bytes([7; 16])).await.unwrap();
    let shown = engine.json(&format!("company show {id}"));
    let this_month = chrono::Utc::now().format("%Y-%m").to_string();
    assert_eq!(shown["period"], this_month);
    assert_eq!(shown["minutes"], minutes(60, 0, 0, 60, 0));
    let mut over = minutes(60, 60, 0, 0, 0);
    (over["used"], over["overage"]) = (json!(0.5), json!(0.5));
    let last = format!("company show {id} --period 2020-02");
    assert_eq!(engine.json(&last)["minutes"], over);

    // The month that is over is closed with the plan that it had.
    let changed = engine.json(&format!("company set-plan {id} --plan starter --no-overage"));
    assert_eq!(changed["minutes"], minutes(600, 0, 0, 600, 0));
    // Years ahead of the stored month, by the dates of the engine's answers.
    assert_eq!(engine.store().await.company(id).await.unwrap().allowance.period.as_str(), this_month);
    let closed = engine.json(&last);
    assert_eq!(
        (&closed["minutes"], &closed["plan"], &closed["overageAllowed"]),
        (&over, &json!("TRIAL"), &json!(true))
    );
    assert_eq!((&closed["period"], &closed["resetsAt"]), (&json!("2020-02"), &Value::Null));
    assert_eq!(engine.json(&format!("company show {id} --period {this_month}")), changed);
    let refused = engine.refusal(&format!("company show {id} --period 2020-03"));
    assert!(refused.starts_with("nothing is kept of 2020-03"), "{refused}");
    assert!(misuse(&format!("company show {id} --period 2020-3")).contains("must be a month, for example 2026-11"));
}

#[tokio::test]
async fn a_company_in_a_month_to_come_is_shown_so_and_mended() {
    let engine = TestEngine::new();
    let id = CompanyId::new(uuid::Uuid::new_v4());
    let now = Timestamp::new(chrono::Utc::now());
    let far = now.checked_add(chrono::TimeDelta::days(400)).unwrap();
    let name = SingleLine::parse("Acme").unwrap();
    let company = Company::new(id, name, Plan::Trial, None, now);
    let mut allowance = Allowance::new(id, Seconds::from_minutes(60), false, far);
    (allowance.remaining_seconds, allowance.reserved_seconds) = (Seconds(0), Seconds::from_minutes(60));
    engine.store().await.create_company(&company, &allowance, IdSecret::from_bytes([7; 16])).await.unwrap();
    let shown = engine.words(&format!("company show {id}"));
    assert!(shown.contains(&format!("\nperiod        {}\n", far.to_string().split_at(7).0)), "{shown}");
    assert!(shown.ends_with(&format!("To mend it: company mend-period {id}\n")), "{shown}");
    let mended = engine.json(&format!("company mend-period {id}"));
    assert_eq!(mended["period"], chrono::Utc::now().format("%Y-%m").to_string());
    assert_eq!(mended["minutes"], minutes(60, 60, 0, 0, 0));
    assert!(!engine.words(&format!("company mend-period {id}")).contains("To mend it"));
    let history = engine.json(&format!("history --company {id}"));
    assert_eq!(history[0]["action"], "MEND_PERIOD");
    assert_eq!(history.as_array().unwrap().len(), 2, "{history}");
}

#[tokio::test]
async fn parts_of_minutes_and_overage_are_shown_as_they_are() {
    let engine = TestEngine::new();
    let id = CompanyId::new(uuid::Uuid::new_v4());
    let now = Timestamp::new(chrono::Utc::now());
    let name = SingleLine::parse("Acme").unwrap();
    let company = Company::new(id, name, Plan::Trial, None, now);
    let mut allowance = Allowance::new(id, Seconds::from_minutes(60), true, now);
    allowance.remaining_seconds = Seconds(-90);
    allowance.reserved_seconds = Seconds::from_minutes(60);
    allowance.used_seconds = Seconds(90);
    engine.store().await.create_company(&company, &allowance, IdSecret::from_bytes([7; 16])).await.unwrap();
    let shown = engine.json(&format!("company show {id}"));
    assert_eq!(shown["minutes"], json!({"granted": 60, "reserved": 60, "used": 1.5, "remaining": 0, "overage": 1.5}));
    let words = engine.words(&format!("company show {id}"));
    assert!(words.contains("\nused          1.50 minutes\n"), "{words}");
    assert!(words.contains("\noverage       1.50 minutes, allowed\n"), "{words}");
}

#[test]
fn what_a_change_of_plan_does_not_name_stays_as_it_is() {
    let engine = TestEngine::new();
    let company = id(&engine.json("company create --name Acme --plan enterprise --minutes 500 --allow-overage"));
    let terms = |options: &str| {
        let shown = engine.json(&format!("company set-plan {company} {options}"));
        (shown["plan"].clone(), shown["minutes"]["granted"].clone(), shown["overageAllowed"].clone())
    };
    assert_eq!(terms("--minutes 400"), (json!("ENTERPRISE"), json!(400), json!(true)));
    assert_eq!(terms("--no-overage"), (json!("ENTERPRISE"), json!(400), json!(false)));
    assert_eq!(terms("--minutes 700"), (json!("ENTERPRISE"), json!(700), json!(false)));
    assert_eq!(terms("--plan starter"), (json!("STARTER"), json!(600), json!(false)));
    assert_eq!(terms("--plan starter --minutes 1 --allow-overage"), (json!("STARTER"), json!(1), json!(true)));
    assert!(misuse(&format!("company set-plan {company} --plan enterprise")).contains("--minutes"));
    assert!(misuse(&format!("company set-plan {company}")).contains("--plan"));
    assert!(
        misuse(&format!("company set-plan {company} --allow-overage --no-overage")).contains("cannot be used with")
    );
    let shown = engine.json(&format!("company show {company}"));
    assert_eq!(shown["plan"], "STARTER");
}

#[test]
fn a_plan_is_taken_as_it_is_shown_or_in_lower_case() {
    let engine = TestEngine::new();
    for plan in ["STARTER", "starter", "Starter"] {
        assert_eq!(engine.json(&format!("company create --name Acme --plan {plan}"))["plan"], "STARTER");
    }
}

#[test]
fn a_company_is_renamed() {
    let engine = TestEngine::new();
    let company = engine.json("company create --name Acme");
    let renamed = engine.json(&format!("company rename {} --name Ajax", id(&company)));
    assert_eq!((&renamed["name"], &renamed["minutes"]), (&json!("Ajax"), &company["minutes"]));
    assert_eq!(engine.json(&format!("company show {}", id(&company))), renamed);
}

#[tokio::test]
async fn a_suspended_company_keeps_its_books() {
    let engine = TestEngine::new();
    let company = id(&engine.json("company create --name Acme"));
    reserve(&engine, &company, 20).await;
    for (command, subscription) in [("suspend", "SUSPENDED"), ("suspend", "SUSPENDED"), ("activate", "ACTIVE")] {
        let shown = engine.json(&format!("company {command} {company}"));
        assert_eq!(shown["subscription"], subscription);
        assert_eq!(shown["minutes"], minutes(60, 20, 0, 40, 0));
    }
}

#[test]
fn an_unknown_company_is_not_created_by_a_change() {
    let engine = TestEngine::new();
    for command in ["show", "suspend", "activate", "mend-period", "set-plan --plan trial", "rename --name New"] {
        let refused = engine.refusal(&format!("company {command} {NOBODY}"));
        assert_eq!(refused, "there is no such company; `company list` shows all", "{command}");
    }
    assert_eq!(engine.json("company list"), json!([]));
}

#[test]
fn words_that_are_not_understood_are_named() {
    for (command, named) in [
        ("company", "Usage"),
        ("company create", "--name"),
        ("company create --name ", "must not be blank"),
        ("company create --name Acme --plan gold", "must be one of trial, starter, business, scale, enterprise"),
        ("company create --name Acme --minutes -1", "-1"),
        ("company create --name Acme --minutes 4294967296", "4294967296"),
        ("company create --name Acme --ats 12", "must be a UUID"),
        ("company show", "<ID>"),
        ("company show 12", "must be a UUID"),
        ("company rename Acme", "must be a UUID"),
        ("company rule Acme", "rule"),
    ] {
        let refused = misuse(command);
        assert!(refused.contains(named), "{command}: {refused}");
    }
}
