//! `POST /companies`.

tests_of!(CreateCompany: any, body, create);

pub mod status_201;
pub mod status_400;
pub mod status_403;
pub mod status_409;
pub mod status_422;
