//! TLS in front of the embedded engine, which speaks plain HTTP only.
//!
//! The functions reach DynamoDB over TLS, and the handshake is most of a cold start: without it the bench would
//! measure something else.

use anyhow::{Context, Result};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A certificate authority of the bench's own, and a certificate of it for `localhost`.
pub struct Authority {
    acceptor: TlsAcceptor,
    bundle: PathBuf,
}

impl Authority {
    /// A new authority. Its root goes to a file in `folder`, for `AWS_CA_BUNDLE`.
    pub fn new(folder: &Path) -> Result<Authority> {
        let mut params = CertificateParams::new([])?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate()?;
        let root = params.self_signed(&key)?;
        let issuer = Issuer::new(params, key);
        let bundle = folder.join("roots.pem");
        std::fs::write(&bundle, root.pem())?;

        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(["localhost".to_owned()])?.signed_by(&key, &issuer)?;
        let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(anyhow::Error::msg)?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
        Ok(Authority { acceptor: TlsAcceptor::from(Arc::new(config)), bundle })
    }

    /// The PEM file with the root.
    pub fn bundle(&self) -> &Path {
        &self.bundle
    }

    /// Accepts TLS connections and passes their bytes on to the engine at this URL, each on a connection of its own
    /// that lives as long. Returns the port; it works until the task that it returns is aborted.
    pub async fn proxy(&self, engine_url: &str) -> Result<(u16, JoinHandle<()>)> {
        let engine: SocketAddr = engine_url
            .trim_start_matches("http://")
            .parse()
            .with_context(|| format!("not the engine's address: {engine_url}"))?;
        let listener = TcpListener::bind("127.0.0.1:0").await.context("no port for TLS")?;
        let port = listener.local_addr()?.port();
        let acceptor = self.acceptor.clone();
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    // A broken connection is the client's to notice and to report.
                    let _ = pass_on(acceptor, client, engine).await;
                });
            }
        });
        Ok((port, task))
    }
}

async fn pass_on(acceptor: TlsAcceptor, client: TcpStream, engine: SocketAddr) -> Result<()> {
    client.set_nodelay(true)?;
    let mut engine = TcpStream::connect(engine).await?;
    engine.set_nodelay(true)?;
    let mut client = acceptor.accept(client).await?;
    tokio::io::copy_bidirectional(&mut client, &mut engine).await?;
    Ok(())
}
