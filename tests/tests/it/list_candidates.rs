pub mod search;
pub mod status_200;
pub mod status_403;
pub mod status_404;

tests_of!(ListCandidates: any, list);
