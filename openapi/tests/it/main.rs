//! The OpenAPI document is current, sound and complete, and so is the page on errors.

mod conductor;
mod document;
mod errors_page;
mod examples;
