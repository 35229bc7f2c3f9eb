//! Bodies: the ones that are read, and the ones that are refused.

use api::{ErrorCode, Route};
use serde_json::{Value, json};
use tests::{Accepted, Caller, Request, TestServer, api, body};

/// A caller, and a request of its own with a body; each test puts another body in its place.
struct Sender {
    caller: Caller,
    accepted: Accepted,
}

impl Sender {
    async fn start(route: Route) -> Sender {
        let caller = TestServer::start().await.caller_of(route).await;
        let accepted = caller.server().accepted(route, &caller.key).await;
        Sender { caller, accepted }
    }

    /// The request without a body.
    fn bare(&self) -> Request {
        self.accepted.bare(self.caller.server()).key(&self.caller.key)
    }

    /// The body that is accepted, as text.
    fn text(&self) -> String {
        self.accepted.body().to_string()
    }

    fn status(&self) -> u16 {
        self.accepted.status()
    }
}

/// A body that is not JSON, or no object, is refused with the place where it ceases to be one.
pub async fn what_is_no_json_object_is_malformed(route: Route) {
    let sender = Sender::start(route).await;
    let valid = sender.text();
    let texts = [
        String::new(),
        " ".to_owned(),
        "{".to_owned(),
        "}".to_owned(),
        valid[..valid.len() - 1].to_owned(),
        format!("{valid}}}"),
        format!("{valid}{valid}"),
        format!("[{valid}]"),
        format!("\u{feff}{valid}"),
        valid.replace('"', "'"),
        valid.replacen('{', "{,", 1),
        format!("{},}}", &valid[..valid.len() - 1]),
        format!("/* why not */{valid}"),
        "null".to_owned(),
        "true".to_owned(),
        "0".to_owned(),
        "\"text\"".to_owned(),
        "NaN".to_owned(),
        r#"{"a": 01}"#.to_owned(),
        r#"{"a": 1.}"#.to_owned(),
        r#"{"a": +1}"#.to_owned(),
        r#"{"a": Infinity}"#.to_owned(),
        r#"{"a": "\x"}"#.to_owned(),
        r#"{"a": "\ud800"}"#.to_owned(),
        r#"{"a": "\udc00\ud800"}"#.to_owned(),
        "{\"a\": \"\n\"}".to_owned(),
        "{\"a\": \"\u{0}\"}".to_owned(),
        "name=Agent&type=ONLINE".to_owned(),
        "<agent/>".to_owned(),
    ];
    for text in texts {
        let answer = sender.bare().text(text.clone()).refused(ErrorCode::MalformedJson).await;
        let (line, column) = (answer.body["line"].as_u64(), answer.body["column"].as_u64());
        assert!(line >= Some(1) && column >= Some(1), "{text}: {answer}");
    }
    let answer = sender.bare().text("{\n  \"name\": nope}").refused(ErrorCode::MalformedJson).await;
    assert_eq!((&answer.body["line"], &answer.body["column"]), (&json!(2), &json!(12)), "{answer}");

    // A body that is not UTF-8 reaches the function in base64.
    let mut bytes = valid.clone().into_bytes();
    bytes.insert(bytes.len() - 2, 0xff);
    sender.bare().header("content-type", "application/json").bytes(bytes).refused(ErrorCode::MalformedJson).await;
    let utf16: Vec<u8> = valid.encode_utf16().flat_map(u16::to_le_bytes).collect();
    sender.bare().bytes(utf16).refused(ErrorCode::MalformedJson).await;
}

/// A body without a content type is binary to the gateway, and arrives in base64.
pub async fn a_body_in_base64_is_read(route: Route) {
    let sender = Sender::start(route).await;
    let body = sender.text();
    sender.bare().bytes(body.clone()).answered(sender.status()).await;
    sender.bare().bytes("{").refused(ErrorCode::MalformedJson).await;
    let too_large = " ".repeat(api::BODY_MAX_BYTES + 1);
    sender.bare().bytes(too_large).refused(ErrorCode::PayloadTooLarge).await;
}

/// The gateway declares a body as base64, and it is not.
pub async fn a_body_that_is_no_base64_is_refused(route: Route) {
    let sender = Sender::start(route).await;
    for body in ["{", "e30", "e30=e30=", "e3\u{0}=", "é"] {
        let answer = sender.bare().send_event(|event| {
            event["body"] = json!(body);
            event["isBase64Encoded"] = json!(true);
        });
        let answer = answer.await;
        assert_eq!(answer.code(), Some(ErrorCode::ValidationFailed.as_str()), "{body}: {answer}");
        assert_eq!(answer.issues(), [(String::new(), "base64".to_owned())]);
    }
}

/// Objects and arrays are read to a bounded depth only.
pub async fn deep_nesting_is_refused(route: Route) {
    let sender = Sender::start(route).await;
    for levels in [200, 100_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let deep = format!("{}1{}", open.repeat(levels), close.repeat(levels));
            let text = format!("{{\"metadata\":{deep}}}");
            if text.len() > api::BODY_MAX_BYTES {
                continue;
            }
            let answer = sender.bare().text(text).refused(ErrorCode::ValidationFailed).await;
            assert!(answer.issues().iter().any(|(_, rule)| rule == "maxNesting"), "{answer}");
        }
    }
    // Arrays that are never closed: nothing but depth.
    let endless = "[".repeat(api::BODY_MAX_BYTES);
    let answer = sender.bare().text(endless).send().await;
    assert_eq!(answer.status, 400, "{answer}");
}

/// Unknown fields are refused with the nearest known name, and fields that are given twice.
pub async fn unknown_and_doubled_fields_are_refused(route: Route) {
    let sender = Sender::start(route).await;
    let (known, value) =
        if sender.accepted.path.starts_with("/webhooks") { ("headers", "[]") } else { ("metadata", "{}") };
    let misspelled = known.replacen('a', "", 1);
    let body = body::with(sender.accepted.body().clone(), json!({misspelled.clone(): {}, "": 1, "a/b~c": 2}));
    let answer = sender.bare().json(&body).refused(ErrorCode::ValidationFailed).await;
    let unknown = |pointer: &str| (pointer.to_owned(), "unknown".to_owned());
    let mut issues = answer.issues();
    issues.sort();
    assert_eq!(issues, [unknown("/"), unknown("/a~1b~0c"), unknown(&format!("/{misspelled}"))]);
    assert!(answer.text.contains(&format!("did you mean `{known}`?")), "{answer}");

    let text = sender.text();
    let escaped = known.replacen('a', "\\u0061", 1);
    for doubled in [format!(r#""{known}":{value},"{known}":{value}"#), format!(r#""{known}":{value},"{escaped}":null"#)]
    {
        let text = format!("{},{doubled}}}", &text[..text.len() - 1]);
        let answer = sender.bare().text(text).refused(ErrorCode::ValidationFailed).await;
        // The accepted body may have the field too.
        let mut issues = answer.issues();
        issues.dedup();
        assert_eq!(issues, [(format!("/{known}"), "duplicate".to_owned())]);
    }
}

/// Bodies as large as may be that break as many rules as there is room for: unknown names, doubled ones, depth, and values
/// that are refused below a long name.
pub fn worst_bodies() -> Vec<String> {
    let filled = |part: &dyn Fn(usize) -> String| {
        let mut text = "{".to_owned();
        for number in 0.. {
            let part = part(number);
            if text.len() + part.len() > api::BODY_MAX_BYTES {
                break;
            }
            text.push_str(&part);
        }
        text.pop();
        text + "}"
    };
    let levels = (api::BODY_MAX_BYTES - 10) / 6;
    let numbers = vec!["1e999"; 25_000].join(",");
    vec![
        filled(&|number| format!(r#""nam{number}":0,"#)),
        filled(&|number| format!(r#""{number:x}":0,"#)),
        filled(&|_| r#""metadata":0,"#.to_owned()),
        filled(&|_| r#""":0,"#.to_owned()),
        format!("{}0{}", r#"{"a":"#.repeat(levels), "}".repeat(levels)),
        format!(r#"{{"metadata":{{"{}":[{numbers}]}}}}"#, "n".repeat(100_000)),
        format!(r#"{{"metadata":{{"{}":[{numbers}]}}}}"#, "\\u0001".repeat(15_000)),
        format!(r#"{{"{}":0}}"#, "~".repeat(api::BODY_MAX_BYTES - 6)),
    ]
}

/// Most bytes of an answer to any body: those of the pointers with all their escapes, and of a thousand messages.
const WORST_ANSWER_MAX_BYTES: usize = 2 * 1024 * 1024;

/// Whatever a body holds, the answer names a bounded number of issues, in a bounded number of bytes.
pub async fn the_worst_bodies_are_refused_in_a_bounded_answer(route: Route) {
    let sender = Sender::start(route).await;
    for text in worst_bodies() {
        let start = text.chars().take(40).collect::<String>();
        let answer = sender.bare().text(text).refused(ErrorCode::ValidationFailed).await;
        let (listed, truncated) = (answer.issues().len(), &answer.body["truncated"]);
        assert!((1..=validation::ISSUES_MAX).contains(&listed), "{start}: {listed}");
        assert!(
            *truncated == json!(true) || truncated.is_null() && listed < validation::ISSUES_MAX,
            "{start}: {truncated}"
        );
        assert!(answer.text.len() <= WORST_ANSWER_MAX_BYTES, "{start}: {} bytes", answer.text.len());
        let compared = answer.text.matches("did you mean").count() + answer.text.matches("; known are").count();
        assert!(compared <= validation::SUGGESTIONS_MAX, "{start}: {compared} names were compared");
    }
}

/// A caller without a well-formed key is told so, whatever the body is, and the table is not asked.
pub async fn any_body_without_a_well_formed_key_is_refused_for_the_key(route: Route) {
    let sender = Sender::start(route).await;
    let (server, key) = (sender.caller.server(), &sender.caller.key);
    server.faults().take_requests();
    let mistyped = format!("{}{}", &key[..51], if key.ends_with('x') { 'y' } else { 'x' });
    for text in worst_bodies() {
        sender.accepted.bare(server).text(text.clone()).refused(ErrorCode::InvalidApiKey).await;
        sender.accepted.bare(server).key(&mistyped).text(text).refused(ErrorCode::InvalidApiKey).await;
    }
    assert_eq!(server.faults().take_requests(), [], "the table was asked");
}

/// Also within metadata no field is given twice.
pub async fn doubled_fields_of_metadata_are_refused(route: Route) {
    let sender = Sender::start(route).await;
    let text = sender.text();
    let text = format!(r#"{},"metadata":{{"a":{{"b":1,"b":1}}}}}}"#, &text[..text.len() - 1]);
    let answer = sender.bare().text(text).refused(ErrorCode::ValidationFailed).await;
    assert_eq!(answer.issues(), [("/metadata/a/b".to_owned(), "duplicate".to_owned())]);
}

/// A body of 256 KiB is read, a byte more is not.
pub async fn a_byte_beyond_the_limit_is_too_large(route: Route) {
    let sender = Sender::start(route).await;
    let mut text = sender.text();
    text.push_str(&" ".repeat(api::BODY_MAX_BYTES - text.len()));
    assert_eq!(text.len(), 262_144);
    sender.bare().text(text.clone()).answered(sender.status()).await;
    text.push(' ');
    sender.bare().text(text).refused(ErrorCode::PayloadTooLarge).await;
}

/// The content type of a body, if it is given, must be JSON in UTF-8.
pub async fn other_media_types_are_refused(route: Route) {
    let sender = Sender::start(route).await;
    let body = sender.text();
    let declared = |media_type: &str| sender.bare().header("content-type", media_type).bytes(body.clone());
    for media_type in [
        "application/json",
        "APPLICATION/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"",
        "application/json; charset=utf8",
    ] {
        declared(media_type).answered(sender.status()).await;
    }
    let of_patches = declared("application/merge-patch+json");
    if route.entry().method == "PATCH" {
        of_patches.answered(sender.status()).await;
    } else {
        of_patches.refused(ErrorCode::UnsupportedMediaType).await;
    }
    for media_type in [
        "text/plain",
        "text/json",
        "application/xml",
        "application/jsonp",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=iso-8859-1",
        "json",
        "*/*",
        "application/json, text/plain",
    ] {
        declared(media_type).refused(ErrorCode::UnsupportedMediaType).await;
    }
}

/// A body in another coding than `identity` is refused for that, whatever its bytes are.
pub async fn a_coded_body_is_refused(route: Route) {
    let sender = Sender::start(route).await;
    let body = sender.text();
    let coded = |coding: &str| sender.bare().header("content-encoding", coding).text(body.clone());
    for coding in ["identity", "Identity", "identity, identity", ""] {
        coded(coding).answered(sender.status()).await;
    }
    for coding in ["gzip", "zstd", "br", "deflate", "x-gzip", "identity, gzip", "gzip,identity", "*", "utf-8"] {
        let answer = coded(coding).refused(ErrorCode::UnsupportedMediaType).await;
        assert!(answer.text.contains("Content-Encoding"), "{answer}");
    }
    let gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    let compressed = sender.bare().header("content-type", "application/json").header("content-encoding", "gzip");
    compressed.bytes(gzip).refused(ErrorCode::UnsupportedMediaType).await;
}

/// Every field of a body, given a value of each other type, is named; all that are wrong at once are named at once.
pub async fn a_value_of_another_type_is_refused_at_every_field(route: Route, full: &Value) {
    let sender = Sender::start(route).await;
    let pointers = pointers(full, "");
    assert!(pointers.len() >= 12, "a full body has more fields than {pointers:?}");
    for pointer in &pointers {
        let given = full.pointer(pointer).expect("a pointer into the body");
        for other in [json!(true), json!(7.5), json!("text"), json!([[]]), json!([7]), json!({"surplus": 1})] {
            if std::mem::discriminant(given) == std::mem::discriminant(&other)
                && !given.is_array()
                && !given.is_object()
            {
                continue;
            }
            if pointer.ends_with("/metadata") && other.is_object() {
                continue;
            }
            let body = body::with_at(full.clone(), pointer, other.clone());
            let answer = sender.bare().json(&body).refused(ErrorCode::ValidationFailed).await;
            let named = answer.issues().iter().any(|(at, _)| at.starts_with(pointer.as_str()));
            assert!(named, "{pointer} = {other}: {answer}");
        }
    }
}

/// A pointer to each field, and to each item of a list; metadata is opaque.
fn pointers(value: &Value, path: &str) -> Vec<String> {
    let below = |name: String, value: &Value| {
        let path = format!("{path}/{name}");
        let inner = if name == "metadata" { Vec::new() } else { pointers(value, &path) };
        [vec![path], inner].concat()
    };
    match value {
        Value::Object(members) => members.iter().flat_map(|(name, value)| below(name.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().flat_map(|(i, value)| below(i.to_string(), value)).collect(),
        _ => Vec::new(),
    }
}
