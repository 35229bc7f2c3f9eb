//! `doctor`: each check's outcomes, with AWS scripted and the table in an engine.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use domain::api_key::{ApiKey, ApiKeyHash, ApiKeyId, ApiKeyStatus};
use domain::company::Owner;
use domain::limits::KeyLimits;
use serde_json::{Value, json};
use serde_norway::Value as Yaml;

use crate::engine::{TABLE, TestEngine, free_port, id, run, text, url};

const TEMPLATE: &str = include_str!("../../../template.yaml");

/// The answer to a question.
#[derive(Clone)]
enum Scripted {
    Answer(u16, String),
    /// The connection stays open, and nothing comes.
    Silence,
}

use Scripted::{Answer, Silence};

type Script = Vec<(&'static str, Scripted)>;

/// A server that answers as the script says, and hands on the other questions to the engine; and its address.
fn aws(engine: &TestEngine, script: Script) -> String {
    let (listener, engine) = (free_port(), engine.url.clone());
    let address = url(listener.local_addr().unwrap());
    thread::spawn(move || serve(&listener, &engine, &script));
    // No rule takes this for a local address, though it leads here.
    address.replace("127.0.0.1", "0.0.0.0")
}

fn serve(listener: &TcpListener, engine: &str, script: &Script) {
    let mut silent = Vec::new();
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let request = read(&mut stream);
        match script.iter().find(|(question, _)| request.contains(question)) {
            Some((_, Answer(status, body))) => {
                let length = body.len();
                write!(
                    stream,
                    "HTTP/1.1 {status} Scripted\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                )
                .unwrap();
            }
            Some((_, Silence)) => silent.push(stream),
            None => {
                let mut upstream = TcpStream::connect(engine.trim_start_matches("http://")).unwrap();
                upstream.write_all(request.replacen("\r\n", "\r\nConnection: close\r\n", 1).as_bytes()).unwrap();
                let mut answer = Vec::new();
                upstream.read_to_end(&mut answer).unwrap();
                stream.write_all(&answer).unwrap();
            }
        }
    }
}

/// The whole request. Each connection is for one.
fn read(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    loop {
        let mut some = [0; 4096];
        let length = stream.read(&mut some).unwrap();
        request.extend_from_slice(&some[..length]);
        let read = text(&request);
        let Some((head, body)) = read.split_once("\r\n\r\n") else { continue };
        let head = head.to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            return read;
        }
    }
}

const STS: &str = "Action=GetCallerIdentity";
const STACKS: &str = "Action=DescribeStacks";
const TOPIC: &str = "Action=ListSubscriptionsByTopic";
const LAMBDA: &str = "account-settings";
const TABLES: &str = "DynamoDB_20120810.DescribeTable\r\n";
const TTL: &str = "DynamoDB_20120810.DescribeTimeToLive";
const BACKUPS: &str = "DynamoDB_20120810.DescribeContinuousBackups";

fn identity() -> Scripted {
    Answer(
        200,
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>arn:aws:iam::123456789012:user/jane</Arn><UserId>U</UserId><Account>123456789012</Account>\
         </GetCallerIdentityResult></GetCallerIdentityResponse>"
            .to_owned(),
    )
}

fn stack(status: &str) -> Scripted {
    Answer(
        200,
        format!(
            "<DescribeStacksResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><DescribeStacksResult>\
             <Stacks><member><StackName>greenroom</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime>\
             <StackStatus>{status}</StackStatus><Parameters><member><ParameterKey>DeliveryConcurrency</ParameterKey>\
             <ParameterValue>50</ParameterValue></member></Parameters><Outputs>\
             <member><OutputKey>TableName</OutputKey><OutputValue>{TABLE}</OutputValue></member>\
             <member><OutputKey>PageTopicArn</OutputKey><OutputValue>arn:aws:sns:eu-central-1:1:page</OutputValue></member>\
             <member><OutputKey>TicketTopicArn</OutputKey><OutputValue>arn:aws:sns:eu-central-1:1:t</OutputValue></member>\
             </Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>"
        ),
    )
}

fn subscriptions(arns: &[&str]) -> Scripted {
    let member = |arn: &&str| format!("<member><SubscriptionArn>{arn}</SubscriptionArn></member>");
    let members: String = arns.iter().map(member).collect();
    Answer(
        200,
        format!(
            "<ListSubscriptionsByTopicResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\
             <ListSubscriptionsByTopicResult><Subscriptions>{members}</Subscriptions></ListSubscriptionsByTopicResult>\
             </ListSubscriptionsByTopicResponse>"
        ),
    )
}

fn concurrency(total: i32, unreserved: i32) -> Scripted {
    let limit = json!({"ConcurrentExecutions": total, "UnreservedConcurrentExecutions": unreserved});
    Answer(200, json!({ "AccountLimit": limit }).to_string())
}

fn backups(status: &str) -> Scripted {
    let recovery = json!({ "PointInTimeRecoveryStatus": status });
    let description = json!({"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": recovery});
    Answer(200, json!({ "ContinuousBackupsDescription": description }).to_string())
}

fn xml_error(status: u16, code: &str, message: &str) -> Scripted {
    let error = format!("<Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>");
    Answer(status, format!("<ErrorResponse><Error>{error}</Error></ErrorResponse>"))
}

fn json_error(status: u16, code: &str) -> Scripted {
    Answer(status, json!({"__type": code, "message": "You may not."}).to_string())
}

/// Everything as it should be.
fn healthy() -> Script {
    vec![
        (STS, identity()),
        (STACKS, stack("UPDATE_COMPLETE")),
        (TOPIC, subscriptions(&["arn:aws:sns:eu-central-1:1:page:s1"])),
        (LAMBDA, concurrency(1_000, 1_000)),
        (BACKUPS, backups("ENABLED")),
    ]
}

/// Runs the command, and returns its checks and its exit code.
fn doctor(address: &str, command: &str) -> (Vec<Value>, Option<i32>) {
    let environment = [
        ("AWS_ACCESS_KEY_ID", "OPERATOR"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ENDPOINT_URL_STS", address),
        ("AWS_ENDPOINT_URL_LAMBDA", address),
    ];
    let output = run(&environment, &format!("--json {command}"));
    let checks: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    (checks.as_array().unwrap().clone(), output.status.code())
}

fn of_stack(address: &str) -> (Vec<Value>, Option<i32>) {
    doctor(address, &format!("--endpoint-url {address} doctor --stack greenroom"))
}

fn outcomes(checks: &[Value]) -> Vec<(&str, &str)> {
    checks.iter().map(|check| (check["check"].as_str().unwrap(), check["outcome"].as_str().unwrap())).collect()
}

fn find<'a>(checks: &'a [Value], name: &str) -> &'a Value {
    let found = checks.iter().find(|check| check["check"] == name);
    found.unwrap_or_else(|| panic!("no check {name} among {checks:?}"))
}

#[test]
fn a_stack_as_it_should_be_passes_every_check() {
    let engine = TestEngine::new();
    let company = id(&engine.json("company create --name Acme"));
    engine.json(&format!("key create --company {company} --scopes write:agents"));
    let (checks, code) = of_stack(&aws(&engine, healthy()));
    assert_eq!(code, Some(0), "{checks:#?}");
    let expected = [
        ("credentials", "ok"),
        ("region", "ok"),
        ("stack", "ok"),
        ("Lambda concurrency", "ok"),
        ("table", "ok"),
        ("keys", "ok"),
        ("index GSI1Keys", "ok"),
        ("index GSI2", "ok"),
        ("index GSI3", "ok"),
        ("index GSI4", "ok"),
        ("index GSI5", "ok"),
        ("index GSI6", "ok"),
        ("index GSI7", "ok"),
        ("stream", "ok"),
        ("deletion protection", "ok"),
        ("time to live", "ok"),
        ("point-in-time recovery", "ok"),
        ("oldest API key", "ok"),
        ("age of signing secrets", "not checked"),
        ("alarms, PageTopicArn", "ok"),
        ("alarms, TicketTopicArn", "ok"),
    ];
    assert_eq!(outcomes(&checks), expected, "{checks:#?}");
    assert_eq!(find(&checks, "credentials")["detail"], "arn:aws:iam::123456789012:user/jane, account 123456789012");
    let detail = find(&checks, "Lambda concurrency")["detail"].as_str().unwrap();
    assert!(detail.contains("deliveries take up to 50"), "{detail}");
}

/// One answer that is not as it should be, the check that says so, and what else is said: a part of detail and advice.
#[test]
fn each_check_tells_what_is_wrong_and_what_to_do() {
    let engine = TestEngine::new();
    let lambda = "Lambda concurrency";
    let pages = "alarms, PageTopicArn";
    let denied = || json_error(400, "AccessDeniedException");
    let table = json!({"Table": {
        "TableName": TABLE, "TableStatus": "UPDATING", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "N"}],
    }});
    let table = || Answer(200, table.to_string());
    let off = json!({"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}});
    for (question, answer, name, outcome, part) in [
        (STS, xml_error(403, "InvalidClientTokenId", "No."), "credentials", "failed", "log in again"),
        (
            STACKS,
            xml_error(400, "ValidationError", "Stack with id greenroom does not exist"),
            "stack",
            "failed",
            "deploy",
        ),
        (STACKS, stack("ROLLBACK_COMPLETE"), "stack", "failed", "describe-stack-events"),
        (STACKS, stack("UPDATE_ROLLBACK_FAILED"), "stack", "failed", "describe-stack-events"),
        (STACKS, stack("UPDATE_ROLLBACK_COMPLETE"), "stack", "warning", "undone"),
        (STACKS, stack("UPDATE_IN_PROGRESS"), "stack", "warning", "wait"),
        (STACKS, xml_error(403, "AccessDenied", "No."), "stack", "not checked", "cloudformation:DescribeStacks"),
        (STACKS, xml_error(400, "Throttling", "Slow."), "stack", "failed", "Throttling: Slow."),
        (LAMBDA, concurrency(10, 10), lambda, "failed", "leaves the API nothing"),
        (LAMBDA, concurrency(1_000, 50), lambda, "failed", "leaves the API nothing"),
        (LAMBDA, concurrency(1_000, 51), lambda, "warning", "leaves the API 1"),
        (LAMBDA, concurrency(1_000, 149), lambda, "warning", "leaves the API 99"),
        (LAMBDA, concurrency(1_000, 150), lambda, "ok", "150 of them not reserved"),
        (LAMBDA, denied(), lambda, "not checked", "lambda:GetAccountSettings"),
        (LAMBDA, Silence, lambda, "failed", "no answer to lambda:GetAccountSettings"),
        (TOPIC, subscriptions(&[]), pages, "warning", "AlarmEmail"),
        (TOPIC, subscriptions(&["Deleted"]), pages, "warning", "nobody is told"),
        (TOPIC, subscriptions(&["PendingConfirmation"]), pages, "failed", "1 not confirmed"),
        (TOPIC, subscriptions(&["PendingConfirmation", "arn:x"]), pages, "warning", "1 confirmed, 1 not"),
        (TOPIC, xml_error(403, "AuthorizationError", "No."), pages, "not checked", "sns:ListSubscriptionsByTopic"),
        (TABLES, denied(), "table", "not checked", "dynamodb:DescribeTable"),
        (TABLES, Silence, "table", "failed", "no answer to dynamodb:DescribeTable"),
        (TABLES, json_error(400, "ResourceNotFoundException"), "table", "failed", "doctor --account"),
        (TABLES, table(), "table", "warning", "UPDATING"),
        (TABLES, table(), "keys", "failed", "id (N); the template says PK (S), SK (S)"),
        (TABLES, table(), "index GSI1Keys", "failed", "none; the template says GSI1PK (S), GSI1SK (S), KEYS_ONLY"),
        (TABLES, table(), "index GSI2", "failed", "none; the template says GSI2PK (S), GSI2SK (S), KEYS_ONLY"),
        (TABLES, table(), "stream", "failed", "off; the template says NEW_AND_OLD_IMAGES"),
        (TABLES, table(), "deletion protection", "warning", "--deletion-protection-enabled"),
        (TTL, Answer(200, off.to_string()), "time to live", "failed", "off; the template says expiresAt"),
        (TTL, denied(), "time to live", "not checked", "dynamodb:DescribeTimeToLive"),
        (BACKUPS, backups("DISABLED"), "point-in-time recovery", "failed", "off; the template says on"),
        (BACKUPS, denied(), "point-in-time recovery", "not checked", "dynamodb:DescribeContinuousBackups"),
        ("DynamoDB_20120810.Query", denied(), "oldest API key", "not checked", "dynamodb:Query"),
    ] {
        let script = [(question, answer)].into_iter().chain(healthy()).collect();
        let (checks, code) = of_stack(&aws(&engine, script));
        let found = find(&checks, name);
        let said = format!("{} {}", found["detail"], found["advice"]);
        assert_eq!(found["outcome"], outcome, "{name}: {said}");
        assert!(said.contains(part), "{name}: {said} lacks {part}");
        let failed = checks.iter().any(|check| check["outcome"] == "failed");
        assert_eq!(code, Some(i32::from(failed)), "{name}: {checks:?}");
        assert!(matches!(outcome, "failed" | "warning") <= found["advice"].is_string(), "{name} without advice");
    }
}

#[test]
fn what_hangs_on_a_stack_that_could_not_be_read_is_named() {
    let engine = TestEngine::new();
    let script = [(STACKS, xml_error(403, "AccessDenied", "No."))].into_iter().chain(healthy()).collect();
    let (checks, code) = of_stack(&aws(&engine, script));
    let expected = [
        ("credentials", "ok"),
        ("region", "ok"),
        ("stack", "not checked"),
        ("Lambda concurrency", "ok"),
        ("table", "not checked"),
        ("alarms", "not checked"),
    ];
    assert_eq!((outcomes(&checks), code), (expected.to_vec(), Some(0)));
}

/// Without a stack, an endpoint is the table's alone, and the template's default counts.
#[test]
fn without_a_stack_the_account_and_the_table_are_checked() {
    let engine = TestEngine::new();
    let address = aws(&engine, healthy());
    let elsewhere = engine.url.replace("127.0.0.1", "0.0.0.0");
    let (checks, code) = doctor(&address, &format!("--endpoint-url {elsewhere} doctor"));
    assert_eq!(find(&checks, "stack")["outcome"], "not checked");
    assert!(find(&checks, "stack")["detail"].as_str().unwrap().contains("--stack NAME"));
    assert_eq!(find(&checks, "table")["outcome"], "ok");
    // The engine knows no backups: what AWS would refuse is a failure.
    assert_eq!((find(&checks, "point-in-time recovery")["outcome"].as_str(), code), (Some("failed"), Some(1)));
    let template: Yaml = serde_norway::from_str(TEMPLATE).unwrap();
    let default = template["Parameters"]["DeliveryConcurrency"]["Default"].as_u64().unwrap();
    let detail = find(&checks, "Lambda concurrency")["detail"].as_str().unwrap();
    assert!(detail.contains(&format!("deliveries take up to {default} ")), "{detail}");

    let (checks, code) = doctor(&address, "doctor --account");
    let expected = [("credentials", "ok"), ("region", "ok"), ("stack", "not checked"), ("Lambda concurrency", "ok")];
    assert_eq!((outcomes(&checks), code), (expected.to_vec(), Some(0)));
    let default = template["Parameters"]["ManageWebhooksConcurrency"]["Default"].as_i64().unwrap();
    let reserved = i32::try_from(default).unwrap();
    for (unreserved, outcome) in [(10, "failed"), (reserved + 99, "failed"), (reserved + 100, "ok")] {
        let script = [(LAMBDA, concurrency(unreserved, unreserved))].into_iter().chain(healthy()).collect();
        let (checks, _) = doctor(&aws(&engine, script), "doctor --account");
        let check = find(&checks, "Lambda concurrency");
        assert_eq!(check["outcome"], outcome, "{check}");
        let advised = check["advice"].as_str().is_some_and(|advice| advice.contains("ManageWebhooksConcurrency=0"));
        assert_eq!(advised, outcome == "failed", "{check}");
    }
}

#[test]
fn at_a_local_endpoint_only_what_it_has_is_checked() {
    let engine = TestEngine::new();
    let checks = engine.json("doctor");
    let checks = checks.as_array().unwrap();
    for (name, outcome) in outcomes(checks) {
        let of_aws = ["credentials", "stack", "Lambda concurrency", "point-in-time recovery", "age of signing secrets"];
        let expected = if of_aws.contains(&name) { "not checked" } else { "ok" };
        assert_eq!(outcome, expected, "{name}: {checks:#?}");
    }
    // Such an engine knows no stacks, and says so in a way of its own.
    let checks = engine.json("doctor --stack greenroom");
    assert_eq!(find(checks.as_array().unwrap(), "stack")["outcome"], "not checked");
    assert!(engine.words("doctor --account").contains("not checked"));

    let empty = TestEngine::without_table();
    let output = run(&[], &format!("--endpoint-url {} doctor", empty.url));
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stderr), "error: a check failed; its line says what to do\n");
    assert!(text(&output.stdout).contains("there is no table greenroom"), "{}", text(&output.stdout));
}

#[test]
fn without_credentials_that_is_what_it_says() {
    let output = run(&[("AWS_REGION", "eu-central-1")], "--json doctor");
    let checks: Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected = [("credentials", "failed"), ("everything else", "not checked")];
    assert_eq!(outcomes(checks.as_array().unwrap()), expected);
    assert_eq!(output.status.code(), Some(1));
}

#[tokio::test]
async fn the_oldest_key_that_works_is_found() {
    let engine = TestEngine::new();
    let first: Owner = Owner::Company(id(&engine.json("company create --name Acme")).parse().unwrap());
    let second: Owner = Owner::Ats(id(&engine.json("ats create --name Partner")).parse().unwrap());
    assert!(engine.words("doctor").contains("no key works"));
    let store = engine.store().await;
    let oldest = async |owner, created_at: &str, status, number: u128, valid_until: Option<&str>| {
        let (id, created_at) = (ApiKeyId::new(uuid::Uuid::from_u128(number)), created_at.parse().unwrap());
        let key = ApiKey {
            id,
            owner,
            name: None,
            scopes: Vec::new(),
            status,
            suspended_at: None,
            suspension_reason: None,
            valid_until: valid_until.map(|time| time.parse().unwrap()),
            allowed_ips: Vec::new(),
            limits: KeyLimits::default(),
            replaced_by: None,
            created_at,
            updated_at: created_at,
        };
        store.create_api_key(&key, &ApiKeyHash::from_stored(number.to_string())).await.unwrap();
        find(engine.json("doctor").as_array().unwrap(), "oldest API key").clone()
    };
    // Keys that do not work do not count.
    let found = oldest(first, "2020-01-01T00:00:00Z", ApiKeyStatus::Revoked, 1, None).await;
    assert_eq!((&found["outcome"], &found["detail"]), (&json!("ok"), &json!("no key works")));
    let found = oldest(first, "2020-01-02T00:00:00Z", ApiKeyStatus::Active, 2, Some("2021-01-01T00:00:00Z")).await;
    assert_eq!(found["detail"], "no key works");
    let found = oldest(first, "2021-01-01T00:00:00Z", ApiKeyStatus::Active, 3, None).await;
    assert_eq!(found["outcome"], "warning");
    assert!(
        found["advice"].as_str().unwrap().starts_with("key rotate 00000000-0000-0000-0000-000000000003"),
        "{found}"
    );
    let found = oldest(second, "2020-06-01T00:00:00Z", ApiKeyStatus::Active, 4, None).await;
    assert!(
        found["advice"].as_str().unwrap().starts_with("key rotate 00000000-0000-0000-0000-000000000004"),
        "{found}"
    );
    // Another company with more keys than are looked at, none of which works.
    let third: Owner = Owner::Company(id(&engine.json("company create --name Third")).parse().unwrap());
    for number in 100..=125 {
        let key = ApiKey {
            id: ApiKeyId::new(uuid::Uuid::from_u128(number)),
            owner: third,
            name: None,
            scopes: Vec::new(),
            status: ApiKeyStatus::Revoked,
            suspended_at: None,
            suspension_reason: None,
            valid_until: None,
            allowed_ips: Vec::new(),
            limits: KeyLimits::default(),
            replaced_by: None,
            created_at: "2020-01-01T00:00:00Z".parse().unwrap(),
            updated_at: "2020-01-01T00:00:00Z".parse().unwrap(),
        };
        store.create_api_key(&key, &ApiKeyHash::from_stored(number.to_string())).await.unwrap();
    }
    let found = find(engine.json("doctor").as_array().unwrap(), "oldest API key").clone();
    assert!(found["detail"].as_str().unwrap().contains("only the 3 oldest companies and systems"), "{found}");
}
