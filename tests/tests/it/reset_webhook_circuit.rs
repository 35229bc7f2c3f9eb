//! `POST /webhooks/{id}/reset-circuit`.

tests_of!(ResetWebhookCircuit: any, named);

pub mod status_200;
