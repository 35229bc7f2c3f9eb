//! `POST /webhooks/{id}/test`.

pub mod status_200;
pub mod status_400;
pub mod status_401;
pub mod status_403;
pub mod status_404;
pub mod status_500;
pub mod status_503;
