//! `DELETE /jobs/{id}`.

tests_of!(DeleteJob: any, named, change);

pub mod status_204;
