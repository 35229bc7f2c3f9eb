//! `DELETE /agents/{id}`.

tests_of!(DeleteAgent: any, named, change);

pub mod at_once;
pub mod status_204;
pub mod status_404;
