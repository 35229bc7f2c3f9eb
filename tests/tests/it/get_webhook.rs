//! `GET /webhooks/{id}`.

tests_of!(GetWebhook: any, named, show, tenant);

pub mod status_200;
