//! The head of an answer as it came, for its status.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use hyper::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The first bytes that a connection brings, at most `max_bytes`.
#[derive(Clone)]
pub(crate) struct RecordedHead {
    bytes: Arc<Mutex<Vec<u8>>>,
    max_bytes: usize,
}

impl RecordedHead {
    /// The connection, and what will be recorded of it.
    pub fn new<T>(connection: T, max_bytes: usize) -> (Recorded<T>, Self) {
        let head = Self { bytes: Arc::default(), max_bytes };
        (Recorded { connection, head: head.clone() }, head)
    }

    /// The status of the answer, if its head has come to its end.
    pub fn status(&self) -> Option<StatusCode> {
        status(&self.bytes.lock().ok()?)
    }

    fn record(&self, read: &[u8]) {
        if let Ok(mut bytes) = self.bytes.lock() {
            let room = self.max_bytes - bytes.len();
            bytes.extend_from_slice(read.get(..room).unwrap_or(read));
        }
    }
}

/// The status of the first answer in `bytes` that is no informational one (1xx) and whose head is complete.
fn status(mut bytes: &[u8]) -> Option<StatusCode> {
    loop {
        let empty_line = |(at, byte): (usize, &u8)| {
            let line = bytes.get(at + 1..).filter(|_| *byte == b'\n')?;
            [b"\r\n".as_slice(), b"\n"].into_iter().find_map(|end| line.strip_prefix(end))
        };
        let rest = bytes.iter().enumerate().find_map(empty_line)?;
        let versions = [b"HTTP/1.1 ".as_slice(), b"HTTP/1.0 "];
        let (code, after) =
            versions.into_iter().find_map(|version| bytes.strip_prefix(version))?.split_at_checked(3)?;
        let ends = after.first().is_some_and(u8::is_ascii_whitespace);
        let status = StatusCode::from_bytes(code).ok().filter(|_| ends)?;
        if !status.is_informational() {
            return Some(status);
        }
        bytes = rest;
    }
}

/// A connection whose first bytes are recorded.
pub(crate) struct Recorded<T> {
    connection: T,
    head: RecordedHead,
}

impl<T: AsyncRead + Unpin> AsyncRead for Recorded<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.connection).poll_read(cx, buffer))?;
        self.head.record(buffer.filled().get(before..).unwrap_or_default());
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Recorded<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.connection).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_that_of_the_first_complete_answer_which_is_not_informational() {
        for (head, expected) in [
            ("HTTP/1.1 200 OK\r\n\r\n", Some(200)),
            ("HTTP/1.0 204\n\n", Some(204)),
            ("HTTP/1.1 500 No\r\na: b\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", Some(500)),
            ("HTTP/1.1 103 Early\r\na: b\r\n\r\nHTTP/1.1 202 OK\r\n\r\n", Some(202)),
            ("HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 202 OK\r\n", None),
            ("HTTP/1.1 200 OK\r\na: b\r\n", None),
            ("HTTP/1.1 2000\r\n\r\n", None),
            ("HTTP/1.1 20\r\n\r\n", None),
            ("HTTP/2 200\r\n\r\n", None),
            ("SSH-2.0-OpenSSH_9.2\r\n\r\n", None),
            ("", None),
        ] {
            let expected = expected.and_then(|code| StatusCode::from_u16(code).ok());
            assert_eq!(status(head.as_bytes()), expected, "{head:?}");
        }
    }
}
