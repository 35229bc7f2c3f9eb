pub mod status_200;

tests_of!(GetInterview: any, named, show, tenant);
