//! Addresses that the client must not connect to, in every spelling.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use delivery::WebhookClient;
use domain::delivery::AttemptOutcome;
use domain::webhook::Targets;

use crate::endpoint::{TestEndpoint, answers, local_client, post};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// Hosts that lead to this machine or into some network's inside. What stands in brackets or as digits is an address
/// already; the names stand for what [`lookup`] says.
const HOSTS: [&str; 107] = [
    // This machine, in IPv4: dotted, short, decimal, octal, hexadecimal, mixed.
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0x7f.1",
    "0x7F.0.0.1",
    "0177.0.0.1",
    "0177.0.0.01",
    "00177.0.0.1",
    "0x7f.0x0.0x0.0x1",
    "0x7f.0.1",
    "127.0x1",
    "127.0.0x1",
    "0X7F000001",
    "127.0.0.1.",
    "2130706433.",
    "0x7f.1.",
    // Escaped and in other digits, dots and letters.
    "127%2e0%2e0%2e1",
    "%31%32%37.0.0.1",
    "0%787f000001",
    "１２７.０.０.１",
    "127。0。0。1",
    "127．0．0．1",
    "127｡0｡0｡1",
    "①②⑦.⓪.⓪.①",
    "𝟏𝟐𝟕.𝟎.𝟎.𝟏",
    "０ｘ７ｆ.１",
    // Nobody, which is this machine in some systems.
    "0",
    "0.0.0.0",
    "0x0",
    "000",
    "0.0",
    "0.0.0.1",
    "[::]",
    "[0:0:0:0:0:0:0:0]",
    // This machine, in IPv6.
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::0001]",
    "[0::1]",
    "[::0.0.0.1]",
    // IPv4 in IPv6: mapped, compatible, translated, 6to4, NAT64, Teredo.
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::FFFF:7F00:0001]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::ffff:0:127.0.0.1]",
    "[2002:7f00:1::]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "[::ffff:169.254.169.254]",
    "[::ffff:10.0.0.1]",
    // Metadata services.
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.16689662",
    "169.254.43518",
    "[fd00:ec2::254]",
    "169.254.170.2",
    "100.100.100.200",
    "192.0.0.192",
    // Private networks and shared addresses.
    "10.0.0.1",
    "10.1",
    "012.0.0.1",
    "167772161",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.257",
    "100.64.0.1",
    "100.127.255.255",
    "[fc00::1]",
    "[fdff:ffff::1]",
    "[fe80::1]",
    "[fec0::1]",
    // Not one machine, or none at all.
    "224.0.0.1",
    "239.255.255.250",
    "255.255.255.255",
    "4294967295",
    "240.0.0.1",
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.1",
    "198.18.0.1",
    "198.19.255.255",
    "192.88.99.1",
    "[ff02::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[100::1]",
    "[5f00::1]",
    "[2001:2::1]",
    "[2001:20::1]",
    "[4000::1]",
    // Names.
    "localhost",
    "LOCALHOST.",
    "127.0.0.1.nip.example",
    "inside.example",
    "metadata.google.internal",
    "mapped.example",
];

/// Addresses of names, all of them refused.
fn lookup(name: &str) -> Vec<IpAddr> {
    let addresses: &[&str] = match name {
        "localhost" | "localhost." => &["127.0.0.1", "::1"],
        "127.0.0.1.nip.example" => &["127.0.0.1"],
        "inside.example" => &["10.20.30.40", "fd12:3456::1", "192.168.1.1"],
        "metadata.google.internal" => &["169.254.169.254"],
        "mapped.example" => &["::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1"],
        other => panic!("{other} is no name"),
    };
    addresses.iter().map(|address| address.parse().unwrap()).collect()
}

/// Listens wherever a client that does not look could get to.
async fn trap() -> (TestEndpoint, TestEndpoint) {
    let v4 = TestEndpoint::start_at("0.0.0.0:0", answers(OK)).await;
    let v6 = TestEndpoint::start_at(&format!("[::1]:{}", v4.address.port()), answers(OK)).await;
    (v4, v6)
}

#[tokio::test]
async fn no_spelling_of_an_inside_address_is_posted_to() {
    let (v4, v6) = trap().await;
    let port = v4.address.port();
    let client = WebhookClient::new(Targets::Public, &[]).unwrap().resolving(lookup);
    for host in HOSTS {
        for scheme in ["https", "http"] {
            let posted = post(&client, &format!("{scheme}://{host}:{port}/hook")).await;
            assert_eq!(posted.outcome, AttemptOutcome::AddressRefused, "{scheme}://{host}");
            assert_eq!((posted.http_status, posted.excerpt), (None, None));
        }
    }
    assert_eq!((v4.connections(), v6.connections()), (0, 0));
}

/// The counterpart, so that the endpoint is known to answer: the same hosts where the deployment allows this machine.
#[tokio::test]
async fn where_this_machine_is_allowed_it_is_and_nothing_else_inside() {
    let (v4, v6) = trap().await;
    let port = v4.address.port();
    let client = local_client().resolving(lookup);
    let mut reached = Vec::new();
    for host in HOSTS {
        let posted = post(&client, &format!("http://{host}:{port}/hook")).await;
        match posted.outcome {
            AttemptOutcome::Delivered => reached.push(host),
            outcome => assert_eq!(outcome, AttemptOutcome::AddressRefused, "{host}"),
        }
    }
    assert_eq!(v4.connections() + v6.connections(), reached.len());
    assert!(reached.len() > 30 && reached.contains(&"①②⑦.⓪.⓪.①") && reached.contains(&"[::1]"), "{reached:?}");
    for host in ["0.0.0.0", "[::]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "mapped.example", "10.0.0.1"] {
        assert!(!reached.contains(&host), "{host}");
    }
}

#[tokio::test]
async fn the_system_s_own_name_for_this_machine_is_refused() {
    let (v4, v6) = trap().await;
    let client = WebhookClient::new(Targets::Public, &[]).unwrap();
    let posted = post(&client, &format!("https://localhost:{}/", v4.address.port())).await;
    assert_eq!(posted.outcome, AttemptOutcome::AddressRefused);
    assert_eq!((v4.connections(), v6.connections()), (0, 0));
    assert_eq!(post(&local_client(), &format!("http://localhost:{}/", v4.address.port())).await.http_status, Some(200));
}

#[tokio::test]
async fn a_name_that_was_public_a_moment_ago_does_not_help() {
    let (v4, v6) = trap().await;
    let lookups = Arc::new(AtomicUsize::new(0));
    let counted = lookups.clone();
    let rebinding = move |_: &str| {
        let first = counted.fetch_add(1, Ordering::Relaxed) == 0;
        vec![if first { "93.184.215.14" } else { "127.0.0.1" }.parse().unwrap()]
    };
    // Whoever looks before the post sees a public address …
    assert!(delivery::is_allowed(rebinding("rebinding.example")[0], false, Targets::Public));
    let client = WebhookClient::new(Targets::Public, &[]).unwrap().resolving(rebinding);
    let posted = post(&client, &format!("https://rebinding.example:{}/", v4.address.port())).await;
    assert_eq!(posted.outcome, AttemptOutcome::AddressRefused);
    assert_eq!((v4.connections(), v6.connections()), (0, 0));
    // … and a post looks once: there is no second answer that could be another one.
    assert_eq!(lookups.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn what_is_connected_to_is_the_address_that_was_checked() {
    let endpoint = TestEndpoint::start(answers(OK)).await;
    // No system knows this name.
    let client = local_client().resolving(|_| vec!["127.0.0.1".parse().unwrap()]);
    let posted = post(&client, &format!("http://only-here.invalid:{}/", endpoint.address.port())).await;
    assert_eq!(posted.outcome, AttemptOutcome::Delivered);
    assert_eq!(endpoint.request().header("host"), [format!("only-here.invalid:{}", endpoint.address.port())]);
}

#[tokio::test]
async fn of_several_addresses_only_the_allowed_ones_are_used() {
    let endpoint = TestEndpoint::start(answers(OK)).await;
    let mixed =
        |_: &str| ["10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "127.0.0.1"].map(|a| a.parse().unwrap()).to_vec();
    let url = format!("http://mixed.example:{}/", endpoint.address.port());
    assert_eq!(post(&local_client().resolving(mixed), &url).await.outcome, AttemptOutcome::Delivered);
    assert_eq!(endpoint.connections(), 1);

    let https = url.replace("http:", "https:");
    let public = WebhookClient::new(Targets::Public, &[]).unwrap().resolving(mixed);
    assert_eq!(post(&public, &https).await.outcome, AttemptOutcome::AddressRefused);
    assert_eq!(endpoint.connections(), 1);
}

/// Also an address that was stored before ports were looked at, and whatever name it has.
#[tokio::test]
async fn ports_of_other_services_are_not_connected_to() {
    let far = |_: &str| vec!["93.184.215.14".parse().unwrap()];
    for client in [WebhookClient::new(Targets::Public, &[]).unwrap(), local_client()] {
        for url in ["https://example.com:25/", "https://example.com:1023/", "https://93.184.215.14:22/"] {
            let posted = post(&client.clone().resolving(far), url).await;
            assert_eq!(posted.outcome, AttemptOutcome::AddressRefused, "{url}");
        }
        let only = client.at_ports("443".parse().unwrap()).resolving(far);
        assert_eq!(post(&only, "https://example.com:8443/").await.outcome, AttemptOutcome::AddressRefused);
    }
    // This machine's own, where it is posted to, may be any.
    let endpoint = TestEndpoint::start(answers(OK)).await;
    let only = local_client().at_ports("443".parse().unwrap());
    assert_eq!(post(&only, &endpoint.url("/")).await.outcome, AttemptOutcome::Delivered);
}

#[tokio::test]
async fn plain_http_goes_to_this_machine_only() {
    let client = local_client().resolving(|_| vec!["93.184.215.14".parse().unwrap()]);
    for url in ["http://example.com/", "http://93.184.215.14/", "http://[2606:4700:4700::1111]/"] {
        assert_eq!(post(&client, url).await.outcome, AttemptOutcome::AddressRefused, "{url}");
    }
}

#[tokio::test]
async fn what_is_no_web_address_is_refused() {
    let (v4, _) = trap().await;
    let port = v4.address.port();
    for url in [
        "",
        "hook",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "https://",
        "https://256.0.0.1/",
        "https://[::1/",
        "https://exa mple.com/",
    ] {
        assert_eq!(post(&local_client(), url).await.outcome, AttemptOutcome::AddressRefused, "{url}");
    }
    // The host is what comes after the user, not before.
    let public = WebhookClient::new(Targets::Public, &[]).unwrap();
    for url in [
        format!("https://example.com@127.0.0.1:{port}/"),
        format!("https://example.com:443@127.0.0.1:{port}/"),
        format!("https:127.0.0.1:{port}/"),
        format!("https:\\\\127.0.0.1:{port}\\"),
        format!("https://\t127.0.0.1:{port}/"),
    ] {
        assert_eq!(post(&public, &url).await.outcome, AttemptOutcome::AddressRefused, "{url}");
    }
    assert_eq!(v4.connections(), 0);
}
