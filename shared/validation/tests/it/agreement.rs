//! The check and the documented schema agree, as far as a schema can say it.

use std::sync::LazyLock;

use domain::StringEnum as _;
use domain::event::EventType;
use domain::webhook::Targets;
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};
use jsonschema::Validator;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::Union;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use validation::{
    AgentShape, CandidateShape, ChangedWebhookShape, HeaderShape, InterviewShape, Issue, JobShape,
    LanguageRequirementShape, LocationShape, SalaryShape, Shape, WebhookShape, describe,
};

use crate::bodies::any_json;
use crate::contract::{AGENT_FIELDS, Kind, fields};
use crate::documents::Base::{self, Agent, Existing, Inline, Webhook};
use crate::documents::{BASES, Json, NOW, Outcome, at, webhook_shape};

/// The rules that a schema can't say, each with a body that only the check refuses. Nothing else may differ.
const UNSAYABLE: &[(&str, Base, &str, &str, &str)] = &[
    ("a name twice in one object", Agent, "/name", r#""Anna", "name": "Anna""#, "duplicate"),
    ("a name twice, within metadata", Agent, "/metadata", r#"{"a": {"b": 1, "b": 1}}"#, "duplicate"),
    ("bytes of metadata", Agent, "/metadata", r#"{"a": "«x×10240»"}"#, "maxBytes"),
    ("levels of metadata", Agent, "/metadata", r#"{"1": [[[[[]]]]]}"#, "maxNesting"),
    ("keys of metadata over all levels", Agent, "/metadata", MANY_KEYS, "maxKeys"),
    ("skills of both lists", Inline, "/job/requiredSkills", r#"["«a","×9»b"]"#, "maxItems"),
    ("ends of a salary", Inline, "/job/salary", r#"{"min": 2, "max": 1}"#, "minimum"),
    ("times that have passed", Inline, "/scheduleTime", r#""2026-11-22T12:00:00Z""#, "future"),
    ("times too far ahead", Inline, "/scheduleTime", r#""2026-12-22T12:00:01Z""#, "maxDaysAhead"),
    ("dates that only UTC puts beyond 9999", Inline, "/candidate/gdprExpiryDate", END_OF_TIME, "date"),
    ("days that a month lacks", Inline, "/candidate/gdprExpiryDate", r#""2027-02-29""#, "date"),
    ("hosts and ports of web addresses", Inline, "/job/jobUrl", r#""https://example.com:65536""#, "url"),
    ("hosts and ports of webhooks", Webhook, "/url", r#""https://example.com:65536""#, "url"),
    ("ports that the deployment allows", Webhook, "/url", r#""https://example.com:25""#, "port"),
    ("letters that nobody sees beyond U+FFFF", Inline, "/candidate/firstName", "\"\u{e0041}\"", "blank"),
    ("accents without a letter", Inline, "/candidate/firstName", r#""\u0301""#, "blank"),
    ("labels of internationalised domains", Inline, "/candidate/email", r#""a@b\u202e.co""#, "email"),
    ("labels that only seem to be internationalised", Inline, "/candidate/email", r#""a@xn--a.co""#, "email"),
    ("bytes before the @", Inline, "/candidate/email", r#""«a×65»@b.co""#, "email"),
    ("headers of one name", Webhook, "/headers", TWO_OF_ONE_NAME, "duplicate"),
    ("bytes of headers", Webhook, "/headers", LARGE_HEADERS, "maxBytes"),
];

const MANY_KEYS: &str = r#"{"a": [«{"b": 0},×50»{}]}"#;
const TWO_OF_ONE_NAME: &str = r#"[{"name": "a", "value": "1"}, {"name": "A", "value": "2"}]"#;
const LARGE_HEADERS: &str = r#"[{"name": "a", "value": "«v×4096»"}, {"name": "b", "value": "«v×4095»"}]"#;
const END_OF_TIME: &str = r#""9999-12-31T23:59:59-01:00""#;

static AGENT_SCHEMA: LazyLock<Validator> = LazyLock::new(|| validator(AgentShape::NAME));
static INTERVIEW_SCHEMA: LazyLock<Validator> = LazyLock::new(|| validator(InterviewShape::NAME));
static WEBHOOK_SCHEMA: LazyLock<Validator> = LazyLock::new(|| validator(WebhookShape::NAME));
static CHANGE_SCHEMA: LazyLock<Validator> = LazyLock::new(|| validator(ChangedWebhookShape::NAME));

fn validator(name: &str) -> Validator {
    let now = at(NOW);
    let document = json!({
        "$ref": format!("#/components/schemas/{name}"),
        "components": {"schemas": {
            AgentShape::NAME: describe(&AgentShape),
            InterviewShape::NAME: describe(&InterviewShape { now }),
            CandidateShape::NAME: describe(&CandidateShape { now }),
            JobShape::NAME: describe(&JobShape),
            LanguageRequirementShape::NAME: describe(&LanguageRequirementShape),
            LocationShape::NAME: describe(&LocationShape),
            SalaryShape::NAME: describe(&SalaryShape),
            WebhookShape::NAME: describe(&webhook_shape(Targets::Public)),
            ChangedWebhookShape::NAME: describe(&ChangedWebhookShape(webhook_shape(Targets::Public))),
            HeaderShape::NAME: describe(&HeaderShape),
        }},
    });
    jsonschema::draft202012::options().should_validate_formats(true).build(&document).unwrap()
}

fn schema(base: Base) -> &'static Validator {
    match base {
        Agent => &AGENT_SCHEMA,
        Inline | Existing | Base::Assigned => &INTERVIEW_SCHEMA,
        Webhook => &WEBHOOK_SCHEMA,
        Base::Change => &CHANGE_SCHEMA,
    }
}

/// Tells if a body keeps its schema, once its events have the spelling that the schema lists.
pub fn is_valid(base: Base, body: &str) -> bool {
    schema(base).is_valid(&spelled_as_listed(serde_json::from_str(body).unwrap()))
}

/// Tells if a schema can't say what this issue says of a body.
fn unsayable(body: &Value, Issue { pointer, rule, message }: &Issue) -> bool {
    let text = || body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    UNSAYABLE.iter().any(|&(_, _, _, _, known)| known == *rule)
        // Of these, only a part can't be said.
        && match *rule {
            "maxItems" => pointer.ends_with("/niceToHaveSkills"),
            "minimum" => pointer.ends_with("/salary/max"),
            "url" => message.contains("valid host"),
            "blank" => text().chars().any(|c| c > '\u{ffff}' || is_mark(c)),
            "email" => !text().is_ascii() || text().contains("xn--") || text().split('@').any(|part| part.len() > 64),
            _ => true,
        }
}

fn is_mark(c: char) -> bool {
    GeneralCategoryGroup::Mark.contains(CodePointMapData::<GeneralCategory>::new().get(c))
}

#[test]
fn what_a_schema_cannot_say_is_refused_by_the_check_only() {
    for (what, base, pointer, raw, rule) in UNSAYABLE {
        let body = base.with(&[(pointer, raw)]);
        let outcome = base.check(body.as_bytes());
        assert!(!outcome.issues().is_empty() && outcome.issues().iter().all(|(_, issue)| issue == rule), "{what}");
        assert!(is_valid(*base, &body), "{what}");
    }
}

/// Events in the one spelling that the schema lists, where the body has a second one.
fn spelled_as_listed(mut body: Value) -> Value {
    for event in body.get_mut("events").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(Ok(listed)) = event.as_str().map(EventType::parse) {
            *event = Value::from(listed.as_str());
        }
    }
    body
}

#[test]
fn a_second_spelling_is_accepted_though_the_schema_lists_the_first_only() {
    for base in [Webhook, Base::Change] {
        for event in EventType::ACCEPTED {
            let second = base.with(&[("/events", &format!(r#"["{}"]"#, event.alias().unwrap()))]);
            assert_eq!(base.check(second.as_bytes()), Outcome::Accepted { expired: Vec::new() }, "{second}");
            assert!(!schema(base).is_valid(&serde_json::from_str(&second).unwrap()), "{second}");
            assert!(is_valid(base, &second), "{second}");
        }
    }
}

/// A disagreement of check and schema on a body, but for what a schema can't say.
pub fn disagreement(base: Base, body: &str) -> Option<String> {
    // Numbers beyond a double are no values to the schema's reader.
    let value = spelled_as_listed(serde_json::from_str(body).ok()?);
    let valid = schema(base).is_valid(&value);
    match base.check(body.as_bytes()) {
        Outcome::Accepted { .. } => (!valid).then(|| format!("only the schema refuses {body}")),
        Outcome::Malformed { .. } => valid.then(|| format!("only the schema accepts {body}")),
        Outcome::Refused(issues) => {
            let all_unsayable = issues.iter().all(|issue| unsayable(&value, issue));
            (valid && !all_unsayable).then(|| format!("the schema accepts {body} though {issues:?}"))
        }
    }
}

/// Text around a field's limits.
fn text(min: usize, max: usize) -> BoxedStrategy<Value> {
    let length = select(vec![0, min.saturating_sub(1), min, min + 1, max - 1, max, max + 1]);
    let character = select(vec![
        "a", "ž", "🦀", " ", "\u{3000}", "\u{feff}", "\u{200b}", "\u{2800}", "\u{202e}", "\u{200f}", "\n", "\t", "\0",
        "\u{85}", "\u{7f}", "e\u{301}",
    ]);
    let repeated = (character, length).prop_map(|(character, length)| character.repeat(length));
    let mixed = prop::collection::vec(any::<char>(), 0..max.min(40) + 2).prop_map(String::from_iter);
    let spaced = "[ \u{a0}\u{2028}\u{ad}\u{3164}\u{2066}\u{e0041}\t\na]{0,12}";
    prop_oneof![repeated, mixed, spaced, ".{0,12}"].prop_map(Value::from).boxed()
}

/// Texts that look like an instant or a date, and sometimes are one.
fn time() -> BoxedStrategy<Value> {
    let pattern = "(0000|0001|1970|2026|2027|9999|[0-9]{4,5})-(0[1-9]|1[0-3]|[0-9]{1,2})-(0[1-9]|[12][0-9]|3[0-2]|[0-9 ]{1,2})\
        ([Tt ]([01][0-9]|2[0-4]|[0-9]{2}):([0-5][0-9]|60):([0-5][0-9]|60)([.,][0-9]{0,12})?(Z|z|[-+−][0-2][0-9]:?[0-6][0-9٠])?)?";
    prop_oneof![9 => pattern, 1 => "[-+0-9]{10}"].prop_map(Value::from).boxed()
}

/// Values that a field of some kind accepts, or nearly.
fn value(kind: Kind) -> BoxedStrategy<Value> {
    match kind {
        Kind::SingleLine(min, max) | Kind::Text(min, max) => text(min, max),
        Kind::Word(words) => prop_oneof![
            4 => select(words).prop_map(Value::from),
            1 => select(words).prop_map(|word| Value::from(word.to_lowercase())),
            1 => Just(json!("UNDEFINED")),
        ]
        .boxed(),
        Kind::Listed => "[A-Z]{2,3}|EUR|SK|sk|USD|[A-Za-z]{0,4}".prop_map(Value::from).boxed(),
        Kind::Id => "[0-9a-fA-F]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9A-Fg]{12}|[0-9a-f]{32}|[0-9a-f-]{36}"
            .prop_map(Value::from)
            .boxed(),
        Kind::Email => {
            "[a-z0-9.+!é]{0,3}[a-z]{0,70}@([a-z0-9-]{0,5}\\.){0,4}[a-z]{0,66}|[a.]{1,4}@([a-z1-9žß例۱_-]{1,4}[.。]){1,3}[a-z1-9ž-]{1,4}|[a-z]{1,3}@([a-z]{1,63}\\.){3,4}[a-z]{40,63}\n?"
                .prop_map(Value::from)
                .boxed()
        }
        Kind::PhoneNumber => "\\+?[0-9]{0,17}|\\+[1-9][0-9٤]{1,14}\n?".prop_map(Value::from).boxed(),
        Kind::Url => {
            let odd = "(https?|ftp|HTTP)?:/{0,3}[a-zA-Zž0-9.\\[\\]:@<>%{}|\\\\ _-]{0,12}(:[0-9]{0,6})?(/.{0,6})?(\\?.{0,6})?";
            let long = (2_000_usize..2_100).prop_map(|length| format!("https://e.co/{}", "ž".repeat(length)));
            prop_oneof![6 => odd.boxed(), 1 => long.boxed()].prop_map(Value::from).boxed()
        }
        Kind::WebhookUrl => {
            let odd = "(https|HTTPS|http)?:?/{0,3}[a-zž0-9.\\[\\]:@%|\\\\ _-]{0,12}(:[0-9]{0,6})?(/[ -~ž]{0,6})?(\\?[ -~]{0,6})?(#.{0,2})?";
            let plain = "https://([a-z]{1,3}@?){1,2}\\.[a-z]{2}(:[0-9]{1,6})?[/?]?[!-~]{0,4}";
            let long = (2_030_usize..2_040).prop_map(|length| format!("https://e.co/{}", "ž".repeat(length)));
            prop_oneof![4 => odd.boxed(), 4 => plain.boxed(), 1 => long.boxed()].prop_map(Value::from).boxed()
        }
        Kind::Event => "(interview|INTERVIEW|analysis|ANALYSIS)[._](started|completed|COMPLETED|FAILED|failed)|ping|PING|.{0,5}"
            .prop_map(Value::from)
            .boxed(),
        Kind::HeaderName => {
            let reserved = "(?i)(host|te|x-forwarded-for|content-type|webhook-.{0,3}|proxy-.{0,3}|connection|via)x?";
            prop_oneof![
                4 => reserved.boxed(),
                4 => "[!-~]{0,6}|[a-zA-Z-]{0,8}.?".boxed(),
                1 => (254_usize..258).prop_map(|length| "n".repeat(length)).boxed(),
            ]
            .prop_map(Value::from)
            .boxed()
        }
        Kind::HeaderValue => prop_oneof![
            6 => "[ \t]?[ -~\t]{0,6}|.{0,4}|[!-~]{1,5}\n?".boxed(),
            1 => (4_094_usize..4_099).prop_map(|length| "v".repeat(length)).boxed(),
        ]
        .prop_map(Value::from)
        .boxed(),
        Kind::Minutes => prop_oneof![
            (-2_i64..184).prop_map(Value::from),
            (-4_i64..368).prop_map(|halves| json!(halves as f64 / 2.0)),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
        ]
        .boxed(),
        Kind::Money => prop_oneof![
            (-2_i64..3).prop_map(Value::from),
            (-100_i64..300_000).prop_map(|cents| json!(cents as f64 / 100.0)),
            select(vec![json!(1e12), json!(1_000_000_000_001_i64), json!(1.000_000_000_000_1e12), json!(-0.0), json!(u64::MAX)]),
            any::<f64>().prop_map(Value::from),
        ]
        .boxed(),
        Kind::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        Kind::DateTime | Kind::Date => time(),
        Kind::Metadata => prop_oneof![
            any_json(),
            (48_usize..53).prop_map(|keys| (0..keys).map(|key| (key.to_string(), Value::Null)).collect()),
            (1_usize..8).prop_map(|levels| (0..levels).fold(json!(0), |inner, _| json!({"a": inner}))),
            (10_230_usize..10_236).prop_map(|bytes| json!({"a": "x".repeat(bytes)})),
        ]
        .boxed(),
        Kind::List(max) => {
            let length = select(vec![0, 1, max - 1, max, max + 1]);
            let item = select(vec![
                json!("Lead a team"),
                json!("MASTER_LEVEL"),
                json!({"language": "SK", "proficiency": "C1"}),
                json!({"language": "SK", "proficiency": null}),
                json!(null),
                json!(" "),
                json!("ping"),
                json!({"name": "X-Team", "value": "north"}),
            ]);
            (item, length).prop_map(|(item, length)| Value::from(vec![item; length])).boxed()
        }
        Kind::Object => {
            let objects = BASES.into_iter().flat_map(|base| {
                let document = base.value();
                let members = document.as_object().unwrap().values().cloned().collect::<Vec<_>>();
                [vec![document], members].concat()
            });
            select(objects.collect::<Vec<_>>()).boxed()
        }
    }
}

/// A change to a document, where it has the place for it.
#[derive(Debug, Clone)]
enum Mutation {
    /// A field of the contract gets a value.
    Set(String, Value),
    /// The value at some place is replaced.
    Replace(Index, Value),
    /// The value at some place is left out.
    Remove(Index),
    /// An object gets one more member.
    Add(Index, String, Value),
}

fn mutation(base: Base) -> BoxedStrategy<Mutation> {
    let own = fields().into_iter().filter(|(of, ..)| of.schema() == base.schema());
    let set =
        Union::new(own.map(|(_, pointer, kind, _)| {
            value(kind).prop_map(move |value| Mutation::Set(pointer.clone(), value)).boxed()
        }));
    let any_value =
        prop_oneof![any_json(), Just(Value::Null), select(AGENT_FIELDS).prop_flat_map(|(_, _, kind, _)| value(kind)),]
            .boxed();
    let name = prop_oneof![
        select(vec!["jobId", "job", "candidateId", "agent", "metadata", "x", "Name", "events", "headers"])
            .prop_map(String::from),
        ".{0,4}"
    ];
    prop_oneof![
        8 => set,
        2 => (any::<Index>(), any_value.clone()).prop_map(|(at, value)| Mutation::Replace(at, value)),
        2 => any::<Index>().prop_map(Mutation::Remove),
        1 => (any::<Index>(), name, any_value).prop_map(|(at, name, value)| Mutation::Add(at, name, value)),
    ]
    .boxed()
}

/// The pointers of everything in a document.
fn places(value: &Value, at: &str, places: &mut Vec<String>) {
    places.push(at.to_owned());
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                self::places(member, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), places);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                self::places(item, &format!("{at}/{index}"), places);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn mutate(document: &mut Value, mutation: Mutation) {
    let mut pointers = Vec::new();
    places(document, "", &mut pointers);
    let (pointer, value) = match mutation {
        Mutation::Set(pointer, value) => (pointer, Some(value)),
        Mutation::Replace(at, value) => (at.get(&pointers).clone(), Some(value)),
        Mutation::Remove(at) => (at.get(&pointers).clone(), None),
        Mutation::Add(at, name, value) => {
            if let Some(members) = document.pointer_mut(at.get(&pointers).as_str()).and_then(Value::as_object_mut) {
                members.insert(name, value);
            }
            return;
        }
    };
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        *document = value.unwrap_or_default();
        return;
    };
    match (document.pointer_mut(parent), value) {
        (Some(Value::Object(members)), Some(value)) => {
            drop(members.insert(name.replace("~1", "/").replace("~0", "~"), value))
        }
        (Some(Value::Object(members)), None) => drop(members.remove(name)),
        (Some(Value::Array(items)), Some(value)) => {
            if let Some(item) = name.parse::<usize>().ok().and_then(|index| items.get_mut(index)) {
                *item = value;
            }
        }
        (Some(Value::Array(items)), None) => items.clear(),
        (Some(_) | None, _) => {}
    }
}

fn mutated() -> impl Strategy<Value = (Base, Json)> {
    select(&BASES[..]).prop_flat_map(|base| {
        prop::collection::vec(mutation(base), 1..4).prop_map(move |mutations| {
            let mut document = base.value();
            for mutation in mutations {
                mutate(&mut document, mutation);
            }
            (base, Json(document))
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn check_and_schema_agree_on_every_document((base, Json(document)) in mutated()) {
        let disagreement = disagreement(base, &document.to_string());
        prop_assert!(disagreement.is_none(), "{}", disagreement.unwrap_or_default());
    }
}

/// Single fields, many values: what is rarely reached by changing whole documents at random.
#[test]
fn check_and_schema_agree_on_every_field() {
    for (base, pointer, kind, _) in fields() {
        let config = ProptestConfig { source_file: Some(file!()), ..ProptestConfig::with_cases(100) };
        let result = TestRunner::new(config).run(&value(kind).prop_map(Json), |Json(value)| {
            let mut document = base.value();
            *document.pointer_mut(&pointer).unwrap() = value;
            let disagreement = disagreement(base, &document.to_string());
            prop_assert!(disagreement.is_none(), "{}", disagreement.unwrap_or_default());
            Ok(())
        });
        if let Err(error) = result {
            panic!("{pointer}: {error}");
        }
    }
}

/// The digits after the point to which numbers are compared here: more than a double has.
const DIGITS: u32 = 21;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// By exact arithmetic, since the reader that schemas are tried with rounds numbers to doubles.
    #[test]
    fn no_number_is_rounded_into_its_limits(
        (negative, whole, fraction, exponent) in (
            prop::bool::weighted(0.1),
            prop_oneof![select(vec![0, 1, 179, 180, 181, 999_999_999_999, 1_000_000_000_000]), 0..200_u64],
            "|0{1,20}|0{0,19}[0-9]|9{1,20}|[05]",
            -1..=1_i32,
        ),
    ) {
        let (sign, signum) = if negative { ("-", -1) } else { ("", 1) };
        let point = if fraction.is_empty() { "" } else { "." };
        let raw = format!("{sign}{whole}{point}{fraction}{}", if exponent == 0 { String::new() } else { format!("e{exponent}") });
        let digits: i128 = format!("{whole}{fraction}").parse().unwrap();
        let shift = DIGITS.checked_add_signed(exponent).unwrap() - u32::try_from(fraction.len()).unwrap();
        let (scaled, one) = (signum * digits * 10_i128.pow(shift), 10_i128.pow(DIGITS));
        let taken = |base: Base, pointer, raw: &str| base.check(base.with(&[(pointer, raw)]).as_bytes()).issues().is_empty();
        let minutes = scaled % one == 0 && (one..=180 * one).contains(&scaled);
        prop_assert_eq!(taken(Agent, "/duration", &raw), minutes, "{}", raw);
        let salary = format!(r#"{{"max": {raw}}}"#);
        let money = (0..=1_000_000_000_000 * one).contains(&scaled);
        prop_assert_eq!(taken(Inline, "/job/salary", &salary), money, "{}", raw);
    }
}
