pub mod status_200;
pub mod status_404;

tests_of!(GetCandidate: any, named, show, tenant);
