//! `PATCH /candidates/{id}`.

tests_of!(ChangeCandidate: any, body, named, change);

pub mod at_once;
pub mod status_200;
pub mod status_400;
pub mod status_403;
