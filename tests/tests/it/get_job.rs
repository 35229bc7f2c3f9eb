pub mod status_200;

tests_of!(GetJob: any, named, show, tenant);
