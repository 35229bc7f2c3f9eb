//! `GET /webhooks/{id}/deliveries`.

tests_of!(ListDeliveries: any, named);

pub mod status_200;
pub mod status_400;
