use uuid::Uuid;

use super::*;
use crate::webhook::{Circuit, CircuitPhase, CircuitState};

const SCHEDULE: RetrySchedule = RetrySchedule::STANDARD;
const MIDDLE: f64 = 0.5;

fn start() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

fn later(seconds: u64) -> Timestamp {
    start().saturating_add(Duration::from_secs(seconds))
}

fn job() -> DeliveryJob {
    let webhook_id = WebhookId::new(Uuid::from_u128(1));
    DeliveryJob::new(&Event::ping(webhook_id, Uuid::nil(), start()).unwrap(), webhook_id)
}

fn message(id: &str) -> ReceivedMessage<'_> {
    ReceivedMessage { id, sent_at: start() }
}

fn attempt(outcome: AttemptOutcome, at: Timestamp) -> AttemptRecord {
    AttemptRecord { at, outcome, http_status: None, duration_ms: 0, response_body: None }
}

fn failed_once() -> Delivery {
    let failed = attempt(AttemptOutcome::Timeout, start());
    begun(Delivery::new(&job(), start()), start()).after(failed, None, message("a"), None, MIDDLE, &SCHEDULE)
}

fn begun(delivery: Delivery, at: Timestamp) -> Delivery {
    delivery.attempting(Uuid::from_u128(7), message("a"), at)
}

fn turn(known: &Delivery, message: ReceivedMessage<'_>, now: Timestamp) -> NextStep {
    Delivery::next_step(Some(known.clone()), &job(), message, now, &SCHEDULE)
}

#[test]
fn ten_attempts_at_the_documented_times_and_no_other() {
    let mut delivery = Delivery::new(&job(), start());
    let mut waited = Vec::new();
    let mut now = start();
    while delivery.status == DeliveryStatus::Pending {
        let at = delivery.next_attempt_at.unwrap();
        waited.push(at.saturating_since(now).as_secs());
        now = at;
        let failed = attempt(AttemptOutcome::BadStatus, now);
        delivery = begun(delivery, now).after(failed, None, message("a"), None, MIDDLE, &SCHEDULE);
    }
    assert_eq!(waited, [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 43_200, 43_200, 43_200]);
    assert_eq!(delivery.status, DeliveryStatus::Failed);
    assert_eq!(delivery.attempts, 10);
    assert_eq!(delivery.next_attempt_at, None);
    assert!(now < delivery.gives_up_at(&SCHEDULE));
}

#[test]
fn waits_are_spread_by_a_tenth() {
    let wait = Duration::from_secs(1_000);
    assert_eq!(jittered(wait, 0.0).as_secs(), 900);
    assert_eq!(jittered(wait, 1.0).as_secs(), 1_100);
}

#[test]
fn retry_after_puts_an_attempt_off_and_never_forward() {
    let next = |retry_after| {
        let failed = attempt(AttemptOutcome::BadStatus, start());
        let delivery =
            Delivery::new(&job(), start()).after(failed, Some(retry_after), message("a"), None, MIDDLE, &SCHEDULE);
        delivery.next_attempt_at.unwrap().saturating_since(start())
    };
    assert_eq!(next(Duration::from_secs(1)).as_secs(), 5);
    assert_eq!(next(Duration::from_secs(3_600)).as_secs(), 3_600);
    assert_eq!(next(Duration::from_secs(90_000)), RETRY_AFTER_MAX);
}

#[test]
fn what_was_delivered_is_over_for_every_message() {
    let delivered = attempt(AttemptOutcome::Delivered, start());
    let delivery = Delivery::new(&job(), start()).after(delivered, None, message("a"), None, MIDDLE, &SCHEDULE);
    assert_eq!(delivery.status, DeliveryStatus::Succeeded);
    for id in ["a", "b"] {
        assert_eq!(turn(&delivery, ReceivedMessage { id, sent_at: later(9_999) }, later(10_000)), NextStep::Done);
    }
}

#[test]
fn a_second_message_stands_by_and_takes_over_only_from_one_that_is_lost() {
    let delivery = failed_once();
    assert_eq!(turn(&delivery, message("a"), later(4)), NextStep::NotBefore(later(5)));
    assert!(matches!(turn(&delivery, message("a"), later(5)), NextStep::Attempt(_)));
    assert_eq!(turn(&delivery, message("b"), later(5)), NextStep::NotBefore(later(65)));
    assert!(matches!(turn(&delivery, message("b"), later(65)), NextStep::Attempt(_)));
}

#[test]
fn while_an_attempt_is_under_way_no_other_begins() {
    let running = begun(failed_once(), later(5));
    assert_eq!((running.attempts, running.status), (2, DeliveryStatus::Pending));
    // Nor if somebody asks for the delivery to begin anew.
    for running in [running.clone(), running.clone().again(later(6))] {
        for id in ["a", "b"] {
            assert_eq!(turn(&running, message(id), later(64)), NextStep::NotBefore(later(65)));
        }
        assert!(matches!(turn(&running, message("a"), later(65)), NextStep::Attempt(_)));
    }
    let over = running.after(attempt(AttemptOutcome::Timeout, later(5)), None, message("a"), None, MIDDLE, &SCHEDULE);
    assert_eq!((over.attempts, over.running), (2, None));
}

#[test]
fn an_attempt_from_before_a_series_is_no_part_of_it_unless_it_delivered() {
    let again = begun(failed_once(), later(5)).again(later(6));
    let after = |outcome| {
        let record = AttemptRecord { duration_ms: 3_000, ..attempt(outcome, later(5)) };
        again.clone().after(record, None, message("a"), None, MIDDLE, &SCHEDULE)
    };
    let failed = after(AttemptOutcome::Timeout);
    assert_eq!((failed.attempts, failed.step, failed.next_attempt_at), (2, 0, Some(later(8))));
    assert_eq!(after(AttemptOutcome::Delivered).status, DeliveryStatus::Succeeded);
}

#[test]
fn what_was_given_up_begins_anew_only_with_a_message_that_was_sent_since() {
    let delivery = failed_once().given_up(later(100));
    assert_eq!(turn(&delivery, ReceivedMessage { id: "b", sent_at: later(100) }, later(200)), NextStep::Done);
    let NextStep::Attempt(again) = turn(&delivery, ReceivedMessage { id: "c", sent_at: later(101) }, later(200)) else {
        panic!("no new series");
    };
    assert_eq!((again.status, again.step, again.attempts), (DeliveryStatus::Pending, 0, 1));
    assert_eq!(again.gives_up_at(&SCHEDULE), later(200).saturating_add(SCHEDULE.give_up_after));
}

#[test]
fn trials_of_a_spared_endpoint_do_not_use_up_the_series() {
    let mut delivery = failed_once();
    for probe in 1..100 {
        let failed = attempt(AttemptOutcome::Timeout, later(probe * 900));
        let next = later((probe + 1) * 900);
        delivery = delivery.after(failed, None, message("a"), Some(next), MIDDLE, &SCHEDULE);
        assert_eq!((delivery.step, delivery.next_attempt_at), (1, Some(next)));
    }
    let last = later(4 * 24 * 60 * 60 - 900);
    let end = last.saturating_add(Duration::from_secs(900));
    let delivery =
        delivery.after(attempt(AttemptOutcome::Timeout, last), None, message("a"), Some(end), MIDDLE, &SCHEDULE);
    assert_eq!(delivery.status, DeliveryStatus::Failed);
}

#[test]
fn a_circuit_opens_after_twenty_failures_over_an_hour_and_not_before() {
    let fail = |circuit: Circuit, at| circuit.after(AttemptOutcome::Timeout, at, &SCHEDULE);
    let fast = (0..1_000).fold(Circuit::default(), |circuit, _| fail(circuit, later(3_599)));
    assert_eq!(fast.state(), CircuitState::Closed);
    assert_eq!(fail(fast, later(2 * 3_599 + 1)).state(), CircuitState::Open);

    let few = (0..18).fold(fail(Circuit::default(), start()), |circuit, _| fail(circuit, later(3_600)));
    assert_eq!((few.consecutive_failures, few.state()), (19, CircuitState::Closed));
    assert_eq!(fail(few.clone(), later(3_599)).state(), CircuitState::Closed);
    assert_eq!(fail(few.clone(), later(3_600)).state(), CircuitState::Open);
    assert_eq!(few.after(AttemptOutcome::Delivered, later(3_600), &SCHEDULE), Circuit::default());
}

#[test]
fn an_open_circuit_lets_one_attempt_through_each_quarter_of_an_hour() {
    let open = (0..20)
        .fold(Circuit::default(), |circuit, n| circuit.after(AttemptOutcome::BadStatus, later(n * 200), &SCHEDULE));
    assert_eq!(open.opened_at, Some(later(3_800)));
    let probe_at = later(3_800 + 900);
    assert_eq!(open.phase(later(4_000), &SCHEDULE), CircuitPhase::OpenUntil(probe_at));
    let CircuitPhase::HalfOpen(claimed) = open.phase(probe_at, &SCHEDULE) else { panic!("no trial") };
    assert_eq!(claimed.phase(probe_at, &SCHEDULE), CircuitPhase::OpenUntil(later(3_800 + 1_800)));
    let still_open = claimed.after(AttemptOutcome::BadStatus, probe_at, &SCHEDULE);
    assert_eq!(still_open.next_probe_at, claimed.next_probe_at);
    assert_eq!(still_open.consecutive_failures, 20, "counted no further");
    assert_eq!(
        claimed.after(AttemptOutcome::Delivered, probe_at, &SCHEDULE).phase(probe_at, &SCHEDULE),
        CircuitPhase::Closed
    );
}

#[test]
fn a_delivery_is_forgotten_thirty_days_after_its_last_change() {
    let delivery = failed_once();
    assert_eq!(delivery.expires_at, start().epoch_seconds() + 30 * 24 * 60 * 60);
}

fn swept(reason: SweepReason) -> DeliveryJob {
    DeliveryJob { swept: Some(reason), ..job() }
}

/// The delivery after two failures, the second of which asked for that wait.
fn waits_for(seconds: u64) -> Delivery {
    let retry_after = Some(Duration::from_secs(seconds));
    begun(failed_once(), later(5)).after(
        attempt(AttemptOutcome::BadStatus, later(5)),
        retry_after,
        message("a"),
        None,
        MIDDLE,
        &RetrySchedule { waits: [Duration::ZERO; ATTEMPTS], ..SCHEDULE },
    )
}

#[test]
fn a_wait_of_a_minute_is_the_queue_s_and_a_longer_one_the_table_s() {
    assert_eq!(turn(&waits_for(60), message("a"), later(5)), NextStep::NotBefore(later(65)));
    let longer = waits_for(61);
    for id in ["a", "b"] {
        assert_eq!(turn(&longer, message(id), later(5)), NextStep::Wait(Box::new(longer.clone())), "{id}");
    }
    // Whatever brings it back out of the table is in charge.
    let waiting = longer.in_table();
    assert!(matches!(turn(&waiting, message("c"), later(66)), NextStep::Attempt(_)));
}

#[test]
fn a_sweep_never_begins_anew_what_was_given_up() {
    let delivery = failed_once().given_up(later(100));
    let sent_since = ReceivedMessage { id: "c", sent_at: later(101) };
    for reason in [SweepReason::Due, SweepReason::Surplus] {
        let step = Delivery::next_step(Some(delivery.clone()), &swept(reason), sent_since, later(200), &SCHEDULE);
        assert_eq!(step, NextStep::Done);
    }
}

#[test]
fn a_surplus_delivery_is_given_up_unless_somebody_asked_for_it_since() {
    let waiting = waits_for(3_600).in_table();
    let step = |delivery: &Delivery| {
        let sent = ReceivedMessage { id: "c", sent_at: later(100) };
        Delivery::next_step(Some(delivery.clone()), &swept(SweepReason::Surplus), sent, later(101), &SCHEDULE)
    };
    assert_eq!(step(&waiting), NextStep::GiveUp(Box::new(waiting.clone())));
    assert!(matches!(step(&waiting.again(later(101))), NextStep::Attempt(_)));
}

#[test]
fn an_order_of_an_earlier_version_is_one_that_no_sweep_sent() {
    let text = serde_json::to_string(&job()).unwrap();
    assert!(!text.contains("swept"), "{text}");
    assert_eq!(serde_json::from_str::<DeliveryJob>(&text).unwrap().swept, None);
    let text = serde_json::to_string(&swept(SweepReason::Due)).unwrap();
    assert_eq!(serde_json::from_str::<DeliveryJob>(&text).unwrap().swept, Some(SweepReason::Due));
}

#[test]
fn ten_thousand_may_wait_and_the_next_is_one_too_many() {
    let alarm = |waiting| WebhookAlarm {
        webhook_id: job().webhook_id,
        due_at: start(),
        waiting,
        created_at: start(),
        updated_at: start(),
    };
    assert_eq!([-1, 0, 10_000, 10_001].map(|waiting| alarm(waiting).surplus()), [0, 0, 0, 1]);
}
