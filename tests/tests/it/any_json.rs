//! Any body is carried out or answered by a documented problem, and a refusal leaves nothing behind.

use std::cell::Cell;
use std::fmt::{self, Write as _};

use api::{ErrorCode, Route};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};
use tests::faults::Operation;
use tests::{Company, TestServer, api, body};

/// Cases for each kind of body and each route; a server serves so many.
const CASES: u32 = 128;

/// The operations that a refusal may have sent to the table.
const READS: [Operation; 2] = [Operation::BatchGetItem, Operation::GetItem];

/// Any text, with a liking for what is special somewhere.
fn text() -> impl Strategy<Value = String> {
    let special = [
        "",
        " ",
        "\0",
        "\u{7f}",
        "\u{feff}",
        "\u{202e}",
        "𝄞",
        "e\u{301}",
        "null",
        "true",
        "1e2",
        "GENERIC",
        "UNDEFINED",
        "+421901234567",
        "a@b.co",
        "https://example.com",
        "http://127.0.0.1:9",
        "interview.completed",
        "PING",
        "Host",
        "2026-05-15",
        "2026-05-15T10:20:30.456Z",
        "9999-12-31T23:59:60Z",
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
    ];
    prop_oneof![select(special.to_vec()).prop_map(str::to_owned), any::<String>(), "[ -~]{0,40}"]
}

/// Any name of a member, with a liking for those that mean something.
fn name() -> impl Strategy<Value = String> {
    let known = [
        "name",
        "type",
        "focus",
        "language",
        "duration",
        "questions",
        "metadata",
        "companyPhoneNumberId",
        "candidate",
        "candidateId",
        "agent",
        "agentId",
        "job",
        "jobId",
        "scheduleTime",
        "isTest",
        "firstName",
        "salary",
        "location",
        "url",
        "events",
        "headers",
        "isActive",
    ];
    prop_oneof![select(known.to_vec()).prop_map(str::to_owned), text()]
}

/// Any JSON value.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-2_i64..200).prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(12, 96, 8, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..8).prop_map(Value::from),
            btree_map(name(), inner, 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// One change of a body.
#[derive(Debug, Clone)]
enum Change {
    Replace(Index, Value),
    Remove(Index),
    Add(Index, String, Value),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (any::<Index>(), value()).prop_map(|(at, value)| Change::Replace(at, value)),
        1 => any::<Index>().prop_map(Change::Remove),
        1 => (any::<Index>(), name(), value()).prop_map(|(at, name, value)| Change::Add(at, name, value)),
    ]
}

impl Change {
    fn apply(&self, body: &mut Value) {
        let mut pointers = Vec::new();
        list_pointers(body, String::new(), &mut pointers);
        let (Self::Replace(at, _) | Self::Remove(at) | Self::Add(at, _, _)) = self;
        let pointer = at.get(&pointers).clone();
        match self {
            Self::Replace(_, value) => *body.pointer_mut(&pointer).expect("a listed pointer") = value.clone(),
            Self::Remove(_) => {
                let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
                let name = name.replace("~1", "/").replace("~0", "~");
                if let Some(members) = body.pointer_mut(parent).and_then(Value::as_object_mut) {
                    members.remove(&name);
                }
            }
            Self::Add(_, name, value) => match body.pointer_mut(&pointer).expect("a listed pointer") {
                Value::Object(members) => drop(members.insert(name.clone(), value.clone())),
                Value::Array(items) => items.push(value.clone()),
                other => *other = json!({ name: value }),
            },
        }
    }
}

fn list_pointers(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                list_pointers(member, format!("{pointer}/{name}"), pointers);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                list_pointers(item, format!("{pointer}/{index}"), pointers);
            }
        }
        _ => {}
    }
    pointers.push(pointer);
}

/// A body that prints as its text; control characters and bytes that are not UTF-8 are escaped.
#[derive(Clone)]
struct Body(Vec<u8>);

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for c in chunk.valid().chars() {
                if c.is_control() { write!(f, "{}", c.escape_debug())? } else { f.write_char(c)? }
            }
            write!(f, "{}", chunk.invalid().escape_ascii())?;
        }
        Ok(())
    }
}

/// A change of a body's bytes.
#[derive(Debug, Clone)]
enum Slip {
    Insert(Index, Vec<u8>),
    Delete(Index),
    Overwrite(Index, u8),
    CutOff(Index),
    Repeat(Index),
}

fn slip() -> impl Strategy<Value = Slip> {
    let fragments: Vec<&[u8]> = vec![
        b"\"",
        b"{",
        b"[",
        b"]}",
        b",",
        b":",
        b"\\",
        b"\\u",
        b"\\ud800",
        b"-",
        b"0",
        b"e",
        b"1e400",
        b"null",
        b"/**/",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xed\xa0\x80",
        b"NaN",
        b"'",
        b"\n",
    ];
    prop_oneof![
        (any::<Index>(), select(fragments)).prop_map(|(at, bytes)| Slip::Insert(at, bytes.to_vec())),
        any::<Index>().prop_map(Slip::Delete),
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Slip::Overwrite(at, byte)),
        any::<Index>().prop_map(Slip::CutOff),
        any::<Index>().prop_map(Slip::Repeat),
    ]
}

impl Slip {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let length = bytes.len();
        match self {
            Self::Insert(at, more) => {
                let at = at.index(length);
                bytes.splice(at..at, more.iter().copied());
            }
            Self::Delete(at) => drop(bytes.remove(at.index(length))),
            Self::Overwrite(at, byte) => bytes[at.index(length)] = *byte,
            Self::CutOff(at) => bytes.truncate(at.index(length)),
            Self::Repeat(at) => {
                let rest = bytes[at.index(length)..].to_vec();
                bytes.extend(rest);
            }
        }
    }
}

/// Bodies that the route accepts, one of them with every field.
async fn accepted(company: &Company, route: Route) -> Vec<Value> {
    if route == Route::CreateCompany || route == Route::ChangeCompany {
        let all =
            json!({"name": "Žofia & Co.", "description": "Bread\nand rolls.", "metadata": {"a": [1.5, {"b": null}]}});
        return vec![body::company(), all];
    }
    if route == Route::CreateWebhook || route == Route::ChangeWebhook {
        let all = json!({
            "url": "https://example.com/hooks", "events": ["interview.started", "ANALYSIS_FAILED"], "name": "Žofia",
            "description": "For the\nwarehouse.", "companyId": company.id,
            "headers": [{"name": "X-A", "value": "b c"}, {"name": "Authorization", "value": "Bearer d"}],
        });
        let besides = if route == Route::ChangeWebhook { json!({"isActive": true}) } else { json!({}) };
        return vec![body::webhook(), body::with(all, besides)];
    }
    let number = company.phone_number().await;
    let metadata = json!({"a": [1.5, -0.0, {"b": null}], "ž": "𝄞"});
    let agent = body::with(
        body::phone_agent(&number),
        json!({
            "questions": ["Why?", "Why not?"], "instructions": "Be kind.", "voiceId": "EMMA", "backgroundSound": "OFF",
            "cefrLevel": "B2", "metadata": metadata,
        }),
    );
    if route == Route::CreateAgent || route == Route::ChangeAgent {
        return vec![body::agent(), agent];
    }
    if route == Route::ChangeInterview {
        let all = json!({"scheduleTime": "2026-06-01T09:00:00+02:00", "metadata": metadata});
        return vec![json!({"metadata": {"round": 2}}), all];
    }
    let job = json!({
        "title": "Warehouse operator", "description": "Moves things about.", "jobUrl": "https://example.com/1",
        "benefits": "Tea", "requiredSkills": ["Lifting"], "niceToHaveSkills": ["Humming"],
        "languageRequirements": [{"language": "SK", "proficiency": "C1"}], "education": ["POSTGRADUATE"],
        "experience": "NO_EXPERIENCE", "contractType": "FULL_TIME", "status": "OPEN",
        "location": {"workMode": "ONSITE", "street": "1", "city": "2", "postalCode": "3", "countryCode": "SK"},
        "salary": {"min": 1, "max": 2.5, "currency": "EUR", "period": "HOURLY"}, "metadata": metadata,
    });
    if route == Route::CreateJob || route == Route::ChangeJob {
        return vec![body::job(), job];
    }
    let (candidate_id, job_ids) = company.candidate_with_jobs(1).await;
    if route == Route::CreateCandidate || route == Route::ChangeCandidate {
        let all = json!({"jobIds": job_ids, "status": "REJECTED", "metadata": metadata});
        return vec![body::candidate(), body::with(body::candidate(), all)];
    }
    let agent_id = company.agent(&body::agent()).await;
    vec![
        body::interview(),
        json!({
            "candidate": body::with(body::candidate(), json!({"metadata": metadata})), "agent": agent, "job": job,
            "scheduleTime": "2026-06-01T09:00:00+02:00", "isTest": false, "metadata": metadata,
        }),
        json!({"candidateId": candidate_id, "agentId": agent_id, "jobId": job_ids[0], "isTest": true}),
        json!({"candidateId": candidate_id, "agentId": agent_id, "job": job}),
    ]
}

/// Sends each body that the strategy makes of the accepted ones.
fn answered_as_documented<S: Strategy<Value = Body>>(strategy: impl Fn(Vec<Value>) -> S) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let take_a_body = Route::ALL.iter().copied().filter(|route| route.entry().request.is_some());
    for route in take_a_body {
        let (caller, bodies, to) = runtime.block_on(async {
            let company = TestServer::start().await.company().minutes(100_000).create().await;
            let bodies = accepted(&company, route).await;
            let caller = company.caller_of(route).await;
            let to = caller.server().accepted(route, &caller.key).await;
            for body in &bodies {
                to.bare(caller.server()).key(&caller.key).json(body).answered(to.status()).await;
            }
            (caller, bodies, to)
        });
        let (before, carried_out) = (runtime.block_on(caller.server().items()), Cell::new(0));
        // By its name proptest finds `tests/proptest-regressions/any_json.txt`: the seeds that have failed, which are
        // tried first. New ones are added there, to be committed.
        let config = Config { cases: CASES, source_file: Some(file!()), ..Config::default() };
        let sent = TestRunner::new(config).run(&strategy(bodies), |Body(body)| {
            runtime.block_on(async {
                caller.server().faults().take_requests();
                let request = to.bare(caller.server()).key(&caller.key);
                // Every answer is checked against the rules of all answers here.
                let answer = request.header("content-type", "application/json").bytes(body).send().await;
                prop_assert!(answer.status < 500, "{answer}");
                if answer.status != to.status() {
                    let code = ErrorCode::ALL.iter().find(|code| answer.code() == Some(code.as_str()));
                    prop_assert_eq!(code.map(|code| code.status().as_u16()), Some(answer.status), "{}", answer);
                    let requests = caller.server().faults().take_requests();
                    // The limit is found to be reached only when one more is written.
                    let reads_only = code != Some(&ErrorCode::LimitReached);
                    let reads = requests.iter().all(|request| READS.contains(request));
                    prop_assert!(reads || !reads_only, "{requests:?} for {answer}");
                } else {
                    carried_out.set(carried_out.get() + 1);
                }
                Ok(())
            })
        });
        sent.unwrap_or_else(|failure| panic!("{}: {failure}", route.entry().key));
        let after = runtime.block_on(caller.server().items());
        let changed = carried_out.get() > 0;
        assert!(
            changed || after == before,
            "{}: nothing was created, and {before} items became {after}",
            route.entry().key
        );
    }
}

#[test]
fn any_json_value() {
    answered_as_documented(|_| value().prop_map(|value| Body(value.to_string().into_bytes())));
}

#[test]
fn any_change_of_an_accepted_body() {
    answered_as_documented(|bodies| {
        (select(bodies), vec(change(), 1..4)).prop_map(|(mut body, changes)| {
            changes.iter().for_each(|change| change.apply(&mut body));
            Body(body.to_string().into_bytes())
        })
    });
}

#[test]
fn any_slip_in_the_text_of_an_accepted_body() {
    answered_as_documented(|bodies| {
        (select(bodies), vec(slip(), 1..4)).prop_map(|(body, slips)| {
            let mut bytes = body.to_string().into_bytes();
            slips.iter().for_each(|slip| slip.apply(&mut bytes));
            Body(bytes)
        })
    });
}

#[test]
fn any_bytes() {
    answered_as_documented(|_| vec(any::<u8>(), 0..200).prop_map(Body));
}
