//! The end-to-end tests: a folder for each route, a file for each status.

mod post_agents;
