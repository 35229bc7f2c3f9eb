//! `POST /webhooks/{id}/rotate-secret`.

tests_of!(RotateWebhookSecret: any, named, change);

pub mod status_200;
pub mod status_409;
pub mod status_503;
