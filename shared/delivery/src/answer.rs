//! The meaning of an endpoint's answer.

use std::time::{Duration, SystemTime};

use domain::delivery::{AttemptOutcome, RESPONSE_KEPT_MAX_BYTES};
use domain::time::Timestamp;
use hyper::StatusCode;
use hyper::header::{HeaderMap, RETRY_AFTER};

/// Longest wait that an endpoint can ask for: the longest between two attempts.
pub const RETRY_AFTER_MAX: Duration = domain::delivery::RETRY_AFTER_MAX;

/// The outcome of an attempt by the status of its answer.
pub(crate) fn outcome(status: StatusCode) -> AttemptOutcome {
    if status.is_success() {
        AttemptOutcome::Delivered
    } else if matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        AttemptOutcome::Redirect
    } else if status == StatusCode::GONE {
        AttemptOutcome::Gone
    } else {
        AttemptOutcome::BadStatus
    }
}

/// The wait from `now` on that the endpoint asks for, as a number of seconds or as a date. At most [`RETRY_AFTER_MAX`].
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number with too many digits is a long time all the same.
        text.parse().map_or(RETRY_AFTER_MAX, Duration::from_secs)
    } else {
        let date = httpdate::parse_http_date(text).ok()?;
        let now = SystemTime::UNIX_EPOCH + Duration::from_millis(now.epoch_ms().try_into().ok()?);
        date.duration_since(now).unwrap_or_default()
    };
    Some(wait.min(RETRY_AFTER_MAX))
}

/// The beginning of an answer as text, at most [`RESPONSE_KEPT_MAX_BYTES`]; none if it is empty. Bytes that are not
/// UTF-8 become U+FFFD, but for a character that is cut at the end, which is left out.
pub(crate) fn excerpt(body: &[u8]) -> Option<String> {
    let kept = body.get(..RESPONSE_KEPT_MAX_BYTES).unwrap_or(body);
    let cut = kept.utf8_chunks().last().map_or(0, |last| match std::str::from_utf8(last.invalid()) {
        Err(error) if error.error_len().is_none() => last.invalid().len(),
        Ok(_) | Err(_) => 0,
    });
    let mut text = String::from_utf8_lossy(kept.get(..kept.len() - cut)?).into_owned();
    text.truncate(text.floor_char_boundary(RESPONSE_KEPT_MAX_BYTES));
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_status_has_its_outcome() {
        for code in 100..=999 {
            let expected = match code {
                200..=299 => AttemptOutcome::Delivered,
                301 | 302 | 303 | 307 | 308 => AttemptOutcome::Redirect,
                410 => AttemptOutcome::Gone,
                _ => AttemptOutcome::BadStatus,
            };
            assert_eq!(outcome(StatusCode::from_u16(code).unwrap()), expected, "{code}");
        }
    }

    #[test]
    fn an_endpoint_can_ask_for_up_to_twelve_hours() {
        let now: Timestamp = "2026-11-22T10:00:00.500Z".parse().unwrap();
        let wait = |text: &str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            retry_after(&headers, now).map(|wait| wait.as_millis())
        };
        for (text, expected) in [
            ("0", Some(0)),
            ("120", Some(120_000)),
            (" 120 ", Some(120_000)),
            ("43200", Some(43_200_000)),
            ("43201", Some(43_200_000)),
            ("99999999999999999999999999", Some(43_200_000)),
            ("Sun, 22 Nov 2026 10:00:30 GMT", Some(29_500)),
            ("Sunday, 22-Nov-26 10:00:30 GMT", Some(29_500)),
            ("Sun Nov 22 10:00:30 2026", Some(29_500)),
            ("Mon, 23 Nov 2026 10:00:30 GMT", Some(43_200_000)),
            ("Sun, 22 Nov 2026 09:00:00 GMT", Some(0)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("Sun, 22 Nov 2026 25:00:30 GMT", None),
        ] {
            assert_eq!(wait(text), expected, "{text:?}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    #[test]
    fn an_excerpt_ends_with_a_whole_character() {
        const MAX: usize = RESPONSE_KEPT_MAX_BYTES;
        assert_eq!(excerpt(b""), None);
        assert_eq!(excerpt("Dobrý deň".as_bytes()).as_deref(), Some("Dobrý deň"));
        assert_eq!(excerpt(&[b'x'; MAX]).unwrap().len(), MAX);
        assert_eq!(excerpt(&[b'x'; MAX + 1]).unwrap().len(), MAX);
        for lead in 0..4 {
            let text = "x".repeat(lead) + &"😀".repeat(MAX);
            let kept = excerpt(text.as_bytes()).unwrap();
            assert!(text.starts_with(&kept) && kept.len() > MAX - 4, "{lead}");
        }
        assert_eq!(excerpt(b"a\xffb").as_deref(), Some("a\u{fffd}b"));
        assert_eq!(excerpt(&[0xff; MAX]).unwrap().len(), MAX / 3 * 3);
    }

    proptest! {
        #[test]
        fn an_excerpt_is_never_too_long(body: Vec<u8>, times in 0..200_usize) {
            prop_assert!(excerpt(&body.repeat(times)).unwrap_or_default().len() <= RESPONSE_KEPT_MAX_BYTES);
        }
    }
}
