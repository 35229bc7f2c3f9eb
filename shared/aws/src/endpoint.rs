//! Endpoints that are given in place of AWS's.

use url::{Host, Url};

/// True if an endpoint is on this machine or in its own network, where engines for development are: a loopback or
/// private address, `localhost`, a name without a dot or one that ends in `.localhost`, `.local` or `.internal`.
pub fn is_local(endpoint_url: &str) -> bool {
    let Ok(url) = Url::parse(endpoint_url) else { return false };
    match url.host() {
        Some(Host::Domain(name)) => {
            !name.contains('.') || [".localhost", ".local", ".internal"].iter().any(|end| name.ends_with(end))
        }
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_private() || address.is_link_local(),
        Some(Host::Ipv6(address)) => address.is_loopback() || address.is_unique_local(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_local_unless_it_may_be_anywhere() {
        for url in [
            "http://127.0.0.1:8000",
            "http://localhost:8000",
            "http://[::1]:8000",
            "http://172.17.0.1:8000",
            "http://dynamodb:8000",
            "http://host.docker.internal:8000",
        ] {
            assert!(is_local(url), "{url}");
        }
        for url in [
            "https://dynamodb.eu-central-1.amazonaws.com",
            "https://vpce-1-2.dynamodb.eu-central-1.vpce.amazonaws.com",
            "https://dynamodb.eu-central-1.api.aws",
            "http://172.32.0.1:8000",
            "http://0.0.0.0:8000",
            "https://localhost.example.com",
            "127.0.0.1:8000",
            "",
        ] {
            assert!(!is_local(url), "{url}");
        }
    }
}
