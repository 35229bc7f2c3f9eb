//! Behaviours of endpoints, and the results of the client.

use std::time::Duration;

use delivery::{POST_TIMEOUT, SignedRequest};
use domain::delivery::AttemptOutcome;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use crate::endpoint::{Reaction, TestEndpoint, answers, at, id, local_client, post, stored};

/// Most bytes of an answer's head.
const HEAD_MAX_BYTES: usize = 64 * 1_024;

#[tokio::test]
async fn the_status_decides() {
    for (line, outcome, status) in [
        ("200 OK", AttemptOutcome::Delivered, 200),
        ("202 Accepted", AttemptOutcome::Delivered, 202),
        ("204 No Content", AttemptOutcome::Delivered, 204),
        ("299 Whatever", AttemptOutcome::Delivered, 299),
        ("304 Not Modified", AttemptOutcome::BadStatus, 304),
        ("400 Bad Request", AttemptOutcome::BadStatus, 400),
        ("410 Gone", AttemptOutcome::Gone, 410),
        ("429 Too Many Requests", AttemptOutcome::BadStatus, 429),
        ("500 Internal Server Error", AttemptOutcome::BadStatus, 500),
    ] {
        let endpoint = TestEndpoint::start(answers(format!("HTTP/1.1 {line}\r\nconnection: close\r\n\r\n"))).await;
        let posted = post(&local_client(), &endpoint.url("/")).await;
        assert_eq!((posted.outcome, posted.http_status), (outcome, Some(status)));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = TestEndpoint::start(answers("HTTP/1.1 200 OK\r\n\r\n")).await;
    for status in [301, 302, 303, 307, 308] {
        let location = target.url("/");
        let answer = format!("HTTP/1.1 {status} Elsewhere\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
        let endpoint = TestEndpoint::start(answers(answer)).await;
        let posted = post(&local_client(), &endpoint.url("/")).await;
        assert_eq!((posted.outcome, posted.http_status), (AttemptOutcome::Redirect, Some(status)));
    }
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn an_endpoint_can_ask_for_time() {
    let answer = |wait: &str| answers(format!("HTTP/1.1 503 Busy\r\nretry-after: {wait}\r\ncontent-length: 0\r\n\r\n"));
    for (wait, seconds) in [("120", Some(120)), ("90000", Some(43_200)), ("soon", None)] {
        let endpoint = TestEndpoint::start(answer(wait)).await;
        let posted = post(&local_client(), &endpoint.url("/")).await;
        assert_eq!(posted.retry_after, seconds.map(Duration::from_secs), "{wait}");
    }
}

#[tokio::test]
async fn the_beginning_of_an_answer_is_kept() {
    let body = format!("{}{}", "x".repeat(1_022), "ž".repeat(1_000));
    let answer = format!("HTTP/1.1 400 Bad Request\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let endpoint = TestEndpoint::start(answers(answer)).await;
    let excerpt = post(&local_client(), &endpoint.url("/")).await.excerpt.unwrap();
    assert_eq!(excerpt, format!("{}ž", "x".repeat(1_022)));
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_says_nothing_is_left_after_fifteen_seconds() {
    let endpoint = TestEndpoint::start(Reaction::Hangs).await;
    let posted = post(&local_client(), &endpoint.url("/")).await;
    assert_eq!((posted.outcome, posted.http_status), (AttemptOutcome::Timeout, None));
    assert!((15_000..15_100).contains(&posted.duration.as_millis()), "{:?}", posted.duration);
    assert_eq!(POST_TIMEOUT, Duration::from_secs(15));
    // And the connection is given up, not left behind.
    endpoint.closed().await;
}

/// More than fits into the buffers between the two, so that the client is stuck in the middle of it.
#[tokio::test(start_paused = true)]
async fn a_post_that_nobody_reads_does_not_go_on_after_its_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let body = "x".repeat(32 * 1_024 * 1_024);
    let url = stored(&format!("http://{}/", listener.local_addr().unwrap()));
    let post = SignedRequest { url: &url, delivery_id: id(), at: at(), body: &body, secrets: &[], headers: &[] };
    assert_eq!(local_client().post(&post).await.outcome, AttemptOutcome::Timeout);
    let (mut tcp, _) = listener.accept().await.unwrap();
    let mut read = Vec::new();
    let _ = tcp.read_to_end(&mut read).await;
    assert!(read.len() < body.len(), "{} bytes", read.len());
}

#[tokio::test(start_paused = true)]
async fn a_status_that_comes_letter_by_letter_is_too_late() {
    let endpoint = TestEndpoint::start(Reaction::Drips("HTTP/1.1 200 OK\r\n", "x: y\r\n")).await;
    let posted = post(&local_client(), &endpoint.url("/")).await;
    assert_eq!(posted.outcome, AttemptOutcome::Timeout);
    assert!((15_000..15_100).contains(&posted.duration.as_millis()), "{:?}", posted.duration);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_is_left_after_fifteen_seconds_and_its_status_counts() {
    for (line, outcome) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n", AttemptOutcome::Delivered),
        ("HTTP/1.1 500 No\r\ncontent-length: 1000000\r\n\r\n", AttemptOutcome::BadStatus),
    ] {
        let endpoint = TestEndpoint::start(Reaction::Drips(line, "drip ")).await;
        let posted = post(&local_client(), &endpoint.url("/")).await;
        assert_eq!(posted.outcome, outcome);
        assert!((15_000..15_100).contains(&posted.duration.as_millis()), "{:?}", posted.duration);
        assert!(posted.excerpt.unwrap().starts_with("drip drip "));
        endpoint.closed().await;
    }
}

#[tokio::test]
async fn a_body_without_end_is_not_read_to_the_end() {
    for head in ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n"] {
        let endpoint = TestEndpoint::start(Reaction::Floods(head)).await;
        let posted = post(&local_client(), &endpoint.url("/")).await;
        assert_eq!(posted.outcome, AttemptOutcome::Delivered);
        assert_eq!(posted.excerpt.unwrap().len(), 1_024);
        // Reading on would last until the post's time is over, however fast the machine is.
        assert!(posted.duration < POST_TIMEOUT, "{:?}", posted.duration);
        endpoint.closed().await;
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_counts_by_its_status_if_it_had_one() {
    let endpoint = TestEndpoint::start(answers("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")).await;
    let posted = post(&local_client(), &endpoint.url("/")).await;
    assert_eq!((posted.outcome, posted.excerpt.as_deref()), (AttemptOutcome::Delivered, Some("half")));

    for bytes in
        ["", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\nx: ", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 99999 OK\r\n\r\n"]
    {
        let endpoint = TestEndpoint::start(answers(bytes)).await;
        let posted = post(&local_client(), &endpoint.url("/")).await;
        assert_eq!((posted.outcome, posted.http_status), (AttemptOutcome::ResponseBroken, None), "{bytes}");
    }
}

/// Fields that the rules of HTTP forbid, and more of them than most clients take.
#[tokio::test]
async fn the_status_decides_whatever_the_header_fields_are() {
    let many = "a:\n".repeat(HEAD_MAX_BYTES / 3 - 20);
    for fields in [
        &"x: y\r\n".repeat(101),
        &many,
        "x: a\r\n b\r\n\tc\r\n",
        "x : y\r\n",
        " x: y\r\n",
        "x\r\n",
        ": y\r\n",
        "x y: z\r\n",
        "é: y\r\n",
        "x: \u{7f}\r\n",
        "x: a\0b\r\n",
        "x: a\rb\r\n",
        "content-length: many\r\n",
        "content-length: -1\r\n",
        "content-length: 1\r\ncontent-length: 2\r\n",
        "transfer-encoding: gzip\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 1\r\n",
    ] {
        for (version, status, outcome) in [
            ("1.1", 200, AttemptOutcome::Delivered),
            ("1.0", 204, AttemptOutcome::Delivered),
            ("1.1", 500, AttemptOutcome::BadStatus),
        ] {
            let head = format!("HTTP/{version} {status} Whatever\r\n{fields}\r\n");
            let endpoint = TestEndpoint::start(answers(&head)).await;
            let posted = post(&local_client(), &endpoint.url("/")).await;
            let head = &head[..head.len().min(100)];
            assert_eq!((posted.outcome, posted.http_status), (outcome, Some(status)), "{head:?}");
        }
    }
    let answer = "HTTP/1.1 503 Busy\r\nx : y\r\nbad\r\nretry-after : 120\r\ncontent-length: 4\r\n\r\nlate";
    let endpoint = TestEndpoint::start(answers(answer)).await;
    let posted = post(&local_client(), &endpoint.url("/")).await;
    assert_eq!((posted.retry_after, posted.excerpt.as_deref()), (Some(Duration::from_secs(120)), Some("late")));
}

#[tokio::test]
async fn a_head_of_64_kib_is_read_and_a_byte_more_is_not() {
    let head = |bytes: usize| {
        let (begin, end) = ("HTTP/1.1 200 OK\r\nx: ", "\r\n\r\n");
        format!("{begin}{}{end}", "y".repeat(bytes - begin.len() - end.len()))
    };
    for (bytes, outcome) in
        [(HEAD_MAX_BYTES, AttemptOutcome::Delivered), (HEAD_MAX_BYTES + 1, AttemptOutcome::ResponseBroken)]
    {
        let endpoint = TestEndpoint::start(answers(head(bytes))).await;
        assert_eq!(post(&local_client(), &endpoint.url("/")).await.outcome, outcome, "{bytes}");
    }
}

#[tokio::test]
async fn headers_without_end_are_no_answer() {
    let many = "x: 0123456789\r\n".repeat(10_000);
    let long = format!("x: {}\r\n", "0123456789".repeat(30_000));
    for headers in [many, long] {
        let endpoint = TestEndpoint::start(answers(format!("HTTP/1.1 200 OK\r\n{headers}\r\n"))).await;
        assert_eq!(post(&local_client(), &endpoint.url("/")).await.outcome, AttemptOutcome::ResponseBroken);
    }
}

#[tokio::test]
async fn an_answer_before_the_answer_is_passed_over() {
    let endpoint =
        TestEndpoint::start(answers("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"))
            .await;
    assert_eq!(post(&local_client(), &endpoint.url("/")).await.http_status, Some(200));
}

#[tokio::test]
async fn nobody_there() {
    let endpoint = TestEndpoint::start(Reaction::Hangs).await;
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(post(&local_client(), &format!("http://{free}/")).await.outcome, AttemptOutcome::ConnectFailed);
    drop(endpoint);
}

#[tokio::test]
async fn a_name_without_an_address() {
    let client = local_client().resolving(|_| Vec::new());
    assert_eq!(post(&client, "https://nobody.example/").await.outcome, AttemptOutcome::DnsFailed);
}

#[tokio::test]
async fn each_post_has_its_own_connection() {
    let endpoint = TestEndpoint::start(answers("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")).await;
    let client = local_client();
    for _ in 0..3 {
        post(&client, &endpoint.url("/")).await;
    }
    assert_eq!(endpoint.connections(), 3);
}
