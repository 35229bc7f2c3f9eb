//! `GET /webhooks/{id}`.

tests_of!(GetWebhook: any, named);

pub mod status_200;
