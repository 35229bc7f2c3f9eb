//! `DELETE /webhooks/{id}`.

tests_of!(DeleteWebhook: any, named, change);

pub mod status_204;
