//! The store against a real engine: what is written, what is read, and what is refused.
//!
//! By default each test has an embedded engine of its own, in memory. With `STORE_TEST_ENDPOINT` the same tests run
//! against that endpoint, each with a table of a fresh name that it removes at its end; an address of AWS itself is
//! called with the credentials and the region of the environment.

mod allowance;
mod audit;
mod companies;
mod create;
mod create_interview;
mod deleted;
mod deliveries;
mod differences;
mod failures;
mod history;
mod items;
mod lookup;
mod migration;
mod old_items;
mod operator;
mod period;
mod round_trip;
mod samples;
mod test_table;
mod usage;
mod waiting;
mod webhooks;
