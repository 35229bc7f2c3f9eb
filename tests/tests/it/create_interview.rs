//! `POST /interviews`.

tests_of!(CreateInterview: any, body, create, company);

pub mod allowance;
pub mod isolation;
pub mod repeats;
pub mod status_201;
pub mod status_400;
pub mod status_402;
pub mod status_422;
pub mod status_429;
pub mod test_mode;
pub mod which_job;
