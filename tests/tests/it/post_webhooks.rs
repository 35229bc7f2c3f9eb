//! `POST /webhooks`.

pub mod status_201;
pub mod status_400;
pub mod status_401;
pub mod status_403;
pub mod status_404;
pub mod status_409;
pub mod status_413;
pub mod status_415;
pub mod status_422;
pub mod status_500;
pub mod status_503;
