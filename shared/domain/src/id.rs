//! Identifiers: a type for each kind of thing, so that one can't be taken for another.

use uuid::Uuid;

use crate::Violation;

/// Length of a hyphenated UUID in bytes. The other spellings that exist (braces, URN, no hyphens) are refused.
const HYPHENATED_LENGTH_BYTES: usize = 36;

/// The rule of ids is broken.
pub fn invalid_id() -> Violation {
    Violation::new("uuid", "must be a UUID, for example 3f2a8c1e-5b7d-4e9a-8c6f-1d2e3f4a5b6c")
}

/// Reads a hyphenated UUID in any case.
pub(crate) fn parse(text: &str) -> Result<Uuid, Violation> {
    let uuid = Uuid::try_parse(text).ok().filter(|_| text.len() == HYPHENATED_LENGTH_BYTES);
    uuid.ok_or_else(invalid_id)
}

/// Declares the id of one kind of thing.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
        #[serde(transparent)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// Wraps a UUID that was generated or derived for this kind.
            pub const fn new(uuid: uuid::Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID.
            pub const fn uuid(self) -> uuid::Uuid {
                self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::Violation;

            /// Reads any case.
            fn from_str(text: &str) -> Result<Self, $crate::Violation> {
                $crate::id::parse(text).map(Self)
            }
        }

        /// Lower case, hyphenated.
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.0, f)
            }
        }
    };
}
pub(crate) use id;

#[cfg(test)]
mod tests {
    use super::invalid_id;
    use crate::agent::AgentId;

    #[test]
    fn any_case_is_read_and_lower_case_written() {
        let id: AgentId = "3F2A8C1E-5B7D-4E9A-8C6F-1D2E3F4A5B6C".parse().unwrap();
        assert_eq!(id.to_string(), "3f2a8c1e-5b7d-4e9a-8c6f-1d2e3f4a5b6c");
    }

    #[test]
    fn other_spellings_of_a_uuid_are_refused() {
        for text in [
            "",
            "3f2a8c1e5b7d4e9a8c6f1d2e3f4a5b6c",
            "{3f2a8c1e-5b7d-4e9a-8c6f-1d2e3f4a5b6c}",
            "urn:uuid:3f2a8c1e-5b7d-4e9a-8c6f-1d2e3f4a5b6c",
            "3f2a8c1e-5b7d-4e9a-8c6f-1d2e3f4a5b6g",
            " f2a8c1e-5b7d-4e9a-8c6f-1d2e3f4a5b6c",
        ] {
            assert_eq!(text.parse::<AgentId>(), Err(invalid_id()), "{text}");
        }
    }
}
