pub mod search;
pub mod status_200;
pub mod status_403;

tests_of!(ListCandidates: any, list);
