//! Results: what they change, and what they do not.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{TestServer, body};

use super::{Life, RESERVED, analysis, analysis_failed, completed, delete, failed};

const GRANTED: i64 = 600 * 60;
/// The time from an interview's start to its deadline: 30 minutes of the agent and 60 of grace.
const DEADLINE: Duration = Duration::from_secs(90 * 60);

#[tokio::test]
async fn a_whole_life_is_told_shown_settled_and_counted() {
    let life = Life::start().await;
    let id = life.running().await;
    assert_eq!(life.record(&[completed(&id, 60.2)]).await, 0);
    let shown = life.shown(&id).await;
    let expected = json!({
        "status": "COMPLETED", "durationMinutes": 2, "startedAt": "2026-05-15T11:00:00.000Z",
        "finishedDate": "2026-05-15T11:30:00.500Z", "transcriptAvailable": true,
    });
    for (name, value) in expected.as_object().expect("members") {
        assert_eq!(&shown[name], value, "{name}: {shown}");
    }
    assert!(shown.get("analysis").is_none() && shown.get("failureReason").is_none(), "{shown}");
    // 60.2 s count as 61.
    assert_eq!(life.books().await, (0, 61, GRANTED - 61));
    assert_eq!(life.usage().await, (1, 61));
    let transcript = life.company.get(&format!("/interviews/{id}/transcript")).answered(200).await;
    assert_eq!(transcript.body["segments"], completed(&id, 0.0)["transcript"]);

    let before = life.company.get(&format!("/interviews/{id}")).answered(200).await;
    assert_eq!(life.record(&[analysis(&id)]).await, 0);
    let after = life.company.get(&format!("/interviews/{id}")).answered(200).await;
    assert_ne!(before.header("etag"), after.header("etag"), "an analysis is another version");
    let general = &after.body["analysis"]["general"];
    assert_eq!((&general["overallRating"], &general["status"]), (&json!(71), &json!("COMPLETED")));
    assert_eq!(after.body["analysis"]["specific"], analysis(&id)["analysis"]["specific"]);
    assert_eq!(life.told(&id), ["interview.started", "interview.completed", "analysis.completed"]);
    let posts = life.endpoint.posts();
    let told = posts.iter().find(|post| post.event() == "analysis.completed").expect("a post").json();
    assert_eq!(told["data"]["analysis"], after.body["analysis"], "what is told is what is shown");
    let listed = life.company.get("/interviews").answered(200).await;
    assert!(!listed.body.to_string().contains("bassoon"), "lists show no content");
    // A version that was read still names the interview as it stands, and a change shows the analysis.
    let path = format!("/interviews/{id}");
    let etag = after.header("etag").expect("a tag").to_owned();
    let changed = life.company.patch(&path).header("if-match", &etag).json(&json!({"metadata": {"a": 1}}));
    assert_eq!(changed.answered(200).await.body["analysis"], after.body["analysis"]);
}

#[tokio::test]
async fn whatever_comes_after_the_end_changes_nothing() {
    for (first, status) in
        [(completed as fn(&str, f64) -> Value, "COMPLETED"), (|id, _| failed(id, "NO_ANSWER"), "FAILED")]
    {
        let life = Life::start().await;
        let id = life.running().await;
        life.record(&[first(&id, 100.0)]).await;
        let (item, books, usage) = (life.stored(&id).await, life.books().await, life.usage().await);
        assert_eq!(item["status"]["S"], status);
        let later = [first(&id, 100.0), completed(&id, 7.0), failed(&id, "BUSY")];
        assert_eq!(life.record(&later).await, 0, "they are done with");
        life.pass(DEADLINE).await;
        assert_eq!((life.stored(&id).await, life.books().await, life.usage().await), (item, books, usage));
        let log = life.server.log();
        assert_eq!(log.iter().filter(|line| line.contains("\"outcome\":\"FINAL\"")).count(), 3, "each is logged");
    }
}

#[tokio::test]
async fn a_failed_interview_says_why_gives_its_time_back_and_is_not_counted() {
    let life = Life::start().await;
    let id = life.running().await;
    life.record(&[analysis(&id), failed(&id, "The line was dead."), analysis(&id)]).await;
    let shown = life.shown(&id).await;
    assert_eq!((&shown["status"], &shown["failureReason"]), (&json!("FAILED"), &json!("The line was dead.")));
    assert_eq!(shown["finishedDate"], json!(life.server.now()));
    assert!(shown.get("analysis").is_none(), "{shown}");
    assert_eq!((life.books().await, life.usage().await), ((0, 0, GRANTED), (0, 0)));
    assert_eq!(life.told(&id), ["interview.started", "interview.failed"]);
    assert!(!life.server.all_items().await.iter().any(|item| item.to_string().contains("bassoon")));
}

#[tokio::test]
async fn call_attempts_are_shown_of_an_interview_by_telephone() {
    let life = Life::start().await;
    let agent = body::with(body::phone_agent(&life.company.phone_number().await), json!({"focus": "GENERIC"}));
    let body = json!({"candidate": body::candidate(), "agent": agent});
    let id = life.company.created("/interviews", &body).await.id();
    life.stream_handled(&id).await;
    let attempt = json!({
        "id": "6f0c0b2e-8f3b-4b3c-9b8e-3f1f8a2d4c11", "direction": "OUTBOUND", "status": "FAILED", "reasonCode": "BUSY",
        "retryNumber": 0, "scheduledAt": "2026-05-15T11:00:00.000Z",
    });
    let mut result = failed(&id, "BUSY");
    result["callAttempts"] = json!([attempt]);
    assert_eq!(life.record(&[result]).await, 0);
    assert_eq!(life.shown(&id).await["callAttempts"], json!([attempt]));
}

#[tokio::test]
async fn before_the_start_nothing_counts() {
    let life = Life::start().await;
    let id = life.scheduled().await;
    let item = life.stored(&id).await;
    assert_eq!(life.record(&[completed(&id, 60.0), failed(&id, "BUSY"), analysis(&id), analysis_failed(&id)]).await, 0);
    assert_eq!(life.stored(&id).await, item);
    assert_eq!(life.told(&id).len(), 0);
    let log = life.server.log();
    assert_eq!(log.iter().filter(|line| line.contains("\"outcome\":\"NOT_STARTED\"")).count(), 4);
}

#[tokio::test]
async fn an_analysis_before_the_result_is_kept_and_told_after_it() {
    for (early, event) in [(analysis as fn(&str) -> Value, "analysis.completed"), (analysis_failed, "analysis.failed")]
    {
        let life = Life::start().await;
        let id = life.running().await;
        life.record(&[early(&id)]).await;
        let shown = life.shown(&id).await;
        assert!(shown["status"] == "IN_PROGRESS" && shown.get("analysis").is_none(), "{shown}");
        assert_eq!(life.told(&id), ["interview.started"]);
        // The first one wins.
        life.record(&[analysis_failed(&id), completed(&id, 60.0), analysis(&id)]).await;
        assert_eq!(life.shown(&id).await.get("analysis").is_some(), event == "analysis.completed");
        assert_eq!(life.told(&id), ["interview.started", "interview.completed", event]);
    }
}

#[tokio::test]
async fn without_a_result_an_interview_fails_at_its_deadline_and_a_late_result_still_counts() {
    let life = Life::start().await;
    let id = life.running().await;
    life.record(&[analysis(&id)]).await;
    let deadline: domain::time::Timestamp =
        life.stored(&id).await["deadline"]["S"].as_str().expect("a time").parse().expect("a time");
    let left = deadline.saturating_since(life.server.now());
    life.pass(left - Duration::from_millis(1)).await;
    assert_eq!(life.shown(&id).await["status"], "IN_PROGRESS");
    life.pass(Duration::from_millis(1)).await;
    let shown = life.shown(&id).await;
    assert_eq!((&shown["status"], &shown["failureReason"]), (&json!("FAILED"), &json!("NO_RESULT")));
    assert_eq!((life.books().await, life.usage().await), ((0, 0, GRANTED), (0, 0)));
    assert_eq!(life.told(&id), ["interview.started", "interview.failed"]);

    life.pass(Duration::from_secs(1)).await;
    life.record(&[completed(&id, 90.0)]).await;
    let shown = life.shown(&id).await;
    assert_eq!((&shown["status"], shown.get("failureReason")), (&json!("COMPLETED"), None));
    assert_eq!(shown["analysis"]["general"]["overallRating"], 71, "what was kept is shown now");
    assert_eq!((life.books().await, life.usage().await), ((0, 90, GRANTED - 90), (1, 90)));
    assert_eq!(life.told(&id), ["interview.started", "interview.failed", "interview.completed", "analysis.completed"]);
    life.record(&[completed(&id, 91.0)]).await;
    assert_eq!(life.usage().await, (1, 90));
}

#[tokio::test]
async fn time_beyond_the_reservation_counts_as_used_also_beyond_the_grant() {
    for overage in [false, true] {
        let server = TestServer::start().await;
        let company = server.company().minutes(40);
        let company = if overage { company.overage() } else { company }.create().await;
        let life = Life::of(server, company).await;
        let id = life.running().await;
        life.record(&[completed(&id, 3_000.0)]).await;
        assert_eq!((life.books().await, life.usage().await), ((0, 3_000, -600), (1, 3_000)));
        assert_eq!(life.shown(&id).await["durationMinutes"], 50);
        let books = life.company.allowance().await.books();
        assert_eq!((books.overage().0, books.overdrawn().0), if overage { (600, 0) } else { (0, 600) });
    }
}

#[tokio::test]
async fn a_result_that_comes_in_the_next_month_is_settled_in_the_month_of_its_reservation() {
    let life = Life::start().await;
    let id = life.running().await;
    life.server.set_clock("2026-06-02T00:00:00Z");
    life.sweep().await;
    // The next month opens.
    life.company.created("/interviews", &body::interview()).await;
    life.settled().await;
    life.record(&[completed(&id, 100.0)]).await;
    let kept = life.server.item(&format!("COMPANY#{}", life.company.id), "PERIOD#2026-05").await;
    assert_eq!((&kept["reservedSeconds"]["N"], &kept["usedSeconds"]["N"]), (&json!("0"), &json!("100")), "{kept}");
    assert_eq!(life.books().await, (RESERVED, 0, GRANTED - RESERVED));
    assert_eq!(life.usage().await, (1, 100));
}

#[tokio::test]
async fn cancelled_while_it_runs_its_time_is_settled_and_nothing_else_is_kept_or_told() {
    let life = Life::start().await;
    let (heard, unheard, broken) = (life.running().await, life.running().await, life.running().await);
    // An analysis that was there goes.
    life.record(&[analysis(&heard)]).await;
    for id in [&heard, &unheard, &broken] {
        let path = format!("/interviews/{id}/cancel");
        assert_eq!(life.company.post(&path).answered(200).await.body["status"], "IN_PROGRESS");
    }
    life.record(&[completed(&heard, 100.0), analysis(&heard), failed(&broken, "BUSY")]).await;
    let shown = life.shown(&heard).await;
    assert_eq!((&shown["status"], &shown["durationMinutes"]), (&json!("CANCELLED"), &json!(2)));
    assert!(shown.get("transcriptAvailable").is_none() && shown.get("analysis").is_none(), "{shown}");
    life.company.get(&format!("/interviews/{heard}/transcript")).answered(404).await;
    assert!(!life.server.all_items().await.iter().any(|item| item.to_string().contains("bassoon")));
    assert_eq!((life.books().await, life.usage().await), ((RESERVED, 100, GRANTED - RESERVED - 100), (1, 100)));
    let shown = life.shown(&broken).await;
    assert_eq!((&shown["status"], shown.get("failureReason")), (&json!("CANCELLED"), None));
    life.pass(DEADLINE).await;
    assert_eq!(life.shown(&unheard).await["status"], "CANCELLED");
    assert_eq!(life.books().await, (0, 100, GRANTED - 100));
    // The time that is told late still counts, once.
    life.record(&[completed(&unheard, 50.0)]).await;
    life.record(&[completed(&unheard, 51.0)]).await;
    assert_eq!(life.shown(&unheard).await["status"], "CANCELLED");
    assert_eq!((life.books().await, life.usage().await), ((0, 150, GRANTED - 150), (2, 150)));
    for id in [&heard, &unheard, &broken] {
        assert_eq!(life.told(id), ["interview.started"]);
    }
}

#[tokio::test]
async fn deleted_while_it_runs_it_holds_its_time_until_result_or_deadline() {
    let life = Life::start().await;
    let (heard, unheard) = (life.running().await, life.running().await);
    for id in [&heard, &unheard] {
        delete(&life.company, &format!("/interviews/{id}")).await;
        life.company.get(&format!("/interviews/{id}")).answered(404).await;
    }
    assert_eq!(life.books().await.0, 2 * RESERVED);
    life.record(&[completed(&heard, 100.0), analysis(&heard)]).await;
    assert_eq!((life.books().await.0, life.usage().await), (RESERVED, (1, 100)));
    life.pass(DEADLINE).await;
    assert_eq!(life.books().await, (0, 100, GRANTED - 100));
    for id in [&heard, &unheard] {
        life.company.get(&format!("/interviews/{id}")).answered(404).await;
        assert_eq!(life.told(id), ["interview.started"]);
    }
    assert_eq!(life.company.get("/interviews?isTest=false").answered(200).await.body["items"], json!([]));
    assert!(!life.server.all_items().await.iter().any(|item| item.to_string().contains("bassoon")));
}

#[tokio::test]
async fn a_deleted_interview_takes_transcript_and_analysis_along() {
    let life = Life::start().await;
    let id = life.running().await;
    life.record(&[completed(&id, 100.0)]).await;
    life.record(&[analysis(&id)]).await;
    let has_content = async || life.server.all_items().await.iter().any(|item| item.to_string().contains("bassoon"));
    assert!(has_content().await);
    delete(&life.company, &format!("/interviews/{id}")).await;
    assert!(!has_content().await);
    assert_eq!(
        (life.books().await, life.usage().await),
        ((0, 100, GRANTED - 100), (1, 100)),
        "the books keep its time"
    );
}

#[tokio::test]
async fn an_erased_candidate_s_interviews_lose_transcript_and_analysis() {
    let life = Life::start().await;
    let (ended, running) = (life.running().await, life.running().await);
    life.record(&[completed(&ended, 100.0)]).await;
    life.record(&[analysis(&ended), analysis(&running)]).await;
    for id in [&ended, &running] {
        let candidate_id = life.shown(id).await["candidateId"].as_str().expect("an id").to_owned();
        delete(&life.company, &format!("/candidates/{candidate_id}")).await;
        while life.server.item(&format!("CANDIDATE#{candidate_id}"), "CANDIDATE").await["erasure"]["S"] == "RUNNING" {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    assert!(!life.server.all_items().await.iter().any(|item| item.to_string().contains("bassoon")));
    // The one that ran ends as a cancelled one does.
    life.record(&[completed(&running, 10.0)]).await;
    assert_eq!(life.shown(&running).await["status"], "CANCELLED");
    assert!(!life.server.all_items().await.iter().any(|item| item.to_string().contains("bassoon")));
    assert_eq!(life.usage().await, (2, 110));
}
