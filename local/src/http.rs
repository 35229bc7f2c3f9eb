//! A server of HTTP on a port, until it is stopped.

use std::{
    net::{SocketAddr, TcpListener},
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use anyhow::Result;
use axum::{
    BoxError, Router,
    body::{Body, Bytes, HttpBody},
    extract::{ConnectInfo, Request},
};
use hyper::{
    body::{Frame, Incoming, SizeHint},
    server::conn::http1,
    service::{Service as _, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::TcpStream,
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::{sleep, timeout},
};

/// Longest wait of [`Serving::stop`] for requests that are being answered: the functions' own time-out.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest wait of [`Serving::stop`] for the rest of a request: on one machine it takes milliseconds, and a person
/// waits.
const STOP_RECEIVING_TIMEOUT: Duration = Duration::from_secs(1);

/// Time for the request line and the headers, from the opening of the connection or from the answer before, so that it
/// also ends connections that are kept open and not used.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Time for a body, the 10 MiB of the gateway's quota included.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Wait after a connection that could not be accepted: the process has too many files open.
const ACCEPT_AGAIN_DELAY: Duration = Duration::from_millis(100);

/// A router that answers on a port, in a task of its own. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct Serving {
    address: SocketAddr,
    stop: watch::Sender<()>,
    task: JoinHandle<()>,
}

impl Serving {
    /// Starts answering. Must be called inside a Tokio runtime.
    pub fn start(listener: TcpListener, router: Router) -> Result<Self> {
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let (stop, stopped) = watch::channel(());
        Ok(Self { address, stop, task: tokio::spawn(accept(listener, router, Stopped(stopped))) })
    }

    /// The URL by which a client on this machine reaches it.
    pub fn url(&self) -> String {
        crate::url(self.address)
    }

    /// Accepts no more requests, and waits up to ten seconds until those that came are answered. The rest of a request
    /// that has come in part is waited for a second.
    pub async fn stop(self) {
        let Self { stop, mut task, .. } = self;
        drop(stop);
        if timeout(STOP_TIMEOUT, &mut task).await.is_err() {
            task.abort();
        }
    }
}

/// The end of a [`Serving`], awaited by its connections.
#[derive(Clone)]
struct Stopped(watch::Receiver<()>);

impl Stopped {
    async fn wait(mut self) {
        // Nothing is ever sent: the sender is dropped.
        let _ = self.0.changed().await;
    }
}

async fn accept(listener: tokio::net::TcpListener, router: Router, stopped: Stopped) {
    let mut connections = JoinSet::new();
    let mut stop = pin!(stopped.clone().wait());
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => drop(connections.spawn(serve(stream, peer, router.clone(), stopped.clone()))),
            Err(_) => sleep(ACCEPT_AGAIN_DELAY).await,
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Answers the requests of a connection.
async fn serve(stream: TcpStream, peer: SocketAddr, router: Router, stopped: Stopped) {
    let (router, answering) = (TowerToHyperService::new(router), Arc::new(AtomicUsize::new(0)));
    let service = service_fn(|request: hyper::Request<Incoming>| {
        answering.fetch_add(1, Ordering::SeqCst);
        let mut request: Request = request.map(|body| Body::new(Receiving::new(body, stopped.clone())));
        request.extensions_mut().insert(ConnectInfo(peer));
        let (answer, answering) = (router.call(request), answering.clone());
        async move {
            let answer = answer.await;
            answering.fetch_sub(1, Ordering::SeqCst);
            answer
        }
    });
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    let mut connection = pin!(server.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stopped.clone().wait() => connection.as_mut().graceful_shutdown(),
    }
    // An error, here and above, is the client's: it has hung up or does not speak HTTP.
    if timeout(STOP_RECEIVING_TIMEOUT, connection.as_mut()).await.is_err() && answering.load(Ordering::SeqCst) > 0 {
        let _ = connection.await;
    }
}

/// A body that breaks off when its time is over: it takes too long, or the server is stopped.
struct Receiving {
    body: Incoming,
    end: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Receiving {
    fn new(body: Incoming, stopped: Stopped) -> Self {
        let end = async {
            let stop = async {
                stopped.wait().await;
                sleep(STOP_RECEIVING_TIMEOUT).await;
            };
            let _ = timeout(BODY_TIMEOUT, stop).await;
        };
        Self { body, end: Box::pin(end) }
    }
}

impl HttpBody for Receiving {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(frame) => Poll::Ready(frame.map(|frame| frame.map_err(BoxError::from))),
            Poll::Pending => {
                self.end.as_mut().poll(context).map(|()| Some(Err("the body did not come in time".into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::post;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        time::Instant,
    };

    use super::*;

    /// The beginnings of a request.
    const BEGUN: [&str; 3] =
        ["", "POST / HTTP/1.1\r\nhost: a\r\n", "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{"];

    async fn begin(text: &str) -> (Serving, TcpStream) {
        let router = Router::new().route("/", post(|body: Bytes| async move { body }));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let serving = Serving::start(listener, router).unwrap();
        let mut client = TcpStream::connect(serving.address).await.unwrap();
        client.write_all(text.as_bytes()).await.unwrap();
        (serving, client)
    }

    // The clock stands still while anything else happens, and goes on to the next time-out when nothing does.
    #[tokio::test(start_paused = true)]
    async fn a_request_that_does_not_go_on_is_ended() {
        for begun in BEGUN {
            let (_serving, mut client) = begin(begun).await;
            let mut answer = String::new();
            client.read_to_string(&mut answer).await.unwrap();
            assert!(!answer.contains(" 200 "), "{answer}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_waits_for_the_rest_of_a_request_but_a_second() {
        for begun in BEGUN {
            let (serving, mut client) = begin(begun).await;
            // It is being received once another one has been answered.
            let url = serving.url();
            let mut other = TcpStream::connect(url.strip_prefix("http://").unwrap()).await.unwrap();
            other.write_all(b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
            other.read_to_end(&mut Vec::new()).await.unwrap();
            let asked_at = Instant::now();
            serving.stop().await;
            assert!(asked_at.elapsed() < STOP_TIMEOUT, "{begun:?} holds up the stop");
            client.read_to_end(&mut Vec::new()).await.unwrap();
        }
    }
}
