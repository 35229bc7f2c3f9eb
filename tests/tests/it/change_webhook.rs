//! `PATCH /webhooks/{id}`.

tests_of!(ChangeWebhook: any, body, named, change);

pub mod status_200;
pub mod status_400;
