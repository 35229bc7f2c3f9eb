//! Greenroom on one machine: all functions, on an embedded DynamoDB, SQS and KMS.
//!
//! Owns what AWS provides elsewhere: the gateway's part ([`gateway`]), the database ([`engine`]) and its stream
//! ([`mod@stream`], [`filter`]), the queues ([`mod@queue`]) and who empties them ([`deliveries`]), the master key
//! ([`keys`]), and the protocols of SQS and KMS ([`services`]). Besides, a demo company ([`demo`]), the documents' page
//! ([`docs`]) and a receiver of webhooks ([`mod@listen`]). It owns no rule of the product: requests, changes and
//! messages go to the very handlers that Lambda calls.
//!
//! Each part can be used alone, which is what the tests do.

pub mod deliveries;
pub mod demo;
pub mod docs;
pub mod engine;
pub mod filter;
pub mod folder;
pub mod functions;
pub mod gateway;
pub mod http;
pub mod keys;
pub mod listen;
pub mod queue;
mod server;
pub mod services;
pub mod stream;

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
