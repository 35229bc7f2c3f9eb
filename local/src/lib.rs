//! Greenroom on one machine: all functions, on an embedded DynamoDB, SQS and KMS.
//!
//! Modules that imitate a part of AWS are named after it: [`api_gateway`], [`dynamodb`], [`sqs`] and [`kms`], which
//! share an endpoint ([`services`]), and [`event_source`], Lambda's mappings of a stream and a queue to a function, and
//! schedules.
//! Besides, there are a demo company ([`demo`]) with what the document's examples name ([`examples`]), the document's
//! page ([`docs`]), the console ([`console`]), a simulated conductor of interviews ([`conductor`]) and a receiver of webhooks
//! ([`mod@listen`]). The crate owns no rule of the product: requests, changes
//! and messages go to the very handlers that Lambda calls.
//!
//! A module can be used without the others, as the tests do.

pub mod api_gateway;
pub mod conductor;
pub mod console;
pub mod demo;
pub mod docs;
pub mod dynamodb;
pub mod event_source;
pub mod examples;
pub mod folder;
pub mod functions;
pub mod http;
pub mod kms;
pub mod listen;
mod server;
pub mod services;
pub mod sqs;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

pub use server::{Options, Server, TABLE, bind, http_client};

/// The URL by which this machine reaches an address that something listens on.
fn url(mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    format!("http://{address}")
}
