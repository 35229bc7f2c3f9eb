//! Greenroom on one machine: all functions behind one port, on an embedded DynamoDB.
//!
//! Owns what AWS provides elsewhere, the gateway's part ([`gateway`]) and the database ([`engine`]), and besides a
//! demo company ([`demo`]) and the documents' page ([`docs`]). It owns no rule of the product: requests go to the very
//! handlers that Lambda calls.
//!
//! Each part can be used alone, which is what the tests do.

pub mod demo;
pub mod docs;
pub mod engine;
pub mod folder;
pub mod functions;
pub mod gateway;
pub mod http;
mod server;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

pub use server::{Options, Server, TABLE, http_client};

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
