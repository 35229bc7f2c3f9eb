//! `POST /interviews`.

pub mod allowance;
pub mod isolation;
pub mod repeats;
pub mod status_201;
pub mod status_400;
pub mod status_401;
pub mod status_402;
pub mod status_403;
pub mod status_404;
pub mod status_413;
pub mod status_415;
pub mod status_422;
pub mod status_500;
pub mod status_503;
pub mod test_mode;
pub mod which_job;
