//! `GET /webhooks/{id}`.

tests_of!(GetWebhook: any, named, show);

pub mod status_200;
