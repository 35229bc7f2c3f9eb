//! `POST /webhooks/{id}/reset-circuit`.

tests_of!(ResetWebhookCircuit: any, named, change);

pub mod status_200;
