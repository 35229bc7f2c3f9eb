//! Versions of a resource as callers see them: entity tags, and the conditions that name them (RFC 9110, sections 8.8.3
//! and 13.1).

use domain::idempotency::Fingerprint;
use lambda_http::http::HeaderValue;
use lambda_http::http::header::GetAll;
use serde::Serialize;

use crate::problem::Problem;

/// Hexadecimal digits of a tag: 128 bits, so that no two representations of a resource ever share one by chance.
const DIGITS: usize = 32;

/// A resource as an answer shows it, alone.
pub trait Representation: Serialize {
    /// The tag of this representation. Overridden where a member is shown that is no part of the version.
    fn etag(&self) -> Result<ETag, Problem> {
        ETag::of(&self)
    }
}

/// The strong entity tag of a representation: a hash of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    /// The tag of what is shown.
    pub fn of(shown: &impl Serialize) -> Result<Self, Problem> {
        let hash = Fingerprint::of(shown).map_err(Problem::internal)?;
        Ok(Self(hash.as_str().get(..DIGITS).unwrap_or_default().to_owned()))
    }

    /// The tag with its quotes, as the header has it.
    pub fn to_header(&self) -> String {
        format!("\"{}\"", self.0)
    }

    /// True if a caller that sends these values of `If-None-Match` knows the representation. Values that are no list of
    /// tags name none.
    pub(crate) fn is_known_by(&self, if_none_match: GetAll<'_, HeaderValue>) -> bool {
        match Tags::parse(if_none_match) {
            Some(Tags::Any) => true,
            Some(Tags::Listed(tags)) => tags.iter().any(|tag| tag.opaque == self.0.as_bytes()),
            None => false,
        }
    }
}

/// The condition of `If-Match`: the versions on which a change rests. Without the header, any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IfMatch(Option<Tags>);

impl IfMatch {
    /// The condition of a header's values; none if they are no list of tags.
    pub fn parse(values: GetAll<'_, HeaderValue>) -> Option<Self> {
        if values.iter().next().is_none() { Some(Self(None)) } else { Tags::parse(values).map(|tags| Self(Some(tags))) }
    }

    /// True if the condition names versions, so that the resource as it stands has to be known for it.
    pub fn names_versions(&self) -> bool {
        matches!(self.0, Some(Tags::Listed(_)))
    }

    /// Nothing, if the resource as it stands is one of the versions.
    ///
    /// # Errors
    /// 412 if it is another one.
    pub fn check(&self, current: &impl Representation) -> Result<(), Problem> {
        let Some(Tags::Listed(tags)) = &self.0 else { return Ok(()) };
        let current = current.etag()?;
        let is_same = |tag: &Tag| !tag.is_weak && tag.opaque == current.0.as_bytes();
        if tags.iter().any(is_same) { Ok(()) } else { Err(Problem::precondition_failed()) }
    }
}

/// The value of a header that names versions.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Tags {
    /// `*`: any version.
    Any,
    /// Tags, strong and weak.
    Listed(Vec<Tag>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Tag {
    is_weak: bool,
    opaque: Vec<u8>,
}

impl Tags {
    /// Reads the values of a header that may be given several times. Empty members of a list count as none.
    fn parse(values: GetAll<'_, HeaderValue>) -> Option<Self> {
        let values: Vec<&[u8]> = values.iter().map(|value| value.as_bytes().trim_ascii()).collect();
        if values.as_slice() == [b"*"] {
            return Some(Self::Any);
        }
        let mut tags = Vec::new();
        for value in values {
            let mut rest = value;
            while !rest.is_empty() {
                if let Some(after) = rest.strip_prefix(b",") {
                    rest = after.trim_ascii_start();
                    continue;
                }
                let (tag, after) = Tag::parse(rest)?;
                tags.push(tag);
                rest = after.trim_ascii_start();
                if !rest.is_empty() && !rest.starts_with(b",") {
                    return None;
                }
            }
        }
        (!tags.is_empty()).then_some(Self::Listed(tags))
    }
}

impl Tag {
    /// The tag at the beginning of a text, and what comes after it.
    fn parse(text: &[u8]) -> Option<(Self, &[u8])> {
        let (is_weak, text) = text.strip_prefix(b"W/").map_or((false, text), |rest| (true, rest));
        let quoted = text.strip_prefix(b"\"")?;
        let end = quoted.iter().position(|byte| *byte == b'"')?;
        let (opaque, after) = quoted.split_at(end);
        let is_tag = opaque.iter().all(|byte| *byte == 0x21 || (0x23..=0x7e).contains(byte) || *byte >= 0x80);
        is_tag.then(|| (Self { is_weak, opaque: opaque.to_vec() }, &after[1..]))
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::http::HeaderMap;
    use lambda_http::http::header::IF_MATCH;

    use super::*;

    #[derive(Serialize)]
    struct Shown(u8);

    impl Representation for Shown {}

    fn headers(values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (IF_MATCH, HeaderValue::from_bytes(value.as_bytes()).unwrap())).collect()
    }

    #[test]
    fn a_tag_is_the_same_for_the_same_and_another_for_another() {
        let tag = Shown(1).etag().unwrap();
        assert_eq!(tag, Shown(1).etag().unwrap());
        assert_ne!(tag, Shown(2).etag().unwrap());
        assert_eq!(tag.to_header().len(), DIGITS + 2);
        assert!(tag.to_header().starts_with('"') && tag.to_header().ends_with('"'));
    }

    #[test]
    fn a_change_compares_strongly_and_a_read_weakly() {
        let tag = Shown(1).etag().unwrap().to_header();
        let weak = format!("W/{tag}");
        let listed = format!("\"a,b\" , ,W/\"c\",{tag}");
        let old = Shown(2).etag().unwrap().to_header();
        // Values, whether a change under them goes on, and whether a read under them has nothing new.
        let table: [(&[&str], bool, bool); 9] = [
            (&[], true, false),
            (&["*"], true, true),
            (&[" * "], true, true),
            (&[&tag], true, true),
            (&[&weak], false, true),
            (&[&old], false, false),
            (&[&listed], true, true),
            (&[&old, &tag], true, true),
            (&["\"\""], false, false),
        ];
        for (values, changes, is_known) in table {
            let headers = headers(values);
            let condition = IfMatch::parse(headers.get_all(IF_MATCH)).unwrap_or_else(|| panic!("{values:?}"));
            assert_eq!(condition.check(&Shown(1)).is_ok(), changes, "{values:?}");
            assert_eq!(Shown(1).etag().unwrap().is_known_by(headers.get_all(IF_MATCH)), is_known, "{values:?}");
        }
    }

    #[test]
    fn what_is_no_list_of_tags_is_refused_by_a_change_and_means_nothing_to_a_read() {
        let bare = Shown(1).etag().unwrap().0;
        let joined = format!("\"{bare}\" \"{bare}\"");
        for value in ["", ",", &bare, "\"a", "a\"", "w/\"a\"", "W/a", "*, \"a\"", "\"a\", *", "**", &joined, "\"a b\""]
        {
            let headers = headers(&[value]);
            assert_eq!(IfMatch::parse(headers.get_all(IF_MATCH)), None, "{value}");
            assert!(!Shown(1).etag().unwrap().is_known_by(headers.get_all(IF_MATCH)), "{value}");
        }
    }
}
