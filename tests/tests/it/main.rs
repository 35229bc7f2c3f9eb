//! The end-to-end tests: a folder for each route, a file for each status. What holds for every route is written once,
//! in `any_route`, and tested in each route's folder.

mod any_json;
mod any_route;
mod concurrency;
mod cost;
mod coverage;
mod events;
mod examples;
mod faults;
mod log;
mod no_route;
mod post_agents;
mod post_interviews;
mod rollover;
mod workspace;
