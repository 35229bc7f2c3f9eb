//! The error of a program that lacks a setting to start.

use std::error::Error;
use std::fmt;

/// A missing or unusable setting.
#[derive(Debug)]
pub struct ConfigurationError {
    text: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl ConfigurationError {
    /// An error that names the setting and what is wrong with it.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), source: None }
    }

    /// The same, with its cause.
    pub fn because(self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..self }
    }
}

impl fmt::Display for ConfigurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for ConfigurationError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
