//! `POST /jobs`.

tests_of!(CreateJob: any, body, create, company);

pub mod status_201;
pub mod status_404;
pub mod status_422;
