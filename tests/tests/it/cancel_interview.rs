//! `POST /interviews/{id}/cancel`.

tests_of!(CancelInterview: any, named, change);

pub mod reservation;
pub mod status_200;
pub mod status_409;
