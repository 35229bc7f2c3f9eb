//! `PATCH /jobs/{id}`.

tests_of!(ChangeJob: any, body, named, change);

pub mod status_200;
pub mod status_400;
