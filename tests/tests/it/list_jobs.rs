pub mod status_200;

tests_of!(ListJobs: any, list);
