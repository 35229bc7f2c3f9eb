//! Enumerations whose values are upper-case words on the wire and in the table.

use crate::Violation;

/// An enumeration with one spelling for each value.
pub trait StringEnum: Sized + Copy + 'static {
    /// The values that a request may use, in the order in which documents list them.
    const ACCEPTED: &'static [Self];

    /// The value's one spelling.
    fn as_str(self) -> &'static str;

    /// Another spelling that requests may use, if there is one.
    fn alias(self) -> Option<String> {
        None
    }

    /// The value that a request may spell so. Case matters.
    fn parse(text: &str) -> Result<Self, Violation> {
        let spelled = |value: &Self| value.as_str() == text || value.alias().as_deref() == Some(text);
        Self::ACCEPTED.iter().copied().find(spelled).ok_or_else(|| {
            let words: Vec<&str> = Self::ACCEPTED.iter().map(|value| value.as_str()).collect();
            Violation::new("enum", format!("must be one of {}", words.join(", ")))
        })
    }
}

/// Declares an enumeration. Values after `stored only` exist in old data and are refused in requests; `alias` makes another
/// spelling of a word that requests may use.
macro_rules! string_enum {
    (
        $(#[$doc:meta])*
        pub enum $name:ident { $($(#[$value_doc:meta])* $value:ident = $text:literal),+ $(,)? }
        $(stored only { $($(#[$stored_doc:meta])* $stored:ident = $stored_text:literal),+ $(,)? })?
        $(alias |$word:ident| $alias:expr)?
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[allow(missing_docs, reason = "the words speak for themselves where they have no comment")]
        pub enum $name {
            $($(#[$value_doc])* #[serde(rename = $text)] $value,)+
            $($(
                $(#[$stored_doc])*
                #[serde(rename = $stored_text)]
                #[cfg_attr(feature = "schema", schemars(skip))]
                $stored,
            )+)?
        }

        impl $crate::StringEnum for $name {
            const ACCEPTED: &'static [Self] = &[$(Self::$value),+];

            fn as_str(self) -> &'static str {
                match self {
                    $(Self::$value => $text,)+
                    $($(Self::$stored => $stored_text,)+)?
                }
            }
            $(
                fn alias(self) -> Option<String> {
                    let $word = self.as_str();
                    Some($alias)
                }
            )?
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($crate::StringEnum::as_str(*self))
            }
        }
    };
}
pub(crate) use string_enum;
