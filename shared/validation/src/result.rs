//! A result of an interview, as whoever conducts it reports it.

use domain::StringEnum as _;
use domain::Violation;
use domain::analysis::{ConversationCheck, ScreeningAnalysis, ScreeningScores, SpecificAnalysis};
use domain::conducting::{
    CALL_ATTEMPTS_MAX, CallNotes, ConductedInterview, ConductedOutcome, EVALUATION_MAX, FailureReason, Finding,
    Findings, GeneralFindings, InterviewResult, MessageVersion, POINTS_MAX, ResultEvent, SEGMENTS_MAX, SegmentText,
};
use domain::interview::{CallAttempt, CallDirection, InterviewId};
use domain::json::Json;
use domain::transcript::TranscriptSegment;
use serde_json::{Map, Value};

use crate::fields::{Fields, Shape, object};
use crate::issue::Issues;
use crate::rule::{
    Content, Rule as _, boolean, constant, id, instant, list, rating, retries, seconds, text, used_seconds, version,
    web_url, word,
};
use crate::schema::describe;
use crate::{BodyError, parse_object, read_object};

/// Reads a message of the queue of results.
///
/// # Errors
/// Everything that is wrong with it. Where it does not say which of the four results it is, that alone.
pub fn check_result(message: &[u8]) -> Result<InterviewResult, BodyError> {
    let json = parse_object(message)?;
    match event(&json)? {
        ResultEvent::Completed => read(&CompletedShape, &json),
        ResultEvent::Failed => read(&FailedShape, &json),
        ResultEvent::AnalysisCompleted => read(&AnalysisCompletedShape, &json),
        ResultEvent::AnalysisFailed => read(&AnalysisFailedShape, &json),
    }
}

/// The shapes of the four results, and of what is in them, by name: their schemas.
pub fn describe_results() -> Map<String, Value> {
    fn entry<S: Shape>(shape: &S) -> (String, Value) {
        (S::NAME.to_owned(), describe(shape))
    }
    Map::from_iter([
        entry(&CompletedShape),
        entry(&FailedShape),
        entry(&AnalysisCompletedShape),
        entry(&AnalysisFailedShape),
        entry(&SegmentShape),
        entry(&CallAttemptShape),
        entry(&FindingsShape),
        entry(&GeneralFindingsShape),
        entry(&ScreeningFindingsShape),
        entry(&ConversationCheckShape),
        entry(&ScreeningScoresShape),
    ])
}

/// The names of the four results' schemas, in the order of [`ResultEvent`].
pub const RESULT_NAMES: [&str; 4] =
    [CompletedShape::NAME, FailedShape::NAME, AnalysisCompletedShape::NAME, AnalysisFailedShape::NAME];

/// The word that tells the four results apart.
fn event(json: &Json<'_>) -> Result<ResultEvent, BodyError> {
    let Json::Object(members) = json else { return Err(BodyError::Malformed { line: 1, column: 1 }) };
    let given = members.iter().find(|(name, json)| name == "event" && *json != Json::Null);
    let mut issues = Issues::default();
    let event = issues.below("event", |issues| match given {
        Some((_, json)) => word().read(json, issues),
        None => {
            issues.add(Violation::new("required", "must be given"));
            None
        }
    });
    event.ok_or_else(|| BodyError::Invalid(issues.into_parts().0))
}

fn read<S: Shape<Value = InterviewResult>>(shape: &S, json: &Json<'_>) -> Result<InterviewResult, BodyError> {
    let (result, issues, _) = read_object(shape, json);
    result.filter(|_| issues.is_empty()).ok_or(BodyError::Invalid(issues))
}

/// Declares what every result has.
fn head<F: Fields>(fields: &mut F, event: ResultEvent) -> Option<(MessageVersion, InterviewId)> {
    let version = fields.required("version", version(), "Version of the message.");
    let interview_id = fields.required("interviewId", id(), "The interview that was handed over.");
    fields.required("event", constant(event.as_str()), "Tells it from the other results.");
    Some((version?, interview_id?))
}

fn call_attempts<F: Fields>(fields: &mut F) -> Option<Vec<CallAttempt>> {
    fields.optional(
        "callAttempts",
        list(object(&CallAttemptShape), CALL_ATTEMPTS_MAX),
        "The calls that were tried, in order. Only where the agent is of type PHONE.",
    )
}

fn reason<F: Fields>(fields: &mut F) -> Option<FailureReason> {
    fields.required("reason", text(), "The reason: a word such as `NO_ANSWER`, or a sentence for people.")
}

/// The result `completed`.
struct CompletedShape;

impl Shape for CompletedShape {
    type Value = InterviewResult;

    const NAME: &'static str = "Completed";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<InterviewResult> {
        let head = head(fields, ResultEvent::Completed);
        let started_at = fields.required("startedAt", instant(), "When the interview began, by your clock.");
        let ended_at =
            fields.required("endedAt", instant(), "When it ended, by your clock. Not earlier than `startedAt`.");
        let duration_seconds = fields.required(
            "durationSeconds",
            used_seconds(),
            "How long it took. This alone counts for billing, in whole seconds: a part of one is rounded up.",
        );
        let transcript = fields.optional(
            "transcript",
            Content(list(object(&SegmentShape), SEGMENTS_MAX)),
            "What was said, in order; at most 307,200 bytes of compact JSON. Absent if nothing was written down.",
        );
        let call_attempts = call_attempts(fields);
        fields.between(
            || None,
            |_| {
                let reversed = matches!((started_at, ended_at), (Some(start), Some(end)) if end < start);
                reversed.then(|| ("endedAt", Violation::new("minimum", "must not be earlier than `startedAt`")))
            },
        );
        let (version, interview_id) = head?;
        let (started_at, ended_at, duration_seconds) = (started_at?, ended_at?, duration_seconds?);
        let interview = ConductedInterview { started_at, ended_at, duration_seconds, transcript, call_attempts };
        Some(InterviewResult { version, interview_id, outcome: ConductedOutcome::Completed(interview) })
    }
}

/// The result `failed`.
struct FailedShape;

impl Shape for FailedShape {
    type Value = InterviewResult;

    const NAME: &'static str = "Failed";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<InterviewResult> {
        let head = head(fields, ResultEvent::Failed);
        let reason = reason(fields);
        let call_attempts = call_attempts(fields);
        let (version, interview_id) = head?;
        Some(InterviewResult {
            version,
            interview_id,
            outcome: ConductedOutcome::Failed { reason: reason?, call_attempts },
        })
    }
}

/// The result `analysis.completed`.
struct AnalysisCompletedShape;

impl Shape for AnalysisCompletedShape {
    type Value = InterviewResult;

    const NAME: &'static str = "AnalysisCompleted";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<InterviewResult> {
        let head = head(fields, ResultEvent::AnalysisCompleted);
        let analysis = fields.required(
            "analysis",
            Content(object(&FindingsShape)),
            "What was found, without id and times; at most 307,200 bytes of compact JSON.",
        );
        let (version, interview_id) = head?;
        Some(InterviewResult {
            version,
            interview_id,
            outcome: ConductedOutcome::AnalysisCompleted { analysis: analysis? },
        })
    }
}

/// The result `analysis.failed`.
struct AnalysisFailedShape;

impl Shape for AnalysisFailedShape {
    type Value = InterviewResult;

    const NAME: &'static str = "AnalysisFailed";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<InterviewResult> {
        let head = head(fields, ResultEvent::AnalysisFailed);
        let reason = reason(fields);
        let (version, interview_id) = head?;
        Some(InterviewResult { version, interview_id, outcome: ConductedOutcome::AnalysisFailed { reason: reason? } })
    }
}

/// Some words of one speaker.
struct SegmentShape;

impl Shape for SegmentShape {
    type Value = TranscriptSegment;

    const NAME: &'static str = "TranscriptSegment";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<TranscriptSegment> {
        let speaker = fields.required("speaker", word(), "Who speaks.");
        let text: Option<SegmentText> = fields.required("text", text(), "The words.");
        let start_seconds =
            fields.required("startSeconds", seconds(), "When they begin, in whole seconds from the interview's start.");
        let end_seconds = fields.required("endSeconds", seconds(), "When they end. Not less than `startSeconds`.");
        fields.between(
            || None,
            |_| {
                let reversed = matches!((start_seconds, end_seconds), (Some(start), Some(end)) if end < start);
                reversed.then(|| ("endSeconds", Violation::new("minimum", "must not be less than `startSeconds`")))
            },
        );
        let text = text?.as_str().to_owned();
        Some(TranscriptSegment { speaker: speaker?, text, start_seconds: start_seconds?, end_seconds: end_seconds? })
    }
}

/// One try to reach a candidate by telephone.
struct CallAttemptShape;

impl Shape for CallAttemptShape {
    type Value = CallAttempt;

    const NAME: &'static str = "CallAttempt";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<CallAttempt> {
        let id = fields.required("id", id(), "Identity of the call, which you choose.");
        let direction = fields.defaulted("direction", word(), CallDirection::Outbound, "Who calls whom.");
        let status = fields.required("status", word(), "How far the call is.");
        let reason_code = fields.optional("reasonCode", word(), "Why the call failed, if it did.");
        let notes: Option<CallNotes> = fields.optional("notes", text(), "What else is to be said of the call.");
        let retry_number =
            fields.defaulted("retryNumber", retries(), 0, "How many calls of this interview were tried before.");
        let recording_url = fields.optional("recordingUrl", web_url(), "Where the call's recording is.");
        let duration = fields.optional("duration", seconds(), "How long the call took, in whole seconds.");
        let scheduled_at = fields.required("scheduledAt", instant(), "When the call was to be made.");
        let called_at = fields.optional("calledAt", instant(), "When the call was made.");
        Some(CallAttempt {
            id: id?,
            direction,
            status: status?,
            reason_code,
            notes: notes.map(|notes| notes.as_str().to_owned()),
            retry_number,
            recording_url: recording_url.map(|url| url.as_str().to_owned()),
            duration,
            scheduled_at: scheduled_at?,
            called_at,
        })
    }
}

/// The findings of an interview.
struct FindingsShape;

impl Shape for FindingsShape {
    type Value = Findings;

    const NAME: &'static str = "Findings";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<Findings> {
        let general =
            fields.required("general", object(&GeneralFindingsShape), "What is found in interviews of every kind.");
        let specific = fields.required("specific", object(&ScreeningFindingsShape), "What is found by a screening.");
        Some(Findings { general: general?, specific: specific? })
    }
}

/// The findings that interviews of every kind have.
struct GeneralFindingsShape;

impl Shape for GeneralFindingsShape {
    type Value = GeneralFindings;

    const NAME: &'static str = "GeneralFindings";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<GeneralFindings> {
        let overall_rating = fields.required("overallRating", rating(), "All in all.");
        let company_fit_rating = fields.required("companyFitRating", word(), "How well the candidate fits.");
        let education: Option<Finding> = fields.required("education", text(), "The candidate's education.");
        let experience: Option<Finding> = fields.required("experience", text(), "The candidate's experience.");
        let strong_points = points(fields, "strongPoints", "What speaks for the candidate.");
        let weak_points = points(fields, "weakPoints", "What speaks against.");
        let evaluation = fields.required(
            "evaluation",
            list(text::<_, _, true>(), EVALUATION_MAX),
            "A sentence on each question, in their order.",
        );
        // As an analysis is shown, so that one can be sent as it was read. Where it failed, that is a result of its own.
        fields.optional("status", constant("COMPLETED"), "How far the analysis is: it is completed.");
        Some(GeneralFindings {
            overall_rating: overall_rating?,
            company_fit_rating: company_fit_rating?,
            education: owned(education?),
            experience: owned(experience?),
            strong_points: strong_points?,
            weak_points: weak_points?,
            evaluation: evaluation?.into_iter().map(owned).collect(),
        })
    }
}

fn owned(finding: Finding) -> String {
    finding.as_str().to_owned()
}

fn points<F: Fields>(fields: &mut F, name: &'static str, about: &'static str) -> Option<Vec<String>> {
    let points = fields.required(name, list(text(), POINTS_MAX), about)?;
    Some(points.into_iter().map(owned).collect())
}

/// The findings of a screening.
struct ScreeningFindingsShape;

impl Shape for ScreeningFindingsShape {
    type Value = SpecificAnalysis;

    const NAME: &'static str = "ScreeningFindings";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<SpecificAnalysis> {
        fields.required("kind", constant("SCREENING"), "The kind of the analysis.");
        let conversation_check = fields.required(
            "conversationCheck",
            object(&ConversationCheckShape),
            "Whether there was a conversation at all.",
        );
        let scores = fields.required("scores", object(&ScreeningScoresShape), "How well the candidate did.");
        let recommendation = fields.required("recommendation", word(), "What should happen next.");
        let strong_points = points(fields, "strongPoints", "What speaks for the candidate.");
        let weak_points = points(fields, "weakPoints", "What speaks against.");
        Some(SpecificAnalysis::Screening(ScreeningAnalysis {
            conversation_check: conversation_check?,
            scores: scores?,
            recommendation: recommendation?,
            strong_points: strong_points?,
            weak_points: weak_points?,
            transcript_within: None,
        }))
    }
}

/// The check that there was a conversation at all.
struct ConversationCheckShape;

impl Shape for ConversationCheckShape {
    type Value = ConversationCheck;

    const NAME: &'static str = "ConversationCheck";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<ConversationCheck> {
        let candidate_interest = fields.required("candidateInterest", boolean(), "The candidate is interested.");
        let conversation_completed =
            fields.required("conversationCompleted", boolean(), "The conversation came to its end.");
        Some(ConversationCheck {
            candidate_interest: candidate_interest?,
            conversation_completed: conversation_completed?,
        })
    }
}

/// The scores of a candidate.
struct ScreeningScoresShape;

impl Shape for ScreeningScoresShape {
    type Value = ScreeningScores;

    const NAME: &'static str = "ScreeningScores";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<ScreeningScores> {
        let communication = fields.required("communication", rating(), "Clear and to the point.");
        let motivation = fields.required("motivation", rating(), "Wants this position.");
        let experience = fields.required("experience", rating(), "Has done such work.");
        let language = fields.required("language", rating(), "Speaks the interview's language.");
        Some(ScreeningScores {
            communication: communication?,
            motivation: motivation?,
            experience: experience?,
            language: language?,
        })
    }
}
