//! `DELETE /webhooks/{id}`.

tests_of!(DeleteWebhook: any, named);

pub mod status_204;
