//! `POST /webhooks/{id}/test`.

tests_of!(TestWebhook: any, named);

pub mod status_200;
