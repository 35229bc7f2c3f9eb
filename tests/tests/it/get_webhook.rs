//! `GET /webhooks/{id}`.

tests_of!(GetWebhook: any, webhook);

pub mod status_200;
