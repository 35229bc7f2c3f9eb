//! `DELETE /interviews/{id}`.

tests_of!(DeleteInterview: any, named, change);

pub mod status_204;
