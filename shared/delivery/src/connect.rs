//! The connection to an endpoint, whose address is checked where it is used.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use domain::delivery::AttemptOutcome;
use domain::webhook::{Targets, WebhookPorts};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Host;

use crate::address::is_allowed;

/// Time to resolve a name. Mostly a few milliseconds; a name server that is asked again answers within five seconds or
/// not at all.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(5);
/// Time to connect to one address: enough for two packets that are lost on the way.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);
/// Most addresses of a name that are tried, one after the other. More would not fit into the time of a post.
const ADDRESSES_MAX: usize = 3;

type ResolveFn = dyn Fn(&str) -> Vec<IpAddr> + Send + Sync;

#[derive(Clone)]
pub(crate) enum Resolver {
    System,
    /// The addresses that a test gives to a name.
    Fixed(Arc<ResolveFn>),
}

impl Resolver {
    async fn resolve(&self, name: &str, port: u16) -> io::Result<Vec<IpAddr>> {
        match self {
            Self::System => Ok(tokio::net::lookup_host((name, port)).await?.map(|address| address.ip()).collect()),
            Self::Fixed(addresses) => Ok(addresses(name)),
        }
    }
}

/// The transport of a connection: TLS, or TCP alone.
pub(crate) trait Transport: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Transport for T {}

#[derive(Clone)]
pub(crate) struct Connector {
    pub targets: Targets,
    pub ports: WebhookPorts,
    pub resolver: Resolver,
    tls: Arc<ClientConfig>,
}

impl Connector {
    /// A connector that trusts the authorities that browsers trust, and these.
    pub fn new(targets: Targets, authorities: &[CertificateDer<'static>]) -> Result<Self, rustls::Error> {
        let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        for authority in authorities {
            roots.add(authority.clone())?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { targets, ports: WebhookPorts::default(), resolver: Resolver::System, tls: Arc::new(tls) })
    }

    /// A connection to the host, by TLS unless it is plain; otherwise the outcome of the attempt.
    ///
    /// The connection is made to the very addresses that were checked: a name that resolves to another one a moment
    /// later makes no difference. Of several addresses only the allowed ones are used.
    pub async fn connect(
        &self,
        host: Host<&str>,
        port: u16,
        plain: bool,
    ) -> Result<Box<dyn Transport>, AttemptOutcome> {
        let addresses = match host {
            Host::Ipv4(address) => vec![IpAddr::V4(address)],
            Host::Ipv6(address) => vec![IpAddr::V6(address)],
            Host::Domain(name) => match timeout(RESOLVE_TIMEOUT, self.resolver.resolve(name, port)).await {
                Ok(Ok(addresses)) if !addresses.is_empty() => addresses,
                Ok(Ok(_) | Err(_)) | Err(_) => return Err(AttemptOutcome::DnsFailed),
            },
        };
        let at_port = |address: &IpAddr| address.is_loopback() || self.ports.include(port);
        let allowed =
            addresses.into_iter().filter(|address| is_allowed(*address, plain, self.targets) && at_port(address));
        let allowed: Vec<_> = allowed.take(ADDRESSES_MAX).collect();
        if allowed.is_empty() {
            return Err(AttemptOutcome::AddressRefused);
        }
        let tcp = connect_to_one(&allowed, port).await.ok_or(AttemptOutcome::ConnectFailed)?;
        if plain {
            return Ok(Box::new(tcp));
        }
        let name = server_name(host).ok_or(AttemptOutcome::TlsFailed)?;
        let tls = TlsConnector::from(self.tls.clone()).connect(name, tcp).await;
        tls.map(|tls| Box::new(tls) as Box<dyn Transport>).map_err(|_| AttemptOutcome::TlsFailed)
    }
}

async fn connect_to_one(addresses: &[IpAddr], port: u16) -> Option<TcpStream> {
    for address in addresses {
        if let Ok(Ok(tcp)) = timeout(CONNECT_TIMEOUT, TcpStream::connect(SocketAddr::new(*address, port))).await {
            // A request is one write: no other has to be waited for.
            let _ = tcp.set_nodelay(true);
            return Some(tcp);
        }
    }
    None
}

/// The name that the endpoint's certificate has to be for.
fn server_name(host: Host<&str>) -> Option<ServerName<'static>> {
    match host {
        Host::Domain(name) => ServerName::try_from(name.to_owned()).ok(),
        Host::Ipv4(address) => Some(ServerName::from(IpAddr::V4(address))),
        Host::Ipv6(address) => Some(ServerName::from(IpAddr::V6(address))),
    }
}
