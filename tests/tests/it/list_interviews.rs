pub mod status_200;
pub mod status_403;

tests_of!(ListInterviews: any, list);
