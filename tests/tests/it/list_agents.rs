pub mod status_200;

tests_of!(ListAgents: any, list);
