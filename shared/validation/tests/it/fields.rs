//! Single fields: what each accepts and refuses.

use std::collections::BTreeSet;

use domain::StringEnum as _;
use domain::event::EventType;
use domain::webhook::{Targets, WebhookUrl};
use serde_json::{Value, json};
use validation::{
    AgentShape, CandidateShape, ChangedWebhookShape, HeaderShape, InterviewShape, JobShape, LanguageRequirementShape,
    LocationShape, SalaryShape, check_body, describe,
};

use crate::agreement::is_valid;
use crate::contract::{Kind, fields};
use crate::documents::Base::{self, Agent, Assigned, Change, Existing, Inline, Webhook};
use crate::documents::{NOW, Outcome, agent, at, changed_webhook, interview, webhook, webhook_shape};

/// A raw text in a field, and the rule that it breaks there.
type Case = (&'static str, &'static str, &'static str);

/// Items of lists can't be changed by their pointer; the whole list is.
fn place(pointer: &str, raw: &str) -> (String, String) {
    match pointer.strip_suffix("/0") {
        Some(list) => (list.to_owned(), format!("[{raw}]")),
        None => (pointer.to_owned(), raw.to_owned()),
    }
}

#[track_caller]
fn accepts(base: Base, pointer: &str, raw: &str) {
    let (pointer, raw) = place(pointer, raw);
    base.accepts(&pointer, &raw);
}

#[track_caller]
fn refuses(base: Base, pointer: &str, raw: &str, rule: &str) {
    let (place, raw) = place(pointer, raw);
    base.refuses(&place, &raw, &[(pointer, rule)]);
}

#[test]
fn the_contract_s_list_and_the_shapes_have_the_same_fields() {
    let now = at(NOW);
    let targets = Targets::Public;
    let shapes: [(Base, &str, Value); 12] = [
        (Agent, "", describe(&AgentShape)),
        (Inline, "", describe(&InterviewShape { now })),
        (Inline, "/agent", describe(&AgentShape)),
        (Inline, "/candidate", describe(&CandidateShape { now })),
        (Inline, "/job", describe(&JobShape)),
        (Inline, "/job/languageRequirements/0", describe(&LanguageRequirementShape)),
        (Inline, "/job/location", describe(&LocationShape)),
        (Inline, "/job/salary", describe(&SalaryShape)),
        (Webhook, "", describe(&webhook_shape(targets))),
        (Webhook, "/headers/0", describe(&HeaderShape)),
        (Change, "", describe(&ChangedWebhookShape(webhook_shape(targets)))),
        (Change, "/headers/0", describe(&HeaderShape)),
    ];
    let described: BTreeSet<(&str, String)> = shapes
        .iter()
        .flat_map(|(base, at, schema)| {
            let names = schema["properties"].as_object().unwrap().keys();
            names.map(move |name| (base.schema(), format!("{at}/{name}")))
        })
        .collect();
    let listed: BTreeSet<(&str, String)> = fields()
        .into_iter()
        .filter(|(_, pointer, ..)| !pointer.ends_with("/0"))
        .map(|(base, pointer, ..)| (base.schema(), pointer))
        .collect();
    assert_eq!(described, listed);
}

#[test]
fn a_field_takes_values_of_its_type_only() {
    for (base, pointer, kind, _) in fields() {
        let own = match kind {
            Kind::Minutes | Kind::Money => "1",
            Kind::Boolean => "true",
            Kind::List(_) => "[]",
            Kind::Object | Kind::Metadata => "{}",
            Kind::SingleLine(..)
            | Kind::Text(..)
            | Kind::Word(_)
            | Kind::Listed
            | Kind::Id
            | Kind::Email
            | Kind::PhoneNumber
            | Kind::Url
            | Kind::WebhookUrl
            | Kind::Event
            | Kind::HeaderName
            | Kind::HeaderValue
            | Kind::DateTime
            | Kind::Date => r#""30""#,
        };
        for other in ["1", "1.5", "true", "false", "[]", "{}", r#""30""#, r#""true""#, r#""""#, "[[]]", r#"{"a":1}"#] {
            let type_of = |raw: &str| std::mem::discriminant(&serde_json::from_str::<Value>(raw).unwrap());
            if type_of(own) == type_of(other) {
                continue;
            }
            refuses(base, &pointer, other, "type");
        }
    }
}

#[test]
fn null_is_the_same_as_absent() {
    for (base, pointer, _, required) in fields() {
        if pointer.ends_with("/0") {
            refuses(base, &pointer, "null", "type");
            continue;
        }
        let [absent, null] = ["", "null"].map(|raw| base.check_with(&[(&pointer, raw)]));
        assert_eq!(absent, null, "{pointer}");
        if required {
            // One of two fields is asked for by the name of the first.
            let named = match pointer.as_str() {
                "/candidate" => "/candidateId",
                "/agent" => "/agentId",
                other => other,
            };
            assert_eq!(absent.issues(), [(named, "required")]);
        } else {
            assert_eq!(absent, Outcome::Accepted { expired: Vec::new() }, "{pointer}");
        }
    }
}

#[test]
fn text_at_one_below_and_one_beyond_its_limits() {
    for (base, pointer, kind, _) in fields() {
        let (min, max) = match kind {
            Kind::SingleLine(min, max) | Kind::Text(min, max) => (min, max),
            _ => continue,
        };
        // Two bytes, three, four; and two characters that show as one.
        for character in ["ž", "語", "🦀"] {
            for length in [min, min + 1, max - 1, max] {
                accepts(base, &pointer, &format!(r#""«{character}×{length}»""#));
            }
            for length in [max + 1, max * 2] {
                refuses(base, &pointer, &format!(r#""«{character}×{length}»""#), "maxLength");
            }
            if min > 0 {
                refuses(base, &pointer, &format!(r#""«{character}×{}»""#, min - 1), "minLength");
            }
        }
        refuses(base, &pointer, &format!(r#""«e\u0301×{}»""#, max / 2 + 1), "maxLength");
        accepts(base, &pointer, &format!(r#""«\ud83e\udd80×{max}»""#));
    }
}

#[test]
fn text_that_must_not_be_empty_must_not_be_blank() {
    for (base, pointer, kind, _) in fields() {
        let (min, max) = match kind {
            Kind::SingleLine(min, max) | Kind::Text(min, max) => (min, max),
            _ => continue,
        };
        let spaces = [" ", r"\u00a0", r"\u2003", r"\u2028", r"\u3000"];
        let unseen = [r"\u200b", r"\u3164", r"\u2800", r"\u2066", r"\ufff9", r"\u0301"];
        for blank in spaces.into_iter().chain(unseen) {
            // Other rules refuse these on one line.
            if matches!(blank, r"\u2028" | r"\u2066") && matches!(kind, Kind::SingleLine(..)) {
                continue;
            }
            for length in [min.max(1), max] {
                let raw = format!(r#""«{blank}×{length}»""#);
                if min == 0 { accepts(base, &pointer, &raw) } else { refuses(base, &pointer, &raw, "blank") }
            }
        }
        // A name in Arabic, with a mark of its direction.
        accepts(base, &pointer, &format!(r#""«م×{}»\u200f""#, min.max(1)));
    }
}

#[test]
fn only_text_over_several_lines_turns_its_direction() {
    for (base, pointer, kind, _) in fields() {
        for control in [r"\u202a", r"\u202e", r"\u2066", r"\u2069"] {
            match kind {
                Kind::SingleLine(min, _) => {
                    refuses(base, &pointer, &format!(r#""«a×{min}»{control}""#), "directionControls");
                }
                Kind::Text(min, _) => accepts(base, &pointer, &format!(r#""«a×{min}»{control}""#)),
                _ => {}
            }
        }
    }
}

#[test]
fn text_has_no_control_characters() {
    for (base, pointer, kind, _) in fields() {
        let (min, lines) = match kind {
            Kind::SingleLine(min, _) => (min, false),
            Kind::Text(min, _) => (min, true),
            _ => continue,
        };
        for control in
            [r"\u0000", r"\u0001", r"\b", r"\f", r"\u000b", r"\u001b", r"\u001f", r"\u007f", r"\u0085", r"\u009f"]
        {
            refuses(base, &pointer, &format!(r#""«a×{min}»{control}""#), "controlCharacters");
        }
        for line_end in [r"\n", r"\r\n", r"\t", r"\u2028", r"\u2029"] {
            let raw = format!(r#""«a×{min}»{line_end}b""#);
            if lines { accepts(base, &pointer, &raw) } else { refuses(base, &pointer, &raw, "controlCharacters") }
        }
    }
}

#[test]
fn words_are_those_of_the_contract_spelled_so() {
    for (base, pointer, kind, _) in fields() {
        let Kind::Word(words) = kind else { continue };
        for word in words {
            accepts(base, &pointer, &format!("{word:?}"));
            for wrong in [word.to_lowercase(), format!(" {word}"), format!("{word}S"), word[1..].to_owned()] {
                refuses(base, &pointer, &format!("{wrong:?}"), "enum");
            }
        }
        // Old data has it; requests have not.
        refuses(base, &pointer, r#""UNDEFINED""#, "enum");
        refuses(base, &pointer, r#""""#, "enum");
        refuses(base, &pointer, r#""ＥＮ""#, "enum");
    }
}

#[test]
fn ids_are_hyphenated_uuids_in_any_case() {
    for (base, pointer, kind, _) in fields() {
        if kind != Kind::Id {
            continue;
        }
        for id in ["3F2A8C1E-5B7D-4E9A-8C6F-1D2E3F4A5B6C", "00000000-0000-0000-0000-000000000000"] {
            accepts(base, &pointer, &format!("{id:?}"));
        }
        for wrong in [
            "",
            "1",
            "3f2a8c1e5b7d4e9a8c6f1d2e3f4a5b6c",
            "{3f2a8c1e-5b7d-4e9a-8c6f-1d2e3f4a5b6c}",
            "urn:uuid:3f2a8c1e-5b7d-4e9a-8c6f-1d2e3f4a5b6c",
            "3f2a8c1e-5b7d-4e9a-8c6f-1d2e3f4a5b6",
            "3f2a8c1e-5b7d-4e9a-8c6f-1d2e3f4a5b6c1",
            "3f2a8c1e-5b7d-4e9a-8c6f-1d2e3f4a5b6g",
            "3f2a8c1e-5b7d-4e9a-8c6f1-d2e3f4a5b6c",
            " f2a8c1e-5b7d-4e9a-8c6f-1d2e3f4a5b6c",
            "3f2a8c1e-5b7d-4e9a-8c6f-1d2e3f4a5b6c\n",
            "３f2a8c1e-5b7d-4e9a-8c6f-1d2e3f4a5b",
        ] {
            refuses(base, &pointer, &format!("{wrong:?}"), "uuid");
        }
    }
}

#[test]
fn lists_at_one_below_and_one_beyond_their_limits() {
    const ITEMS: &[(Base, &str, &str, usize)] = &[
        (Agent, "/questions", r#""Why?""#, 50),
        (Inline, "/agent/questions", r#""Why?""#, 50),
        (Inline, "/job/languageRequirements", r#"{"language": "SK", "proficiency": "C1"}"#, 5),
        (Inline, "/job/education", r#""POSTGRADUATE""#, 9),
    ];
    for (base, pointer, item, max) in ITEMS {
        for length in [1, max - 1, *max] {
            base.accepts(pointer, &format!("[«{item},×{}»{item}]", length - 1));
        }
        base.accepts(pointer, "[]");
        base.refuses(pointer, &format!("[«{item},×{max}»{item}]"), &[(pointer, "maxItems")]);
    }
    for (pointer, other) in
        [("/job/requiredSkills", "/job/niceToHaveSkills"), ("/job/niceToHaveSkills", "/job/requiredSkills")]
    {
        let check = |skills: usize, others: &str| {
            let raw = format!(r#"[«"Lead",×{}»"Lead"]"#, skills - 1);
            Inline.check_with(&[(pointer, &raw), (other, others)])
        };
        assert_eq!(check(10, "[]").issues(), []);
        assert_eq!(check(10, "").issues(), []);
        assert_eq!(check(9, r#"["Read"]"#).issues(), []);
        assert_eq!(check(10, r#"["Read"]"#).issues(), [("/job/niceToHaveSkills", "maxItems")]);
        assert_eq!(check(11, "").issues(), [(pointer, "maxItems")]);
    }
}

#[test]
fn durations() {
    for (raw, minutes) in
        [("1", 1), ("180", 180), ("30.0", 30), ("3e1", 30), ("1e2", 100), ("0.1e2", 10), ("1800E-1", 180)]
    {
        Agent.accepts("/duration", raw);
        assert_eq!(agent(&Agent.with(&[("/duration", raw)])).duration.get(), minutes, "{raw}");
    }
    const REFUSED: &[(&str, &str)] = &[
        ("0", "minimum"),
        ("-0", "minimum"),
        ("-0.0", "minimum"),
        ("-1", "minimum"),
        ("-9223372036854775809", "minimum"),
        ("181", "maximum"),
        ("1e3", "maximum"),
        ("65537", "maximum"),
        ("4294967326", "maximum"),
        ("9223372036854775807", "maximum"),
        ("18446744073709551646", "maximum"),
        ("123456789012345678901234567890", "maximum"),
        ("1e400", "maximum"),
        ("-1e400", "minimum"),
        ("30.5", "type"),
        ("0.5", "type"),
        ("1e-1", "type"),
        (r#""30""#, "type"),
        (r#""1e2""#, "type"),
    ];
    for (raw, rule) in REFUSED {
        refuses(Agent, "/duration", raw, rule);
        refuses(Inline, "/agent/duration", raw, rule);
    }
}

#[test]
fn amounts_of_money() {
    for raw in ["0", "-0", "-0.0", "0.01", "1500.55", "1e3", "2000.5"] {
        Inline.accepts("/job/salary/min", raw);
    }
    Inline.accepts("/job/salary/max", "1e12");
    Inline.accepts("/job/salary/max", "1000000000000.0");
    const REFUSED: &[(&str, &str)] = &[
        ("-1", "minimum"),
        ("-0.01", "minimum"),
        ("-1e400", "minimum"),
        ("1000000000000.01", "maximum"),
        ("1000000000001", "maximum"),
        ("123456789012345678901234567890", "maximum"),
        ("1e400", "maximum"),
        (r#""1500""#, "type"),
        (r#""NaN""#, "type"),
    ];
    for (raw, rule) in REFUSED {
        refuses(Inline, "/job/salary/min", raw, rule);
        refuses(Inline, "/job/salary/max", raw, rule);
    }
    Inline.accepts("/job/salary", r#"{"min": 7, "max": 7}"#);
    Inline.refuses("/job/salary", r#"{"min": 7.01, "max": 7}"#, &[("/job/salary/max", "minimum")]);
}

#[test]
fn e_mail_addresses() {
    for text in
        ["a@b.co", "o'neil+jobs@ex-ample.co.uk", "a@bücher.example", "«a×64»@example.com", "a@«abcdefg.×31»«e×4»"]
    {
        Inline.accepts("/candidate/email", &format!(r#""{text}""#));
    }
    for text in [
        "",
        " ",
        "a",
        "a@",
        "@b.co",
        "a@b",
        "a@@b.co",
        "a b@c.de",
        "a@b..co",
        "a@.co",
        "a@b.co.",
        "a@-b.co",
        "a@b-.co",
        "ž@b.co",
        ".a@b.co",
        "a..b@c.co",
        "a@1.2.3.4",
        r"a@b\u202e.co",
        r"a@b.co\n",
        r"a\u0000@b.co",
        "A <a@b.co>",
        "mailto:a@b.co",
        "«a×65»@example.com",
        "a@«a×64».co",
        "a@«abcdefg.×31»«e×5»",
    ] {
        refuses(Inline, "/candidate/email", &format!(r#""{text}""#), "email");
    }
}

#[test]
fn telephone_numbers() {
    for text in ["+421901234567", "+12", "+123456789012345"] {
        Inline.accepts("/candidate/phoneNumber", &format!("{text:?}"));
    }
    for text in [
        "",
        "+",
        "+1",
        "421901234567",
        "00421901234567",
        "+0421901",
        "+1234567890123456",
        "+421 901 234 567",
        "+421-901",
        "tel:+421901234567",
        "+٤٢١٩٠١",
        "+421901234567\u{0}",
        "+421901\n",
    ] {
        refuses(Inline, "/candidate/phoneNumber", &Value::from(text).to_string(), "e164");
    }
}

#[test]
fn web_addresses() {
    for text in [
        "https://example.com",
        "http://example.com:8080/a?b=c#d",
        "https://example.com/ž/{id}|x",
        "https://bücher.example",
        "https://192.0.2.1/",
        "https://[2001:db8::1]/",
        // At the limit in characters, beyond it in bytes.
        "https://example.com/«ž×2028»",
    ] {
        Inline.accepts("/job/jobUrl", &format!(r#""{text}""#));
    }
    for text in [
        "",
        " ",
        "example.com",
        "//example.com",
        "ftp://example.com",
        "javascript:alert(1)",
        "HTTPS://example.com",
        "https:/example.com",
        "https://",
        "https://?a",
        "https:// example.com",
        " https://example.com",
        r"https://example.com/\n",
        r"https://example.com/\u0000",
        r"https://example.com/\u3000",
        "https://example.com:65536",
        "https://[2001:db8::1",
        "https://a<b.example",
    ] {
        refuses(Inline, "/job/jobUrl", &format!(r#""{text}""#), "url");
    }
    refuses(Inline, "/job/jobUrl", r#""https://example.com/«ž×2029»""#, "maxLength");
}

#[test]
fn codes_of_countries_and_currencies() {
    for code in ["SK", "AX", "ZW", "US", "AD"] {
        Inline.accepts("/job/location/countryCode", &format!("{code:?}"));
    }
    for code in ["EUR", "USD", "CZK", "JPY"] {
        Inline.accepts("/job/salary/currency", &format!("{code:?}"));
    }
    for wrong in ["", "sk", "Sk", "SVK", "703", "ZZ", "UK", "EU", "S", "ＳＫ"] {
        refuses(Inline, "/job/location/countryCode", &format!("{wrong:?}"), "enum");
    }
    for wrong in ["", "eur", "Eur", "EU", "EURO", "978", "€", "ZZZ"] {
        refuses(Inline, "/job/salary/currency", &format!("{wrong:?}"), "enum");
    }
}

#[test]
fn schedule_times() {
    for text in [
        "2026-11-22T12:00:00.001Z",
        "2026-11-22T12:00:01Z",
        "2026-11-22T23:59:59+11:59",
        "2026-11-22T13:00:00.001+01:00",
        "2026-12-22T12:00:00Z",
        "2026-12-22T13:00:00.000+01:00",
        "2026-12-01T09:30:00.123456789012Z",
        "2026-12-01T09:30:00-00:00",
    ] {
        Inline.accepts("/scheduleTime", &format!("{text:?}"));
    }
    for text in [
        "",
        "now",
        "2026-12-01",
        "2026-12-01T09:30:00",
        "2026-12-01T09:30Z",
        "2026-12-01 09:30:00Z",
        "2026-12-01t09:30:00Z",
        "2026-12-01T09:30:00z",
        "2026-12-01T09:30:00.Z",
        "2026-12-01T09:30:00,5Z",
        "2026-12-01T09:30:00+0100",
        "2026-12-01T09:30:00+01",
        "2026-12-01T09:30:00+24:00",
        "2026-12-01T09:30:00+01:60",
        "2026-12-01T24:00:00Z",
        "2026-12-01T09:60:00Z",
        "2026-12-01T09:30:61Z",
        "2026-02-30T09:30:00Z",
        "2026-13-01T09:30:00Z",
        "2026-00-01T09:30:00Z",
        // A leap second, one that was and one that was not.
        "2016-12-31T23:59:60Z",
        "2026-12-01T09:30:60Z",
        "+2026-12-01T09:30:00Z",
        "12026-12-01T09:30:00Z",
        "-2026-12-01T09:30:00Z",
        " 2026-12-01T09:30:00Z",
        "2026-12-01T09:30:00Z\n",
        "２026-12-01T09:30:00Z",
        "1764581400",
    ] {
        refuses(Inline, "/scheduleTime", &Value::from(text).to_string(), "dateTime");
    }
    for text in [
        "2026-12-22T12:00:00.001Z",
        "2026-12-22T12:00:01Z",
        "2027-11-22T12:00:00Z",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-12:00",
    ] {
        refuses(Inline, "/scheduleTime", &format!("{text:?}"), "maxDaysAhead");
    }
    let scheduled = interview(&Inline.with(&[("/scheduleTime", r#""2026-12-01T09:30:00.1239+01:00""#)]));
    assert_eq!(scheduled.schedule_time.unwrap().to_string(), "2026-12-01T08:30:00.123Z");
}

#[test]
fn dates_until_when_data_may_be_kept() {
    for text in [
        "2026-11-23",
        "2028-02-29",
        "9999-12-31",
        "2026-11-22T12:00:00.001Z",
        "2026-11-22T23:00:00+01:00",
        "9999-12-31T23:59:59Z",
    ] {
        Inline.accepts("/candidate/gdprExpiryDate", &format!("{text:?}"));
    }
    for text in [
        "",
        "never",
        "2027",
        "2027-11",
        "2027-1-1",
        "20271122",
        "2027-W47-1",
        "22-11-2027",
        "22.11.2027",
        "11/22/2027",
        "2027-02-29",
        "2027-13-01",
        "2027-00-10",
        "2027-11-31",
        "2027- 1-01",
        "-2027-1-01",
        "-027-01-01",
        "+027-01-01",
        "+2027-1-01",
        "12027-1-01",
        "2027-11-22T12:00:00",
        "2027-11-22T23:59:60Z",
        "2027-11-22 12:00:00Z",
        "2027-11-22Z",
        // Its UTC date is in the year 10000, which no ISO date of four digits can say.
        "9999-12-31T23:59:59-01:00",
    ] {
        refuses(Inline, "/candidate/gdprExpiryDate", &format!("{text:?}"), "date");
    }
}

#[test]
fn times_that_have_passed_are_told_apart() {
    const PASSED: &[Case] = &[
        ("/scheduleTime", "2026-11-22T12:00:00Z", "now"),
        ("/scheduleTime", "2026-11-22T12:00:00.000999Z", "now, to the millisecond"),
        ("/scheduleTime", "2026-11-22T13:00:00+01:00", "now, elsewhere"),
        ("/scheduleTime", "2026-11-22T11:59:59Z", "a second ago"),
        ("/scheduleTime", "1970-01-01T00:00:00Z", "long ago"),
        ("/candidate/gdprExpiryDate", "2026-11-22", "today"),
        ("/candidate/gdprExpiryDate", "2026-11-21", "yesterday"),
        ("/candidate/gdprExpiryDate", "2026-11-22T12:00:00Z", "now"),
        ("/candidate/gdprExpiryDate", "2026-11-22T11:59:59Z", "a second ago"),
        ("/candidate/gdprExpiryDate", "0001-01-01", "long ago"),
    ];
    for (pointer, text, when) in PASSED {
        let outcome = Inline.check_with(&[(pointer, &format!("{text:?}"))]);
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{pointer}, {when}: {outcome:?}");
        assert_eq!(outcome.issues(), [(*pointer, "future")], "{when}");
    }
}

#[test]
fn metadata_at_and_beyond_its_limits() {
    for (base, pointer, kind, _) in fields() {
        if kind != Kind::Metadata {
            continue;
        }
        for raw in [
            "{}",
            r#"{"a": null, "b": [], "c": {}, "": 0}"#,
            r#"{"a": 1E300, "b": -0, "c": 12345678901234567890123.10}"#,
            // The ends of a double's range. What is nearer to zero than any double reads as zero everywhere.
            r#"{"a": 1.7976931348623157e308, "b": -1.7976931348623157E+308, "c": "1e400"}"#,
            r#"{"a": 5e-324, "b": 1e-400, "c": -1e-4005, "d": 0e4005}"#,
            r#"{"a": "\u0000", "b": "x\ud83e\udd80"}"#,
            // In bytes: {"a":"…"} takes 8 besides.
            r#"{"a": "«ž×5116»"}"#,
            r#"{ "a" : "«x×10232»" }"#,
            r#"{"1": {"2": {"3": {"4": {"5": 0}}}}}"#,
            r#"{"1": [[[[0]]]]}"#,
        ] {
            base.accepts(&pointer, raw);
        }
        let keys = |keys: usize| {
            let members: Vec<String> = (0..keys - 1).map(|key| format!(r#""k{key}": 0"#)).collect();
            format!(r#"{{"within": [{{{}}}]}}"#, members.join(","))
        };
        base.accepts(&pointer, &keys(50));
        refuses(base, &pointer, &keys(51), "maxKeys");
        refuses(base, &pointer, r#"{"a": "«ž×5116»x"}"#, "maxBytes");
        refuses(base, &pointer, r#"{"a": "«x×10231»\u0000"}"#, "maxBytes");
        refuses(base, &pointer, r#"{"1": {"2": {"3": {"4": {"5": []}}}}}"#, "maxNesting");
        refuses(base, &pointer, r#"{"1": [[[[{}]]]]}"#, "maxNesting");
        let within = format!("{pointer}/list/1/a~1b~0c");
        base.refuses(&pointer, r#"{"list": [0, {"a/b~c": 1, "a/b~c": 1}]}"#, &[(&within, "duplicate")]);
        for (number, rule) in [("1.8e308", "maximum"), ("1.1e4005", "maximum"), ("-1e400", "minimum")] {
            base.refuses(&pointer, &format!(r#"{{"list": [0, {{"a/b~c": {number}}}]}}"#), &[(&within, rule)]);
        }
        let all = format!(r#"{{"1": [[[[[{}]]]]], "2": "«x×10240»"}}"#, keys(50));
        base.refuses(&pointer, &all, &[(&pointer, "maxBytes"), (&pointer, "maxNesting"), (&pointer, "maxKeys")]);
    }
}

#[test]
fn metadata_keeps_what_was_sent() {
    let raw = r#"{ "z" : [1.0, 1e2, -0, 12345678901234567890], "a" : "\u017e" }"#;
    let agent = agent(&Agent.with(&[("/metadata", raw)]));
    assert_eq!(agent.metadata.unwrap().as_str(), r#"{"a":"ž","z":[1.0,1e2,-0,12345678901234567890]}"#);
    let interview = interview(&Existing.with(&[("/metadata", raw)]));
    assert_eq!(interview.metadata.unwrap().as_str(), r#"{"a":"ž","z":[1.0,1e2,-0,12345678901234567890]}"#);
    assert!(Assigned.check_with(&[("/candidate/metadata", raw)]).issues().is_empty());
}

/// The requests that have the fields of webhooks.
const WEBHOOKS: [Base; 2] = [Webhook, Change];

#[test]
fn addresses_of_webhooks() {
    for base in WEBHOOKS {
        for text in [
            "https://example.com",
            "https://example.com:8443/a?b=c@d",
            "https://example.com/@team",
            "https://bücher.example/%20ž",
            "https://10.0.0.1",
            "https://e.co/«ž×2035»",
        ] {
            accepts(base, "/url", &format!("{text:?}"));
        }
        // Only a schema that knew all hosts and ports could refuse the last three.
        for (text, rule, documented) in [
            ("https://e.co/«ž×2036»", "maxLength", false),
            ("", "https", false),
            ("example.com", "https", false),
            ("http://example.com", "https", false),
            ("http://localhost:4000", "https", false),
            ("HTTPS://example.com", "https", false),
            ("https://", "url", false),
            ("https:///example.com", "url", false),
            ("https://example.com\\a", "url", false),
            ("https://example.com/a b", "url", false),
            ("https://example.com\n", "url", false),
            ("https://example.com/\u{a0}", "url", false),
            ("https://user@example.com", "credentials", false),
            ("https://user:password@example.com", "credentials", false),
            ("https://@example.com", "credentials", false),
            ("https://example.com#a", "fragment", false),
            ("https://example.com/#", "fragment", false),
            ("https://example.com:65536", "url", true),
            ("https://[::1", "url", true),
            ("https://1.2.3.256", "url", true),
        ] {
            let raw = json!(text).to_string();
            refuses(base, "/url", &raw, rule);
            assert_eq!(is_valid(base, &base.with(&[("/url", &raw)])), documented, "{text}");
        }
    }
    assert_eq!(webhook(&Webhook.with(&[])).url.as_str(), "https://example.com/hooks");
}

#[test]
fn a_webhook_s_port_is_one_that_the_deployment_allows() {
    for document in [Webhook, Change] {
        for url in [r#""https://example.com:8443/""#, r#""https://example.com:1024/""#] {
            document.accepts("/url", url);
        }
        for url in [r#""https://example.com:25/""#, r#""https://example.com:1023/""#] {
            let body = document.with(&[("/url", url)]);
            assert_eq!(document.check(body.as_bytes()).issues(), [("/url", "port")], "{url}");
        }
    }
}

#[test]
fn where_a_deployment_allows_it_this_machine_itself_is_posted_to_by_plain_http() {
    let read = |targets, url: &str| -> Vec<Option<WebhookUrl>> {
        let created = check_body(&webhook_shape(targets), Webhook.with(&[("/url", url)]).as_bytes());
        let changed =
            check_body(&ChangedWebhookShape(webhook_shape(targets)), Change.with(&[("/url", url)]).as_bytes());
        vec![created.ok().map(|checked| checked.command.url), changed.ok().map(|checked| checked.command.0.url)]
    };
    for url in ["http://localhost:4000/hooks", "http://127.0.0.1", "http://[::1]:4000"] {
        let quoted = format!("{url:?}");
        assert_eq!(read(Targets::Public, &quoted), [None, None], "{url}");
        let parsed = WebhookUrl::parse(url, Targets::PublicAndLoopback).ok();
        assert!(parsed.is_some());
        assert_eq!(read(Targets::PublicAndLoopback, &quoted), [parsed.clone(), parsed], "{url}");
    }
    assert_eq!(read(Targets::PublicAndLoopback, r#""http://example.com""#), [None, None]);
}

#[test]
fn events_in_both_spellings_and_each_once() {
    let all: Vec<&str> = EventType::ACCEPTED.iter().map(|event| event.as_str()).collect();
    assert_eq!(all.len(), 6);
    for base in WEBHOOKS {
        for event in &all {
            accepts(base, "/events/0", &format!("{event:?}"));
            accepts(base, "/events/0", &format!("{:?}", event.replace('.', "_").to_uppercase()));
        }
        for wrong in
            ["", "*", "interview.*", "Interview.Completed", "interview_completed", "INTERVIEW.COMPLETED", "PING "]
        {
            refuses(base, "/events/0", &format!("{wrong:?}"), "enum");
        }
        base.refuses("/events", "[]", &[("/events", "minItems")]);
        base.accepts("/events", r#"[«"ping",×11»"PING"]"#);
        base.refuses("/events", r#"[«"ping",×12»"PING"]"#, &[("/events", "maxItems")]);
    }
    let doubled = r#"["PING", "interview.completed", "ping", "INTERVIEW_COMPLETED", "analysis.failed"]"#;
    let once = [EventType::Ping, EventType::InterviewCompleted, EventType::AnalysisFailed];
    assert_eq!(webhook(&Webhook.with(&[("/events", doubled)])).events, once);
    assert_eq!(changed_webhook(&Change.with(&[("/events", doubled)])).events, once);
}

#[test]
fn names_of_headers() {
    for base in WEBHOOKS {
        for text in ["a", "x_1", "!#$%&'*+-.^_`|~", "webhook", "Cookie", "«n×255»"] {
            accepts(base, "/headers/0/name", &json!(text).to_string());
        }
        for (text, rule) in [
            ("", "minLength"),
            ("«n×256»", "maxLength"),
            ("a b", "headerName"),
            ("a:", "headerName"),
            ("ž", "headerName"),
            ("a\r\nb", "headerName"),
            ("Host", "reserved"),
            ("CONTENT-TYPE", "reserved"),
            ("content-length", "reserved"),
            ("Transfer-Encoding", "reserved"),
            ("User-Agent", "reserved"),
            ("webhook-id", "reserved"),
            ("Webhook-Signature", "reserved"),
            ("WEBHOOK-", "reserved"),
            ("Proxy-Authorization", "reserved"),
        ] {
            let raw = json!(text).to_string();
            refuses(base, "/headers/0/name", &raw, rule);
            assert!(!is_valid(base, &base.with(&[("/headers/0/name", &raw)])), "{text}");
        }
    }
    for name in domain::webhook::RESERVED_HEADERS {
        for spelling in [name.to_owned(), name.to_uppercase()] {
            refuses(Webhook, "/headers/0/name", &format!("{spelling:?}"), "reserved");
            accepts(Webhook, "/headers/0/name", &format!("\"{spelling}x\""));
            accepts(Webhook, "/headers/0/name", &format!("\"x{spelling}\""));
        }
    }
}

#[test]
fn values_of_headers() {
    for base in WEBHOOKS {
        for text in ["v", "Bearer abc", "a\tb", "~!\"\\", "«v×4096»"] {
            accepts(base, "/headers/0/value", &json!(text).to_string());
        }
        for (text, rule) in [
            ("", "minLength"),
            ("«v×4097»", "maxLength"),
            (" v", "headerValue"),
            ("v\t", "headerValue"),
            (" ", "headerValue"),
            ("a\r\nX-Injected: 1", "headerValue"),
            ("a\0", "headerValue"),
            ("ž", "headerValue"),
        ] {
            let raw = json!(text).to_string();
            refuses(base, "/headers/0/value", &raw, rule);
            assert!(!is_valid(base, &base.with(&[("/headers/0/value", &raw)])), "{text:?}");
        }
    }
}

#[test]
fn headers_are_at_most_50_and_no_two_of_one_name() {
    let headers = |count: usize| -> String {
        json!((0..count).map(|header| json!({"name": format!("X-{header}"), "value": "v"})).collect::<Vec<_>>())
            .to_string()
    };
    for base in WEBHOOKS {
        base.accepts("/headers", "[]");
        base.accepts("/headers", &headers(50));
        base.refuses("/headers", &headers(51), &[("/headers", "maxItems")]);
        let twice = r#"[{"name": "X-A", "value": "1"}, {"name": "x-b", "value": "1"}, {"name": "x-a", "value": "1"},
            {"name": "X-B", "value": "2"}, {"name": "X-C", "value": "2"}]"#;
        base.refuses("/headers", twice, &[("/headers/2/name", "duplicate"), ("/headers/3/name", "duplicate")]);
    }
}

#[test]
fn headers_have_at_most_8192_bytes_together() {
    let headers = |name: usize, value: usize| -> String {
        let full = json!({"name": "x".repeat(100), "value": "v".repeat(3_996)});
        json!([full, {"name": "y".repeat(name), "value": "v".repeat(value)}]).to_string()
    };
    for base in WEBHOOKS {
        base.accepts("/headers", &headers(100, 3_996));
        base.refuses("/headers", &headers(101, 3_996), &[("/headers", "maxBytes")]);
        base.refuses("/headers", &headers(100, 3_997), &[("/headers", "maxBytes")]);
        let short = r#"[{"name": "A", "value": "1"}, {"name": "a", "value": "1"}, "#;
        let both = headers(100, 3_997).replacen('[', short, 1);
        base.refuses("/headers", &both, &[("/headers/1/name", "duplicate"), ("/headers", "maxBytes")]);
    }
}
