//! `POST /interviews`.

mod allowance;
mod isolation;
mod repeats;
mod status_201;
mod status_400;
mod status_401;
mod status_402;
mod status_403;
mod status_404;
mod status_413;
mod status_415;
mod status_422;
mod status_500;
mod status_503;
mod test_mode;
mod which_job;
