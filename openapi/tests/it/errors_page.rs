//! `docs/errors.md` has a section for every code.

use api::{BODY_MAX_BYTES, ErrorCode};
use domain::PLACES_MAX_BYTES;
use domain::StringEnum as _;
use domain::candidate::CANDIDATE_JOBS_MAX;
use domain::delivery::DELIVERY_KEPT_DAYS;
use domain::resource::ResourceType;
use domain::webhook::{LIVE_SECRETS_MAX, WEBHOOKS_MAX};
use validation::{ISSUES_MAX, SUGGESTIONS_MAX};

const PAGE: &str = include_str!("../../../docs/errors.md");

/// The headings that are codes, with the text below each.
fn sections() -> Vec<(&'static str, &'static str)> {
    let sections = PAGE.split("\n## ").skip(1).filter_map(|section| section.split_once('\n'));
    sections.filter(|(heading, _)| !heading.contains(' ')).collect()
}

#[test]
fn every_code_has_its_section_in_their_order() {
    let documented: Vec<&str> = sections().into_iter().map(|(code, _)| code).collect();
    let codes: Vec<&str> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(documented, codes);
}

#[test]
fn every_section_says_status_meaning_and_what_to_do() {
    for ((code, text), expected) in sections().into_iter().zip(ErrorCode::ALL) {
        assert!(text.starts_with(&format!("\n{}", expected.status().as_u16())), "{code} begins with its status");
        for part in ["\n**Meaning.** ", "\n**The caller** ", "\n**The operator** "] {
            assert_eq!(text.matches(part).count(), 1, "{code} says {}", part.trim());
        }
    }
}

#[test]
fn every_detail_of_the_schemas_is_named() {
    let document = crate::document::document();
    for ((code, text), variant) in sections().into_iter().zip(ErrorCode::ALL) {
        let schema = &document["components"]["schemas"][format!("{variant:?}Problem")];
        for name in schema["properties"].as_object().unwrap().keys() {
            let is_common = document["components"]["schemas"]["ProblemDocument"]["properties"].get(name).is_some();
            assert!(is_common || text.contains(&format!("`{name}`")), "{code} names {name}");
        }
    }
}

#[test]
fn the_numbers_are_those_of_the_code() {
    assert!(PAGE.contains(&format!("more than {} KiB", BODY_MAX_BYTES / 1024)));
    assert_eq!((ISSUES_MAX, CANDIDATE_JOBS_MAX), (1_000, 1_000));
    assert_eq!((PLACES_MAX_BYTES, SUGGESTIONS_MAX), (256 * 1024, 10));
    assert!(PAGE.contains("more than 256 KiB)") && PAGE.contains("the first 10 unknown fields"));
    assert!(PAGE.contains("the\nfirst 1,000") && PAGE.contains("at most 1,000 jobs"));
    assert!(
        PAGE.contains(&format!("system ({WEBHOOKS_MAX})")) && PAGE.contains(&format!("at a time ({LIVE_SECRETS_MAX})"))
    );
    assert!(PAGE.contains(&format!("forgotten {DELIVERY_KEPT_DAYS} days after")));
}

#[test]
fn every_type_of_resource_is_named() {
    for r#type in ResourceType::ACCEPTED {
        assert!(PAGE.contains(r#type.as_str()), "{}", r#type);
    }
}
