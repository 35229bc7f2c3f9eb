//! `PATCH /companies/{id}`.

tests_of!(ChangeCompany: any, body, named, change);

pub mod status_200;
pub mod status_400;
