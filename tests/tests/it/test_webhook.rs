//! `POST /webhooks/{id}/test`.

tests_of!(TestWebhook: any, named);

pub mod slow;
pub mod status_200;
pub mod status_429;
