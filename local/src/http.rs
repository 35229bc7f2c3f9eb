//! Serving HTTP on a port, until asked to stop.

use std::{
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use anyhow::Result;
use axum::Router;
use tokio::{sync::oneshot, task::JoinHandle};

/// How long [`Serving::stop`] waits for requests that are being answered. As long as a function may take.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// A router that answers on a port, in a task of its own. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct Serving {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
}

impl Serving {
    /// Starts answering. Must be called inside a Tokio runtime.
    pub fn start(listener: TcpListener, router: Router) -> Result<Self> {
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let (stop, asked) = oneshot::channel::<()>();
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let serve = axum::serve(listener, service).with_graceful_shutdown(async {
            // A `Serving` that was dropped counts as asked.
            let _ = asked.await;
        });
        Ok(Self { address, stop, served: tokio::spawn(serve.into_future()) })
    }

    /// Where it answers, as a client on this machine says it.
    pub fn url(&self) -> String {
        crate::url(self.address)
    }

    /// Accepts no more requests, and waits up to ten seconds until those that came are answered.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        // Whoever is not through by now is cut off: somebody who sends half a request must not hold us up.
        let _ = tokio::time::timeout(STOP_TIMEOUT, self.served).await;
    }
}
