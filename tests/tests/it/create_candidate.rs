//! `POST /candidates`.

tests_of!(CreateCandidate: any, body, create, company);

pub mod status_201;
pub mod status_400;
pub mod status_403;
pub mod status_422;
