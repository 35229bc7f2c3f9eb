//! `POST /webhooks/{id}/deliveries/{deliveryId}/redeliver`.

tests_of!(Redeliver: any, named);

pub mod status_202;
pub mod status_503;
