//! `DELETE /candidates/{id}`.

tests_of!(DeleteCandidate: any, named, change);

pub mod status_204;
