//! `DELETE /webhooks/{id}`.

tests_of!(DeleteWebhook: any, webhook);

pub mod status_204;
