//! `POST /agents`.

tests_of!(CreateAgent: any, body, create, company);

pub mod status_201;
pub mod status_400;
pub mod status_422;
