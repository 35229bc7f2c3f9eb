//! `PATCH /companies/{id}`.

tests_of!(ChangeCompany: any, body, managed, change);

pub mod status_200;
pub mod status_400;
