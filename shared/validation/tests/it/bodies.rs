//! Whole bodies: what is not JSON, what is too deep, unknown and repeated members, and whatever else may come.

use domain::json::NESTING_MAX_LEVELS;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;
use validation::{AgentShape, BodyError, ISSUES_MAX, Issue, IssueList, SUGGESTIONS_MAX, check_body};

use crate::contract::{Kind, fields};
use crate::documents::Base::{self, Agent, Existing, Inline};
use crate::documents::{BASES, Bytes, Json, Outcome, repeated};

#[test]
fn what_is_not_json_is_refused_with_its_place() {
    const CASES: &[(&str, usize, usize)] = &[
        ("", 1, 1),
        ("  ", 1, 2),
        ("{", 1, 1),
        ("{\n  \"name\": \"A\",\n}", 3, 1),
        ("{'name': 1}", 1, 2),
        ("{\"name\": 01}", 1, 11),
        ("{\"name\": +1}", 1, 10),
        ("{\"name\": .5}", 1, 10),
        ("{\"name\": NaN}", 1, 10),
        ("{} {}", 1, 4),
        ("\u{feff}{}", 1, 1),
        ("name=A", 1, 2),
        ("<a/>", 1, 1),
    ];
    for (body, line, column) in CASES {
        for base in BASES {
            let malformed = Outcome::Malformed { line: *line, column: *column };
            assert_eq!(base.check(body.as_bytes()), malformed, "{body}");
        }
    }
    for body in [
        "{\"name\": tru}",
        "{\"name\": 1.}",
        "{\"name\": \"\t\"}",
        "{\"name\": \"\\x\"}",
        "{\"a\" 1}",
        "{\"a\": 1 // b\n}",
    ] {
        assert!(matches!(Agent.check(body.as_bytes()), Outcome::Malformed { line: 1, .. }), "{body}");
    }
    for bytes in [&b"{\"name\": \"\xff\"}"[..], b"\xff\xfe{\0}\0", b"{\"name\": \"\xed\xa0\x80\"}", b"\0"] {
        assert!(matches!(Agent.check(bytes), Outcome::Malformed { line: 1, .. }), "{bytes:?}");
    }
}

#[test]
fn json_that_is_not_an_object_is_refused() {
    for body in ["null", "true", "1", "\"{}\"", "[]", "[{}]"] {
        for base in BASES {
            assert_eq!(base.check(body.as_bytes()), Outcome::Malformed { line: 1, column: 1 }, "{body}");
        }
    }
}

#[test]
fn an_unpaired_surrogate_is_not_json_anywhere() {
    for surrogate in [r"\ud800", r"\udfff", r"\ud83e", r"\udd80\ud83e", r"\ud83ex", r"\ud83e\n"] {
        for (base, pointer, ..) in fields() {
            // Whatever the field's type is: the body is read before its fields are.
            let pointer = pointer.trim_end_matches("/0");
            let outcome = base.check_with(&[(pointer, &format!(r#""a{surrogate}""#))]);
            assert!(matches!(outcome, Outcome::Malformed { .. }), "{pointer}: {outcome:?}");
        }
        for raw in [format!(r#"{{"a": ["{surrogate}"]}}"#), format!(r#"{{"{surrogate}": 1}}"#)] {
            let outcome = Existing.check_with(&[("/metadata", &raw)]);
            assert!(matches!(outcome, Outcome::Malformed { .. }), "{raw}: {outcome:?}");
        }
    }
    Agent.accepts("/name", r#""\ud83e\udd80\ud83e\udd80""#);
}

#[test]
fn a_body_is_nested_only_so_deep() {
    let nested = |opening: &str, closing: &str, levels: usize| opening.repeat(levels) + "0" + &closing.repeat(levels);
    for (opening, closing) in [("[", "]"), (r#"{"a":"#, "}")] {
        // The body itself is the first level, and metadata has a limit of its own.
        let deepest = nested(opening, closing, NESTING_MAX_LEVELS - 1);
        Existing.refuses(
            "/metadata",
            &format!(r#"{{"a": {}}}"#, nested(opening, closing, 30)),
            &[("/metadata", "maxNesting")],
        );
        Existing.refuses("/deep", &deepest, &[("/deep", "unknown")]);
        for levels in [NESTING_MAX_LEVELS, 1_000, 50_000] {
            Existing.refuses("/deep", &nested(opening, closing, levels), &[("", "maxNesting")]);
        }
    }
}

#[test]
fn a_huge_body_is_refused_like_a_small_one() {
    // As long as the HTTP edge lets through, in one string, one list, one object, one name.
    Agent.refuses("/name", r#""«a×262000»""#, &[("/name", "maxLength")]);
    Agent.refuses("/questions", r#"[«"Why?",×37000»"Why?"]"#, &[("/questions", "maxItems")]);
    Agent.refuses("/duration", "1«0×262000»", &[("/duration", "maximum")]);
    Agent.refuses("/duration", "0.«0×262000»1e1", &[("/duration", "type")]);
    let name = repeated("«a×262000»");
    Agent.refuses(&format!("/{name}"), "1", &[(&format!("/{name}"), "unknown")]);
}

/// The list of issues of a refused agent.
fn refused(body: &str) -> IssueList {
    match check_body(&AgentShape, body.as_bytes()) {
        Err(BodyError::Invalid(issues)) => issues,
        other => panic!("{other:?}"),
    }
}

/// An object of the names, each with the value 0.
fn object(names: impl Iterator<Item = String>) -> String {
    format!("{{{}}}", names.map(|name| format!("{name:?}:0")).collect::<Vec<_>>().join(","))
}

/// The required fields of an agent, which are named before anything else.
const REQUIRED: usize = 5;

#[test]
fn issues_are_listed_up_to_a_limit_and_the_answer_says_that_there_are_more() {
    for (names, listed, truncated) in [
        (ISSUES_MAX - REQUIRED, ISSUES_MAX, false),
        (ISSUES_MAX - REQUIRED + 1, ISSUES_MAX, true),
        (20_000, ISSUES_MAX, true),
    ] {
        let issues = refused(&object((0..names).map(|name| format!("k{name}"))));
        assert_eq!((issues.len(), issues.is_truncated()), (listed, truncated), "{names}");
    }
    let doubled = refused(&object((0..20_000).map(|_| "metadata".to_owned())));
    assert_eq!((doubled.len(), doubled.is_truncated()), (ISSUES_MAX, true));
}

/// A name is compared with the known ones only if its message tells of the comparison.
#[test]
fn few_unknown_names_are_compared_with_the_known_ones() {
    let issues = refused(&object((0..12_000).map(|name| format!("nam{name}"))));
    let unknown: Vec<&Issue> = issues.iter().filter(|issue| issue.rule == "unknown").collect();
    assert_eq!(unknown.len(), ISSUES_MAX - REQUIRED);
    let (compared, others) = unknown.split_at(SUGGESTIONS_MAX);
    assert!(compared.iter().all(|issue| issue.message.len() > others[0].message.len()), "{compared:?}");
    assert!(others.iter().all(|issue| issue.message == "is not a known field"), "{others:?}");
}

/// The same bytes are not answered a thousand times over: each issue repeats the names of what it is in.
#[test]
fn the_pointers_of_all_issues_together_are_bounded() {
    let numbers = vec!["1e999"; 20_000].join(",");
    let issues = refused(&format!(r#"{{"metadata":{{"{}":[{numbers}]}}}}"#, "n".repeat(100_000)));
    assert!(issues.is_truncated());
    let bytes: usize = issues.iter().map(|issue| issue.pointer.len()).sum();
    assert!((256 * 1024..512 * 1024).contains(&bytes), "{bytes}");
}

/// The places of objects with known members, and their bases.
fn objects() -> Vec<(Base, String)> {
    let within = fields().into_iter().filter(|(.., kind, _)| *kind == Kind::Object);
    let within = within.map(|(base, pointer, ..)| (base, pointer));
    BASES.into_iter().map(|base| (base, String::new())).chain(within).collect()
}

#[test]
fn unknown_members_are_refused_at_every_level() {
    for (base, pointer) in objects() {
        for name in ["x", "", "Name", "id", "companyId", "__proto__", "$ref", "ž", "a b", "\u{200b}title"] {
            if base.value().pointer(&pointer).unwrap().get(name).is_some() {
                continue;
            }
            let unknown = format!("{pointer}/{name}");
            for raw in ["1", "null", "{}"] {
                base.refuses(&unknown, raw, &[(&unknown, "unknown")]);
            }
        }
        let escaped = format!("{pointer}/a~1b~0c");
        base.refuses(&escaped, "1", &[(&escaped, "unknown")]);
    }
}

#[test]
fn the_nearest_known_name_is_suggested() {
    const CASES: &[(&str, Option<&str>)] = &[
        ("/nam", Some("name")),
        ("/Name", Some("name")),
        ("/voice_id", Some("voiceId")),
        ("/voiceID", Some("voiceId")),
        ("/companyPhoneNumber", Some("companyPhoneNumberId")),
        ("/lenguage", Some("language")),
        ("/metaData", Some("metadata")),
        ("/zzz", None),
        ("/", None),
        ("/ž", None),
    ];
    for (pointer, suggestion) in CASES {
        let Outcome::Refused(issues) = Agent.check_with(&[(pointer, "1")]) else { panic!("{pointer}") };
        match suggestion {
            Some(name) => assert!(issues[0].message.ends_with(&format!("did you mean `{name}`?")), "{issues:?}"),
            None => assert!(issues[0].message.contains("known are name, type,"), "{issues:?}"),
        }
    }
    let Outcome::Refused(issues) = Inline.check_with(&[("/job/location/postcode", "1")]) else { panic!() };
    assert!(issues[0].message.ends_with("did you mean `postalCode`?"), "{issues:?}");
}

#[test]
fn repeated_members_are_refused_at_every_level() {
    for (base, pointer, ..) in fields() {
        if pointer.ends_with("/0") {
            continue;
        }
        let value = base.value().pointer(&pointer).unwrap().to_string();
        let name = pointer.rsplit_once('/').unwrap().1;
        for second in [value.as_str(), "null"] {
            let twice = format!("{value}, {name:?}: {second}");
            base.refuses(&pointer, &twice, &[(&pointer, "duplicate")]);
        }
        let thrice = format!("null, {name:?}: {value}, {name:?}: null");
        base.refuses(&pointer, &thrice, &[(&pointer, "duplicate"), (&pointer, "duplicate")]);
    }
    // Escapes spell the same name.
    Agent.refuses("/name", r#""Anna", "n\u0061me": "Anna""#, &[("/name", "duplicate")]);
    Agent.refuses("/x", r#"1, "x": 2"#, &[("/x", "unknown"), ("/x", "duplicate")]);
}

#[test]
fn messages_do_not_echo_values() {
    for (base, pointer, ..) in fields() {
        for raw in [r#""s3cr3t""#, r#"{"s3cr3t": "s3cr3t", "s3cr3t": 1}"#, r#"["s3cr3t"]"#] {
            let pointer = pointer.trim_end_matches("/0");
            if let Outcome::Refused(issues) = base.check_with(&[(pointer, raw)]) {
                assert!(issues.iter().all(|issue| !issue.message.contains("s3cr3t")), "{pointer} = {raw}: {issues:?}");
            }
        }
    }
}

/// JSON values of any kind, of bounded size.
pub fn any_json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    scalar.prop_recursive(6, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A document in which one byte is another, or that is cut off there.
fn damaged() -> impl Strategy<Value = (Base, Bytes, bool)> {
    let damage = (any::<prop::sample::Index>(), any::<u8>(), any::<bool>());
    (select(&BASES[..]), damage).prop_map(|(base, (at, byte, cut))| {
        let mut bytes = base.with(&[]).into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if cut {
            bytes.truncate(at);
        }
        (base, Bytes(bytes), cut)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_json_is_answered(Json(value) in any_json().prop_map(Json)) {
        for base in BASES {
            let outcome = base.check(value.to_string().as_bytes());
            prop_assert_eq!(matches!(outcome, Outcome::Malformed { .. }), !value.is_object());
        }
    }

    #[test]
    fn any_json_in_any_field_is_answered(Json(value) in any_json().prop_map(Json), (base, pointer, ..) in select(fields())) {
        let mut document = base.value();
        *document.pointer_mut(&pointer).unwrap() = value;
        let outcome = base.check(document.to_string().as_bytes());
        prop_assert!(!matches!(outcome, Outcome::Malformed { .. }), "{:?}", outcome);
    }

    #[test]
    fn any_bytes_are_answered(Bytes(bytes) in any::<Vec<u8>>().prop_map(Bytes)) {
        for base in BASES {
            base.check(&bytes);
        }
    }

    #[test]
    fn any_damage_to_a_document_is_answered((base, Bytes(bytes), cut) in damaged()) {
        let outcome = base.check(&bytes);
        prop_assert!(!cut || matches!(outcome, Outcome::Malformed { .. }), "{:?}", outcome);
    }
}
