//! The hand-over of one interview.

use std::error::Error;

use api::{AgentResponse, CandidateResponse, JobResponse, PhoneNumberResponse};
use domain::conducting::{InterviewStart, MessageVersion, StartId};
use domain::interview::Interview;
use queue::OutgoingMessage;
use store::{HandOver, SystemSession};

use crate::App;

/// Hands an interview over that has started. False if it is to be conducted no more.
pub(crate) async fn hand_over(
    app: &App,
    system: &mut SystemSession,
    started: &Interview,
) -> Result<bool, Box<dyn Error + Send + Sync>> {
    let Some(found) = system.hand_over(started, app.runtime.now()).await? else { return Ok(false) };
    let Some(message) = message(&found) else { return Ok(false) };
    let body = serde_json::to_string(&message)?;
    // A group for each company: the backlog of one does not hold up another's.
    app.starts.send(OutgoingMessage { body, group: found.interview.company_id.to_string() }).await?;
    Ok(true)
}

type Start<'a> = InterviewStart<AgentResponse<'a>, CandidateResponse<'a>, JobResponse<'a>, PhoneNumberResponse<'a>>;

/// The message of an interview that is running; none without a deadline, which only one has that was not started by us.
fn message(found: &HandOver) -> Option<Start<'_>> {
    let HandOver { interview, agent, candidate, candidate_job_ids, job, phone_number } = found;
    Some(InterviewStart {
        version: MessageVersion::CURRENT,
        message_id: StartId::of(interview.id),
        interview_id: interview.id,
        company_id: interview.company_id,
        scheduled_at: interview.scheduled_at,
        deadline: interview.deadline?,
        agent: AgentResponse::from(agent),
        // As in lists: without the number of interviews, which is counted when a caller asks for it.
        candidate: CandidateResponse::new(candidate, candidate_job_ids.clone(), None),
        job: job.as_ref().map(JobResponse::from),
        phone_number: phone_number.as_ref().map(PhoneNumberResponse::from),
    })
}
