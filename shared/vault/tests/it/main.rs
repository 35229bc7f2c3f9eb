//! Sealing and opening, with a KMS that can be watched.

mod failures;
mod kms;
mod sealing;
