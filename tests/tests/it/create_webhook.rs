//! `POST /webhooks`.

tests_of!(CreateWebhook: any, body, create);

pub mod status_201;
pub mod status_400;
pub mod status_403;
pub mod status_404;
pub mod status_409;
pub mod status_422;
pub mod status_503;
