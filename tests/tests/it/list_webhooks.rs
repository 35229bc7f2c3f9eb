//! `GET /webhooks`.

tests_of!(ListWebhooks: any);

pub mod status_200;
