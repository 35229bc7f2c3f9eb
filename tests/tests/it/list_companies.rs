//! `GET /companies`.

tests_of!(ListCompanies: any, pages);

pub mod status_200;
pub mod status_400;
pub mod status_403;
