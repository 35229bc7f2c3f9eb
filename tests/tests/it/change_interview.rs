//! `PATCH /interviews/{id}`.

tests_of!(ChangeInterview: any, body, named, change);

pub mod status_200;
pub mod status_400;
pub mod status_409;
