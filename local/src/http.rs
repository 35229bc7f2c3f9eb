//! A server of HTTP on a port, until it is stopped.

use std::{
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use anyhow::Result;
use axum::Router;
use tokio::{sync::oneshot, task::JoinHandle};

/// Longest wait of [`Serving::stop`] for requests that are being answered: the functions' own time-out.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// A router that answers on a port, in a task of its own. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct Serving {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Serving {
    /// Starts answering. Must be called inside a Tokio runtime.
    pub fn start(listener: TcpListener, router: Router) -> Result<Self> {
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let serve = axum::serve(listener, service).with_graceful_shutdown(async {
            // The error of a `Serving` that was dropped stops it as well.
            let _ = stopped.await;
        });
        Ok(Self { address, stop, task: tokio::spawn(serve.into_future()) })
    }

    /// The URL by which a client on this machine reaches it.
    pub fn url(&self) -> String {
        crate::url(self.address)
    }

    /// Accepts no more requests, and waits up to ten seconds until those that came are answered.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        // Connections that are still open are cut off: a client that sends half a request must not hold up the stop.
        let _ = tokio::time::timeout(STOP_TIMEOUT, self.task).await;
    }
}
