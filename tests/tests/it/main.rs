//! The end-to-end tests: a module for each route, named like it, with the tests that hold for all routes of its kind
//! (`tests_of!`), and a file for each status of which it has something of its own to say.

#[macro_use]
mod any_route;

mod address_proof;
mod any_json;
mod any_parameter;
mod cancel_interview;
mod change_agent;
mod change_candidate;
mod change_interview;
mod change_job;
mod change_webhook;
mod concurrency;
mod cost;
mod coverage;
mod create_agent;
mod create_candidate;
mod create_interview;
mod create_job;
mod create_webhook;
mod dashboard;
mod delete_agent;
mod delete_candidate;
mod delete_interview;
mod delete_job;
mod delete_webhook;
mod derived_ids;
mod erasure;
mod events;
mod examples;
mod faults;
mod get_webhook;
mod key_use;
mod limits;
mod list_deliveries;
mod list_webhooks;
mod log;
mod neighbours;
mod no_route;
mod redeliver;
mod reset_webhook_circuit;
mod rollover;
mod rotate_webhook_secret;
mod template;
mod test_webhook;
mod workspace;
