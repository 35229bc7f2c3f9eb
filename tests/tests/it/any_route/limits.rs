//! The limits of a key's use, which hold for every route.

use api::{ErrorCode, Route};
use domain::limits::UseLimits;
use tests::TestServer;
use tests::faults::Operation::{BatchGetItem, CountUse};

/// A key beyond its limit is refused for one read and no write, and told when it may go on. Another key of the caller
/// is not affected.
pub async fn a_key_beyond_its_limit_is_refused_for_one_read(route: Route) {
    let server = TestServer::start().await;
    let caller = server.caller_of(route).await;
    let accepted = server.accepted(route, &caller.key).await;
    let (_, key) = caller.api_key().limits(UseLimits { minute: 1, hour: 5 }).create().await;
    server.faults().take_arrivals();
    let first = accepted.request(&server).key(&key).send().await;
    assert!(first.status < 300, "{first}");
    assert_eq!(first.header("x-ratelimit-remaining-minute"), Some("0"));
    let counts = |arrivals: Vec<_>| arrivals.into_iter().filter(|operation| *operation == CountUse).count();
    assert_eq!(counts(server.faults().take_arrivals()), 1);

    let refused = accepted.request(&server).key(&key).refused(ErrorCode::RateLimited).await;
    assert_eq!(server.faults().take_arrivals(), [BatchGetItem]);
    assert_eq!(
        (&refused.log["dynamodb"]["requests"], &refused.log["dynamodb"]["writeUnits"]),
        (&1.into(), &0.0.into())
    );
    assert_eq!((&refused.body["limit"], &refused.body["remaining"]), (&1.into(), &0.into()));
    assert_eq!(refused.text_of("resetsAt"), "2026-05-15T10:21:00.000Z");
    assert_eq!(refused.header("retry-after"), Some("30"));
    assert_eq!(refused.header("x-ratelimit-remaining-hour"), Some("4"), "a refused request does not count");

    let other = accepted.request(&server).key(&caller.key).send().await;
    assert_ne!(other.status, 429, "{other}");
}
