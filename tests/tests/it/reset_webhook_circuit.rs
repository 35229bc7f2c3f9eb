//! `POST /webhooks/{id}/reset-circuit`.

tests_of!(ResetWebhookCircuit: any, webhook);

pub mod status_200;
