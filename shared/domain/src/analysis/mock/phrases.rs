//! The words of a mock interview, in every language of an agent.
//!
//! They are data, in `phrases.json`. Questions address the candidate formally where the language does so in interviews,
//! and no sentence gives away whether its speaker or the one addressed is a woman or a man.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::agent::{Focus, Language};

/// The phrases by language. None at all if the file could not be read, which a test rules out.
static PHRASES: LazyLock<BTreeMap<Language, Phrases>> = LazyLock::new(|| parse().unwrap_or_default());

fn parse() -> serde_json::Result<BTreeMap<Language, Phrases>> {
    serde_json::from_str(include_str!("phrases.json"))
}

/// The words of an interview in one language.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Phrases {
    /// The agent's first words.
    pub greeting: &'static str,
    /// The question of a GENERIC agent that was given none.
    pub generic: &'static str,
    /// The question of a SCREENING agent that was given none.
    pub screening: &'static str,
    /// The question of an OUTREACH agent that was given none.
    pub outreach: &'static str,
    /// The question of a LANGUAGE_TEST agent that was given none.
    pub language_test: &'static str,
    /// The candidate's words, whatever the question.
    #[serde(borrow)]
    pub answers: [&'static str; 3],
    /// The agent's last words.
    pub thanks: &'static str,
}

impl Phrases {
    /// The question of an agent of that focus that was given none.
    pub fn opening(&self, focus: Focus) -> &'static str {
        match focus {
            Focus::Generic => self.generic,
            Focus::Screening => self.screening,
            Focus::Outreach => self.outreach,
            Focus::LanguageTest => self.language_test,
        }
    }

    /// The phrases of a language, or the English ones where it has none.
    pub fn of(language: Language) -> Option<&'static Self> {
        PHRASES.get(&language).or_else(|| PHRASES.get(&Language::En))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StringEnum;

    #[test]
    fn the_file_has_every_language_and_a_question_for_every_focus() {
        let parsed = parse().unwrap();
        assert!(parsed.keys().eq(Language::ACCEPTED.iter().collect::<std::collections::BTreeSet<_>>()));
        for (language, phrases) in &parsed {
            for &focus in Focus::ACCEPTED {
                assert!(!phrases.opening(focus).is_empty(), "{language} {focus}");
            }
            assert_eq!(Phrases::of(*language).unwrap().greeting, phrases.greeting);
        }
        assert_eq!(Phrases::of(Language::Undefined).unwrap().greeting, parsed[&Language::En].greeting);
    }
}
