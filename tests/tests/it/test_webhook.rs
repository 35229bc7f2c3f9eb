//! `POST /webhooks/{id}/test`.

tests_of!(TestWebhook: any, webhook);

pub mod status_200;
