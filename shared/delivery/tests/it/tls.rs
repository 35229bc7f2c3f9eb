//! Posts over TLS.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use delivery::WebhookClient;
use domain::delivery::AttemptOutcome;
use domain::webhook::Targets;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::endpoint::{post, read};

/// The server's name that was asked for, and the protocol that was agreed on.
type Asked = (Option<String>, Option<Vec<u8>>);

/// An endpoint with a certificate of its own authority.
struct TlsEndpoint {
    port: u16,
    authority: CertificateDer<'static>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl TlsEndpoint {
    async fn start(certified_name: &str, versions: &[&'static rustls::SupportedProtocolVersion]) -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().unwrap();
        let authority = params.self_signed(&key).unwrap().der().clone();
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new([certified_name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();

        let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = Self { port: listener.local_addr().unwrap().port(), authority, asked: Arc::default() };
        let asked = endpoint.asked.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let Ok(mut tls) = acceptor.accept(tcp).await else { continue };
                let session = tls.get_ref().1;
                let name = session.server_name().map(str::to_owned);
                asked.lock().unwrap().push((name, session.alpn_protocol().map(<[u8]>::to_vec)));
                if read(&mut tls).await.is_some() {
                    let _ = tls.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
                }
            }
        });
        endpoint
    }

    /// A client that trusts the endpoint's authority, and finds every name on this machine.
    fn client(&self) -> WebhookClient {
        client(std::slice::from_ref(&self.authority))
    }
}

fn client(authorities: &[CertificateDer<'static>]) -> WebhookClient {
    let here = |_: &str| vec![IpAddr::from([127, 0, 0, 1])];
    WebhookClient::new(Targets::PublicAndLoopback, authorities).unwrap().resolving(here)
}

#[tokio::test]
async fn an_endpoint_with_the_right_certificate_is_posted_to() {
    for version in [&rustls::version::TLS13, &rustls::version::TLS12] {
        let endpoint = TlsEndpoint::start("hooks.example", &[version]).await;
        for host in ["hooks.example", "HOOKS.example", "hooks.example."] {
            let posted = post(&endpoint.client(), &format!("https://{host}:{}/", endpoint.port)).await;
            assert_eq!(posted.outcome, AttemptOutcome::Delivered, "{host}");
        }
        let asked = (Some("hooks.example".to_owned()), Some(b"http/1.1".to_vec()));
        assert_eq!(*endpoint.asked.lock().unwrap(), vec![asked; 3]);
    }
}

#[tokio::test]
async fn an_address_can_have_a_certificate_as_well() {
    let endpoint = TlsEndpoint::start("127.0.0.1", rustls::ALL_VERSIONS).await;
    let posted = post(&endpoint.client(), &format!("https://127.0.0.1:{}/", endpoint.port)).await;
    assert_eq!(posted.outcome, AttemptOutcome::Delivered);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_trusted() {
    let endpoint = TlsEndpoint::start("hooks.example", rustls::ALL_VERSIONS).await;
    let posted = post(&endpoint.client(), &format!("https://other.example:{}/", endpoint.port)).await;
    assert_eq!((posted.outcome, posted.http_status), (AttemptOutcome::TlsFailed, None));
    assert!(endpoint.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_authority_that_nobody_knows_is_not_trusted() {
    let endpoint = TlsEndpoint::start("hooks.example", rustls::ALL_VERSIONS).await;
    let posted = post(&client(&[]), &format!("https://hooks.example:{}/", endpoint.port)).await;
    assert_eq!(posted.outcome, AttemptOutcome::TlsFailed);
    assert!(endpoint.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_endpoint_without_tls_is_not_posted_to() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        tcp.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    });
    let posted = post(&client(&[]), &format!("https://hooks.example:{port}/")).await;
    assert_eq!(posted.outcome, AttemptOutcome::TlsFailed);
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_never_ends_is_given_up() {
    // Connections are taken by the system, and looked at by nobody.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let posted = post(&client(&[]), &format!("https://hooks.example:{port}/")).await;
    assert_eq!(posted.outcome, AttemptOutcome::Timeout);
    assert!((15_000..15_100).contains(&posted.duration.as_millis()), "{:?}", posted.duration);
}
