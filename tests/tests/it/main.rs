//! The end-to-end tests: a folder for each route, a file for each status. What holds for every route is written once,
//! in `any_route`, and tested in each route's folder.

mod any_json;
mod any_route;
mod concurrency;
mod cost;
mod coverage;
mod delete_webhook;
mod events;
mod examples;
mod faults;
mod get_webhook;
mod get_webhook_deliveries;
mod get_webhooks;
mod log;
mod no_route;
mod patch_webhook;
mod post_agents;
mod post_interviews;
mod post_webhook_redeliver;
mod post_webhook_reset_circuit;
mod post_webhook_rotate_secret;
mod post_webhook_test;
mod post_webhooks;
mod rollover;
mod workspace;
