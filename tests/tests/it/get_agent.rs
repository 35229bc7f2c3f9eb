pub mod status_200;

tests_of!(GetAgent: any, named, show, tenant);
