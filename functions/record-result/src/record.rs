//! One result.

use domain::Versioned;
use domain::analysis::{Analysis, AnalysisStatus, StoredAnalysis};
use domain::conducting::{ConductedOutcome, InterviewResult};
use domain::interview::{Interview, Unrecorded};
use domain::time::Timestamp;
use domain::transcript::Transcript;
use store::{InterviewContent, StoreError, SystemSession, Updated};

use crate::log::ResultLog;
use crate::{App, Disposition};

/// Records a result under the condition that the interview has not changed since it was read; otherwise reads and decides again,
/// for as long as the session has time.
pub(crate) async fn record(app: &App, result: &InterviewResult, log: &mut ResultLog) -> Disposition {
    log.result(result);
    let mut system = app.store.system();
    let recorded = read_and_record(&mut system, result, app.runtime.now(), log).await;
    log.cost = system.session.cost();
    recorded.unwrap_or_else(|error| {
        log.failed(&error);
        Disposition::Redeliver
    })
}

async fn read_and_record(
    system: &mut SystemSession,
    result: &InterviewResult,
    now: Timestamp,
    log: &mut ResultLog,
) -> Result<Disposition, StoreError> {
    let mut stored = system.stored_interview(result.interview_id).await?;
    loop {
        let Some(old) = stored else {
            log.outcome = "UNKNOWN_INTERVIEW";
            return Ok(Disposition::DeadLetter("no such interview".to_owned()));
        };
        log.company_id = Some(old.value.company_id);
        let (new, content) = match decide(&old, &result.outcome, now) {
            Ok(decided) => decided,
            Err(unrecorded) => {
                log.unrecorded(unrecorded);
                return Ok(Disposition::Acknowledge);
            }
        };
        if system.record(&old, &new, &content).await? == Updated::Applied {
            log.recorded(&new);
            return Ok(Disposition::Acknowledge);
        }
        stored = system.stored_interview_again(result.interview_id).await?;
    }
}

/// The interview with the result, and the content that comes along.
fn decide(
    old: &Versioned<Interview>,
    outcome: &ConductedOutcome,
    now: Timestamp,
) -> Result<(Interview, InterviewContent), Unrecorded> {
    let interview = &old.value;
    let mut content = InterviewContent::default();
    let new = match outcome {
        ConductedOutcome::Completed(conducted) => {
            let new = interview.completed(conducted, now)?;
            let segments = conducted.transcript.clone().filter(|_| new.transcript_available);
            content.transcript = segments.map(|segments| Transcript::new(&new, segments, now));
            new
        }
        ConductedOutcome::Failed { reason, call_attempts } => {
            interview.failed(reason, call_attempts.as_deref(), now)?
        }
        ConductedOutcome::AnalysisCompleted { analysis } => {
            let new = interview.analysed(AnalysisStatus::Completed, now)?;
            let analysis = Analysis::of(interview.id, analysis.clone(), now);
            content.analysis = Some(StoredAnalysis::new(&new, analysis, now));
            new
        }
        ConductedOutcome::AnalysisFailed { .. } => interview.analysed(AnalysisStatus::Failed, now)?,
    };
    Ok((new, content))
}
