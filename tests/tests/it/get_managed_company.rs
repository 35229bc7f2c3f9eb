//! `GET /companies/{id}`.

tests_of!(GetManagedCompany: any, named, show, tenant);

pub mod status_200;
pub mod status_403;
