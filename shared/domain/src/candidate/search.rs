//! Searching candidates by the beginning of a name or of the e-mail address, whatever its case and accents.

use icu_normalizer::DecomposingNormalizer;
use serde::Serialize;
use unicase::UniCase;

use crate::Violation;
use crate::candidate::CandidateProfile;
use crate::text::is_mark;

/// Most characters of a search, as it is compared: as many as a name may have.
pub const SEARCH_MAX_CHARACTERS: usize = 100;

/// A field that searches look at, in the order of what they find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SearchedField {
    FirstName,
    LastName,
    Email,
}

impl SearchedField {
    /// All fields, in their order.
    pub const ALL: [Self; 3] = [Self::FirstName, Self::LastName, Self::Email];
}

/// A text as searches compare it: decomposed by compatibility (NFKD), without marks, then case folded in full.
pub fn folded(text: &str) -> String {
    let decomposed = DecomposingNormalizer::new_nfkd().normalize_iter(text.chars());
    let plain: String = decomposed.filter(|c| !is_mark(*c)).collect();
    UniCase::new(plain).to_folded_case()
}

impl CandidateProfile {
    /// The text of a field as searches compare it, if the candidate has it.
    pub fn searched(&self, field: SearchedField) -> Option<String> {
        let text = match field {
            SearchedField::FirstName => Some(self.first_name.as_str()),
            SearchedField::LastName => Some(self.last_name.as_str()),
            SearchedField::Email => self.email.as_ref().map(|email| email.as_str()),
        };
        text.map(folded)
    }
}

/// The beginning of a name or an e-mail address that is searched for: 1 to [`SEARCH_MAX_CHARACTERS`] characters, as it is
/// compared, and not only white space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CandidateSearch(String);

impl CandidateSearch {
    /// Accepts the text, unless nothing of it is compared, or too much.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let folded = folded(text);
        match folded.chars().count() {
            1..=SEARCH_MAX_CHARACTERS if !folded.trim().is_empty() => Ok(Self(folded)),
            _ => Err(Violation::new(
                "search",
                format!(
                    "must have 1 to {SEARCH_MAX_CHARACTERS} characters, accents not counted, and not only white space"
                ),
            )),
        }
    }

    /// The text as it is compared.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first field of a candidate that begins so, and its text as it is compared.
    pub fn first_match(&self, profile: &CandidateProfile) -> Option<(SearchedField, String)> {
        let matching =
            |field| profile.searched(field).filter(|text| text.starts_with(&self.0)).map(|text| (field, text));
        SearchedField::ALL.into_iter().find_map(matching)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::Email;
    use crate::text::SingleLine;
    use crate::violation::broken;

    #[test]
    fn case_and_accents_are_ignored() {
        for (text, expected) in [
            ("Zuzana Nováková", "zuzana novakova"),
            // Composed and decomposed, the Ångström sign, marks in any number.
            ("\u{c5}", "a"),
            ("A\u{30a}", "a"),
            ("\u{212b}", "a"),
            ("e\u{301}\u{323}", "e"),
            ("Đorđe", "đorđe"),
            ("Łukasz", "łukasz"),
            ("Straße", "strasse"),
            ("STRASSE", "strasse"),
            ("\u{1e9e}", "ss"),
            ("\u{130}stanbul", "istanbul"),
            ("IŞIK", "isik"),
            ("ışık", "ısık"),
            ("\u{fb01}ona", "fiona"),
            ("\u{fb03}", "ffi"),
            ("\u{149}", "ʼn"),
            ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
            ("Σίσυφος", "σισυφοσ"),
            ("\u{1fb3}", "α"),
            ("ЁЛКА", "елка"),
            ("Йосиф", "иосиф"),
            ("김", "\u{1100}\u{1175}\u{11b7}"),
            ("\u{1100}\u{1175}\u{11b7}", "\u{1100}\u{1175}\u{11b7}"),
            ("ガ", "カ"),
            ("\u{ff76}\u{ff9e}", "カ"),
            ("Ａｎｎａ", "anna"),
            ("①²", "12"),
            ("שָׁלוֹם", "שלום"),
            ("مُحَمَّد", "محمد"),
            ("de la Cruz", "de la cruz"),
            (" a", " a"),
            ("\u{a0}a", " a"),
            ("李", "李"),
            ("\u{301}", ""),
            ("\u{ff9e}", ""),
        ] {
            assert_eq!(folded(text), expected, "{text:?}");
        }
    }

    /// A folded text stays as it is when it is folded again, so its beginning finds it.
    #[test]
    fn folding_each_character_twice_is_folding_it_once() {
        let normalizer = DecomposingNormalizer::new_nfkd();
        for c in '\0'..=char::MAX {
            let once = folded(&c.to_string());
            assert_eq!(folded(&once), once, "{c:?}");
            assert!(normalizer.is_normalized(&once) && !once.chars().any(is_mark), "{c:?} {once:?}");
        }
    }

    #[test]
    fn a_search_has_1_to_100_characters_as_they_are_compared() {
        for refused in ["", " ", "\u{3000}\u{a0}", "\u{301}\u{323}", &"a".repeat(101), &"ß".repeat(51)] {
            assert_eq!(broken(CandidateSearch::parse(refused)), Some("search"), "{refused:?}");
        }
        for accepted in ["a", " a ", "#", &"a".repeat(100), &"ß".repeat(50), &"e\u{301}".repeat(100)] {
            assert!(CandidateSearch::parse(accepted).is_ok(), "{accepted:?}");
        }
    }

    fn profile(first: &str, last: &str, email: Option<&str>) -> CandidateProfile {
        CandidateProfile {
            first_name: SingleLine::parse(first).unwrap(),
            last_name: SingleLine::parse(last).unwrap(),
            gdpr_expiry_date: "2030-12-31".parse().unwrap(),
            email: email.map(|email| Email::parse(email).unwrap()),
            phone_number: None,
            metadata: None,
        }
    }

    #[test]
    fn the_first_field_that_begins_so_is_found() {
        let anna = profile("Anna", "de la Cruz", Some("cruz@example.com"));
        let found = |text: &str| CandidateSearch::parse(text).unwrap().first_match(&anna).map(|(field, _)| field);
        assert_eq!(found("ANN"), Some(SearchedField::FirstName));
        assert_eq!(found("de la"), Some(SearchedField::LastName));
        assert_eq!(found("Cruz"), Some(SearchedField::Email));
        assert_eq!(found("anna d"), None);
        assert_eq!(found("nna"), None);
        let named_twice = profile("Anna", "Anna", Some("anna@example.com"));
        let search = CandidateSearch::parse("anna").unwrap();
        assert_eq!(search.first_match(&named_twice), Some((SearchedField::FirstName, "anna".to_owned())));
        assert_eq!(
            search.first_match(&profile("Eva", "Anna", None)),
            Some((SearchedField::LastName, "anna".to_owned()))
        );
    }
}
