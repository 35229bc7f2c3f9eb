//! The document as a whole.

use std::collections::BTreeSet;

use api::{ActsFor, ErrorCode, Route};
use domain::StringEnum as _;
use domain::event::EventType;
use domain::idempotency::IdempotencyKey;
use jsonschema::Validator;
use serde_json::Value;

/// The meta-schema of OpenAPI 3.1 as its authors publish it (version 2022-10-07, Apache-2.0).
const META_SCHEMA: &str = include_str!("openapi-3.1.schema.json");

/// The document, as a program reads it.
pub fn document() -> Value {
    serde_norway::from_str(&openapi::yaml().unwrap()).unwrap()
}

/// A validator of what stands at a pointer into the document.
pub fn validator(document: &Value, pointer: &str) -> Validator {
    let mut schema = document.clone();
    // A reference is a URI, which has no braces.
    schema["$ref"] = Value::from(format!("#{}", pointer.replace('{', "%7B").replace('}', "%7D")));
    jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap()
}

/// Every value in the document with its pointer.
pub fn walk<'a>(value: &'a Value, at: &str, visit: &mut dyn FnMut(&str, &'a Value)) {
    visit(at, value);
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                walk(member, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), visit);
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| walk(item, &format!("{at}/{index}"), visit))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_document_is_openapi_3_1() {
    let meta_schema = jsonschema::draft202012::new(&serde_json::from_str(META_SCHEMA).unwrap()).unwrap();
    let errors: Vec<String> =
        meta_schema.iter_errors(&document()).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn every_schema_is_json_schema_2020_12() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    assert!(schemas.len() > 60);
    for (name, schema) in schemas {
        assert!(jsonschema::draft202012::meta::is_valid(schema), "{name}");
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_part_is_referred_to() {
    let document = document();
    let mut targets = BTreeSet::new();
    walk(&document, "", &mut |at, value| {
        if let Some(target) = value.get("$ref").and_then(Value::as_str) {
            let pointer = target.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{at} refers to {target}");
            targets.insert(pointer.to_owned());
        }
    });
    for kind in ["schemas", "parameters", "headers"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            // For programs that do not tell problems apart.
            let for_itself = name == "ProblemDocument";
            let target = format!("/components/{kind}/{name}");
            assert!(targets.contains(&target) || for_itself, "nothing refers to {kind}/{name}");
        }
    }
}

/// Every schema in the document, of whatever depth, with its pointer. Examples are none; conditions say no type.
fn each_schema<'a>(document: &'a Value, visit: &mut dyn FnMut(&str, &'a serde_json::Map<String, Value>)) {
    let no_schema = ["/example/", "/examples/", "/if/"];
    walk(document, "", &mut |at, value| {
        let inside = format!("{at}/");
        let parent = at.rsplit('/').nth(1).unwrap_or_default();
        if let Some(schema) = value.as_object()
            && !no_schema.iter().any(|part| inside.contains(part))
            && !["properties", "mapping"].contains(&at.rsplit('/').next().unwrap_or_default())
            && (parent == "properties"
                || ["type", "enum", "const", "oneOf", "anyOf", "allOf"].iter().any(|key| schema.contains_key(*key)))
        {
            visit(at, schema);
        }
    });
}

/// Generators of clients make a type of each word, or nothing, of other ways to say it.
#[test]
fn words_are_enumerations_of_one_type() {
    each_schema(&document(), &mut |at, schema| {
        assert!(!schema.contains_key("const"), "{at}");
        let Some(words) = schema.get("enum").and_then(Value::as_array) else { return };
        assert!(schema.contains_key("type"), "{at}");
        let named: BTreeSet<String> = words
            .iter()
            .map(|word| word.to_string().to_lowercase().replace(|c: char| !c.is_alphanumeric(), "_"))
            .collect();
        assert_eq!(named.len(), words.len(), "{at} has two words that make the same name: {words:?}");
        if let Some(meanings) = schema.get("x-enum-descriptions") {
            assert_eq!(meanings.as_array().unwrap().len(), words.len(), "{at}");
        }
    });
    let document = document();
    for name in ["ErrorCode", "EventType", "AttemptOutcome", "DeliveryStatus", "CircuitState", "PauseReason", "Scope"] {
        let schema = &document["components"]["schemas"][name];
        assert_eq!(schema["type"], "string", "{name}");
        let meanings = schema["x-enum-descriptions"].as_array().unwrap();
        let text = schema["description"].as_str().unwrap();
        assert!(meanings.iter().all(|meaning| text.contains(meaning.as_str().unwrap())), "{name}");
    }
}

/// Members beside a reference are lost to most generators of clients, and so are alternatives without names.
#[test]
fn an_alternative_is_a_reference_and_told_apart_by_a_word_of_its_own() {
    let document = document();
    let mut unions = 0;
    each_schema(&document, &mut |at, schema| {
        let alternatives = schema.get("oneOf").and_then(Value::as_array);
        let Some(alternatives) = alternatives else { return };
        let by = schema["discriminator"]["propertyName"].as_str().unwrap();
        let mapping = schema["discriminator"]["mapping"].as_object().unwrap();
        assert_eq!(mapping.len(), alternatives.len(), "{at}");
        for alternative in alternatives {
            assert_eq!(alternative.as_object().unwrap().len(), 1, "{at}");
            let own = document.pointer(alternative["$ref"].as_str().unwrap().strip_prefix('#').unwrap()).unwrap();
            let [word] = own["properties"][by]["enum"].as_array().unwrap().as_slice() else { panic!("{at}: {own}") };
            assert_eq!(mapping[word.as_str().unwrap()], alternative["$ref"], "{at}");
        }
        unions += 1;
    });
    assert!(unions > Route::ALL.len());
    let analysis = &document["components"]["schemas"]["SpecificAnalysis"];
    assert_eq!(analysis["discriminator"]["propertyName"], "kind");
}

/// A field with a default counts as one that is always there.
#[test]
fn no_field_of_a_request_has_a_default_but_its_description_says_it() {
    let document = document();
    each_schema(&document, &mut |at, schema| {
        assert!(!schema.contains_key("default") || at.starts_with("/components/parameters/"), "{at}");
    });
    let sound = &document["components"]["schemas"]["CreateAgentRequest"]["properties"]["backgroundSound"];
    assert!(sound["description"].as_str().unwrap().ends_with(" Default: `OFFICE`."), "{sound}");
}

#[test]
fn a_date_or_an_instant_is_one_string() {
    let document = document();
    let schema = validator(&document, "/components/schemas/NewCandidate/properties/gdprExpiryDate");
    for (text, expected) in [
        ("2030-12-31", true),
        ("2030-12-31T23:59:59Z", true),
        ("2030-12-31T23:59:59.123456+02:00", true),
        ("2030-13-01", false),
        ("2030-12-32", false),
        ("2030-12-31T24:00:00Z", false),
        ("2030-12-31T23:59:60Z", false),
        ("2030-12-31T23:59:59", false),
        ("2030-12-31T", false),
        (" 2030-12-31", false),
    ] {
        assert_eq!(schema.is_valid(&Value::from(text)), expected, "{text}");
    }
    let schema = &document["components"]["schemas"]["NewCandidate"]["properties"]["gdprExpiryDate"];
    assert_eq!(schema["type"], "string");
    assert!(["anyOf", "oneOf", "format"].iter().all(|keyword| schema.get(*keyword).is_none()), "{schema}");
}

/// YAML 1.2 ends a list in brackets that begins below its key where a line is not deeper than the key.
#[test]
fn no_bracket_stands_in_the_column_of_its_key() {
    let text = openapi::yaml().unwrap();
    let mut key_indent = None;
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        if let Some(key) = key_indent {
            assert!(indent > key, "{line:?}");
        }
        if line.ends_with(": [") {
            key_indent = Some(indent);
        } else if line.trim_start().starts_with(']') {
            key_indent = None;
        }
    }
    assert!(key_indent.is_none() && text.contains(": [\n"));
}

#[test]
fn every_constant_is_filled_in() {
    assert!(!openapi::yaml().unwrap().contains("{{"));
}

#[test]
fn every_route_is_described_and_no_other() {
    let document = document();
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().unwrap().keys().map(|method| (path.clone(), method.to_uppercase()))
        })
        .collect();
    let routes: BTreeSet<(String, String)> =
        Route::ALL.iter().map(|route| (route.entry().path.to_owned(), route.entry().method.to_owned())).collect();
    assert_eq!(described, routes);
}

#[test]
fn every_error_code_has_its_status_and_an_example() {
    let document = document();
    let mut found = BTreeSet::new();
    walk(&document, "", &mut |at, value| {
        let Some(examples) = value.pointer("/content/application~1problem+json/examples").and_then(Value::as_object)
        else {
            return;
        };
        for (code, example) in examples {
            assert_eq!(example["value"]["code"], Value::from(code.as_str()), "{at}");
            let status = example["value"]["status"].to_string();
            assert!(
                at.ends_with(&format!("/responses/{status}")) || at.starts_with("/components/responses/"),
                "{at}: {status}"
            );
            found.insert(code.clone());
        }
    });
    let all: BTreeSet<String> = ErrorCode::ALL.iter().map(|code| code.as_str().to_owned()).collect();
    assert_eq!(found, all);
}

#[test]
fn only_what_may_be_repeated_says_when() {
    let document = document();
    for route in Route::ALL {
        let responses = &document["paths"][route.entry().path][route.entry().method.to_lowercase()]["responses"];
        for (status, response) in responses.as_object().unwrap() {
            let has = |header: &str| response["headers"].get(header).is_some();
            assert_eq!(has("Retry-After"), matches!(status.as_str(), "429" | "503"), "{status}");
            assert_eq!(has("WWW-Authenticate"), status == "401", "{status}");
            assert_eq!(has("Location"), status == "201", "{status}");
            assert!(has("X-Request-Id"), "{status}");
            assert_eq!(has("X-RateLimit-Remaining-Hour"), !matches!(status.as_str(), "401" | "508"), "{status}");
        }
    }
}

#[test]
fn what_may_hold_a_secret_is_not_to_be_kept() {
    let document = document();
    for route in Route::ALL {
        let responses = &document["paths"][route.entry().path][route.entry().method.to_lowercase()]["responses"];
        for (status, response) in responses.as_object().unwrap() {
            let examples = response["content"].get("application/json").map(|content| content["examples"].to_string());
            let shows_one = examples.is_some_and(|examples| examples.contains("whsec_"));
            assert_eq!(response["headers"].get("Cache-Control").is_some(), shows_one, "{} {status}", route.entry().key);
        }
    }
}

#[test]
fn every_operation_is_called_as_its_route_and_names_its_scope() {
    let document = document();
    for route in Route::ALL {
        let operation = &document["paths"][route.entry().path][route.entry().method.to_lowercase()];
        let mut id = String::new();
        for letter in format!("{route:?}").chars() {
            if letter.is_ascii_uppercase() && !id.is_empty() {
                id.push('_');
            }
            id.push(letter.to_ascii_lowercase());
        }
        assert_eq!(operation["operationId"], Value::from(id), "{}", route.entry().key);
        let scope = format!("Needs the scope `{}`", route.entry().scope);
        assert!(operation["description"].as_str().unwrap().starts_with(&scope), "{} {scope}", route.entry().key);
    }
}

/// Each operation on a thing is a link of the answer that created the thing, and gets from there every parameter that it
/// must have.
#[test]
fn every_operation_that_creates_links_to_the_operations_on_what_it_created() {
    let document = document();
    let resolved = |value: &Value| match value["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap().clone(),
        None => value.clone(),
    };
    let mut creates = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for operation in operations.as_object().unwrap().values() {
            let created = &operation["responses"]["201"];
            if created.is_null() {
                assert!(
                    operation["responses"].as_object().unwrap().values().all(|answer| answer.get("links").is_none())
                );
                continue;
            }
            creates += 1;
            let on_it = document["paths"][format!("{path}/{{id}}")].as_object().unwrap();
            let expected: BTreeSet<&str> =
                on_it.values().map(|operation| operation["operationId"].as_str().unwrap()).collect();
            let links = created["links"].as_object().unwrap();
            assert_eq!(links.keys().map(String::as_str).collect::<BTreeSet<_>>(), expected, "{path}");
            let shown = resolved(&created["content"]["application/json"]["schema"]);
            for (name, link) in links {
                assert_eq!(link["operationId"], Value::from(name.as_str()));
                let target = on_it.values().find(|target| target["operationId"] == link["operationId"]).unwrap();
                let takes: Vec<Value> = target["parameters"].as_array().unwrap().iter().map(resolved).collect();
                let given = link["parameters"].as_object().unwrap();
                for parameter in &takes {
                    let is_given = given.contains_key(parameter["name"].as_str().unwrap());
                    assert!(is_given || parameter["required"] != true, "{name} lacks {}", parameter["name"]);
                }
                for (parameter, source) in given {
                    assert!(
                        takes.iter().any(|taken| taken["name"] == parameter.as_str()),
                        "{name} takes no {parameter}"
                    );
                    let source = source.as_str().unwrap();
                    let is_there = match source.rsplit_once(['/', '.']).unwrap() {
                        ("$response.body#", member) => shown["properties"].get(member).is_some(),
                        ("$response.header", header) => created["headers"].get(header).is_some(),
                        ("$request.query", parameter) => operation["parameters"]
                            .as_array()
                            .unwrap()
                            .iter()
                            .map(resolved)
                            .any(|own| own["name"] == parameter && own["in"] == "query"),
                        other => panic!("{name}: {other:?}"),
                    };
                    assert!(is_there, "{name}: {source}");
                }
                let changes = target["parameters"].to_string().contains("/If-Match");
                assert_eq!(given.contains_key("If-Match"), changes, "{name} rests on what was created");
            }
        }
    }
    assert!(creates >= 5, "agents, candidates, jobs, interviews, webhooks");
}

#[test]
fn only_routes_for_systems_ask_for_a_system_s_key() {
    let document = document();
    assert_eq!(document["security"], serde_json::json!([{"apiKey": []}]));
    for route in Route::ALL {
        let operation = &document["paths"][route.entry().path][route.entry().method.to_lowercase()];
        let expected = match route.entry().acts_for {
            ActsFor::Company | ActsFor::Owner | ActsFor::Companies => None,
            ActsFor::Ats => Some(serde_json::json!([{"systemKey": []}])),
        };
        assert_eq!(operation.get("security"), expected.as_ref(), "{}", route.entry().key);
    }
}

#[test]
fn every_segment_in_braces_is_a_parameter() {
    let document = document();
    for route in Route::ALL {
        let parameters = &document["paths"][route.entry().path][route.entry().method.to_lowercase()]["parameters"];
        let in_path = parameters.as_array().into_iter().flatten().filter(|parameter| parameter["in"] == "path");
        let named: Vec<&str> = in_path.map(|parameter| parameter["name"].as_str().unwrap()).collect();
        let braces: Vec<&str> = route.parameters(route.entry().path).into_iter().map(|(name, _)| name).collect();
        assert_eq!(named, braces, "{}", route.entry().key);
    }
}

#[test]
fn every_query_parameter_is_documented_and_no_other() {
    let document = document();
    for route in Route::ALL {
        let parameters = &document["paths"][route.entry().path][route.entry().method.to_lowercase()]["parameters"];
        let named = parameters.as_array().into_iter().flatten().map(|parameter| match parameter["$ref"].as_str() {
            Some(reference) => document.pointer(reference.trim_start_matches('#')).expect(reference),
            None => parameter,
        });
        let in_query = named.filter(|parameter| parameter["in"] == "query");
        let mut documented: Vec<&str> = in_query.map(|parameter| parameter["name"].as_str().unwrap()).collect();
        documented.sort_unstable();
        // Elsewhere `companyId` is taken and ignored.
        let company = match route.entry().acts_for {
            ActsFor::Company | ActsFor::Companies => &["companyId"][..],
            ActsFor::Owner | ActsFor::Ats => &[],
        };
        let mut taken = [company, route.entry().query].concat();
        taken.sort_unstable();
        assert_eq!(documented, taken, "{}", route.entry().key);
    }
}

#[test]
fn every_event_is_described_and_what_is_posted_keeps_its_schema() {
    let document = document();
    let webhooks = document["webhooks"].as_object().unwrap();
    let events: BTreeSet<&str> = EventType::ACCEPTED.iter().map(|event| event.as_str()).collect();
    assert_eq!(webhooks.keys().map(String::as_str).collect::<BTreeSet<_>>(), events);
    for event in &events {
        let content = format!("/webhooks/{event}/post/requestBody/content/application~1json");
        let example = document.pointer(&format!("{content}/examples/{event}/value")).unwrap();
        assert_eq!(example["event"], Value::from(*event));
        for other in &events {
            let schema =
                validator(&document, &format!("/webhooks/{other}/post/requestBody/content/application~1json/schema"));
            assert_eq!(schema.is_valid(example), event == other, "{event} {other}");
        }
        let schema = validator(&document, &format!("{content}/schema"));
        for member in ["event", "timestamp", "deliveryId", "data"] {
            let mut without = example.clone();
            without.as_object_mut().unwrap().remove(member).unwrap();
            assert!(!schema.is_valid(&without), "{event} without {member}");
        }
        let analysed = example["data"].get("analysis").is_some();
        assert_eq!(analysed, *event == "analysis.completed");
    }
}

#[test]
fn the_pattern_of_idempotency_keys_is_what_is_checked() {
    let schema = validator(&document(), "/components/parameters/Idempotency-Key/schema");
    let longest = "k".repeat(255);
    let accepted = [
        "k",
        "order-17",
        "a\"b",
        "a\\b",
        "~!",
        "\\",
        "\"k\"",
        "\"k,k\"",
        "a-b",
        "+a.",
        "-",
        r#""a\"b\\""#,
        r#""\\""#,
        &longest,
        &format!("\"{longest}\""),
        &format!("\"{}\"", r#"\""#.repeat(255)),
    ];
    let refused = [
        "",
        "\"",
        "\"\"",
        "k,k",
        "k,",
        ",k",
        "\"k\",\"k\"",
        "a b",
        "\"a b\"",
        " a",
        "ž",
        "\u{7f}",
        "\"a",
        "\"a\"b",
        "\"a\"b\"",
        r#""\n""#,
        r#""a\""#,
        &format!("{longest}k"),
        &format!("\"{longest}k\""),
    ];
    for (keys, expected) in [(&accepted[..], true), (&refused[..], false)] {
        for key in keys {
            assert_eq!(IdempotencyKey::parse(key).is_some(), expected, "check of {key}");
            assert_eq!(schema.is_valid(&Value::from(*key)), expected, "pattern of {key}");
        }
    }
}
