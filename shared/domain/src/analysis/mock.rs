//! The mock analysis of a test interview.
//!
//! Whoever tries an integration sees what a real analysis looks like: the conversation in the agent's language, the
//! findings in English as recruiters get them. What varies, varies with the interview's id, so that the same interview
//! always has the same analysis.

mod phrases;
#[cfg(test)]
mod tests;

use std::iter;

use self::phrases::Phrases;
use crate::agent::{Focus, Language, Question};
use crate::analysis::{
    Analysis, AnalysisId, AnalysisStatus, CompanyFitRating, ConversationCheck, GeneralAnalysis, Rating, Recommendation,
    ScreeningAnalysis, ScreeningScores, SpecificAnalysis,
};
use crate::interview::{InterviewId, TEST_DURATION_MINUTES};
use crate::time::Timestamp;
use crate::transcript::{Speaker, TranscriptSegment};

/// The rating from which a candidate advances.
const HIGH: u8 = 70;
/// The rating from which a candidate is worth considering.
const MEDIUM: u8 = 55;
/// The lowest general level of a mocked candidate.
const LEVEL_MIN: u8 = 45;
/// The number of levels. With [`JITTER`] every score lies between 35 and 99.
const LEVELS: u8 = 45;
/// The greatest distance of a single score from the candidate's general level.
const JITTER: u8 = 10;

/// The speed of speech.
const SPEECH_CHARACTERS_PER_SECOND: u32 = 12;
/// The time that even the shortest words take. With it alone, 50 questions and answers stay below five minutes.
const SEGMENT_MIN_SECONDS: u32 = 2;

impl Analysis {
    /// A plausible analysis for a test interview: the same for the same arguments.
    ///
    /// It has the screening kind, whatever the agent's focus. There is a sentence on each question, and none is in it.
    pub fn mock(interview_id: InterviewId, focus: Focus, questions: &[Question], now: Timestamp) -> Self {
        let id = AnalysisId::of(interview_id);
        let noise = Noise(id.uuid().into_bytes());
        let level = LEVEL_MIN + noise.below(0, LEVELS);
        let scores = ScreeningScores {
            communication: noise.around(1, level),
            motivation: noise.around(2, level),
            experience: noise.around(3, level),
            language: noise.around(4, level),
        };
        let overall_rating = overall_rating(focus, &scores);
        let fit = company_fit_rating(overall_rating);
        let findings = Findings::of(focus);
        let general_points = Points::by_fit(fit, findings.strong, findings.weak);
        let specific_points = points_by_score(fit, &scores);
        Self {
            id,
            general: GeneralAnalysis {
                created_at: now,
                updated_at: now,
                overall_rating,
                company_fit_rating: fit,
                education: noise.pick(5, &EDUCATION).to_owned(),
                experience: format!("About {} years of {}.", scores.experience.get() / 10, findings.work),
                strong_points: general_points.strong,
                weak_points: general_points.weak,
                evaluation: evaluation(questions.len(), level, &noise),
                status: AnalysisStatus::Completed,
            },
            specific: SpecificAnalysis::Screening(ScreeningAnalysis {
                conversation_check: ConversationCheck { candidate_interest: true, conversation_completed: true },
                scores,
                recommendation: match fit {
                    CompanyFitRating::High => Recommendation::Advance,
                    CompanyFitRating::Medium => Recommendation::Consider,
                    CompanyFitRating::Low => Recommendation::Reject,
                },
                strong_points: specific_points.strong,
                weak_points: specific_points.weak,
                transcript_within: None,
            }),
        }
    }
}

/// The words of a test interview: the same for the same arguments.
pub fn mock_transcript(
    interview_id: InterviewId,
    focus: Focus,
    language: Language,
    questions: &[Question],
) -> Vec<TranscriptSegment> {
    let noise = Noise(AnalysisId::of(interview_id).uuid().into_bytes());
    Phrases::of(language).map_or_else(Vec::new, |phrases| transcript(phrases, focus, questions, &noise))
}

/// Numbers that look random and are the same for the same interview.
struct Noise([u8; 16]);

impl Noise {
    /// The `index`th number, of 0 to `end - 1`.
    fn below(&self, index: usize, end: u8) -> u8 {
        self.0[index % self.0.len()] % end
    }

    /// A rating near the level.
    fn around(&self, index: usize, level: u8) -> Rating {
        Rating::new((level + self.below(index, 2 * JITTER + 1)).saturating_sub(JITTER))
    }

    fn pick(&self, index: usize, texts: &[&'static str; 4]) -> &'static str {
        texts[usize::from(self.below(index, 4))]
    }
}

/// The mean of the scores, with double weight for what the agent's focus is about.
fn overall_rating(focus: Focus, scores: &ScreeningScores) -> Rating {
    let ScreeningScores { communication, motivation, experience, language } = scores;
    let subject = match focus {
        Focus::Generic => communication,
        Focus::Screening => experience,
        Focus::Outreach => motivation,
        Focus::LanguageTest => language,
    };
    let all = [communication, motivation, experience, language, subject];
    let sum: u16 = all.iter().map(|score| u16::from(score.get())).sum();
    Rating::new((sum / 5) as u8)
}

fn company_fit_rating(rating: Rating) -> CompanyFitRating {
    match rating.get() {
        HIGH.. => CompanyFitRating::High,
        MEDIUM.. => CompanyFitRating::Medium,
        _ => CompanyFitRating::Low,
    }
}

const EDUCATION: [&str; 4] = [
    "Secondary school with a diploma, and vocational courses since.",
    "Post-secondary vocational training.",
    "Bachelor's degree.",
    "Master's degree.",
];

/// The findings of an agent of one focus, the most important first.
struct Findings {
    work: &'static str,
    strong: [&'static str; 2],
    weak: [&'static str; 2],
}

impl Findings {
    fn of(focus: Focus) -> Self {
        match focus {
            Focus::Generic => Self {
                work: "work in one field",
                strong: ["Knows what kind of work suits them.", "Open to different employers."],
                weak: ["Has not said when they could start.", "Has no clear preference among positions."],
            },
            Focus::Screening => Self {
                work: "work comparable to the position",
                strong: ["Meets the main requirements of the position.", "Has a clear reason for applying."],
                weak: ["Some requirements were only touched on.", "Gave few examples of past work."],
            },
            Focus::Outreach => Self {
                work: "work for the present and earlier employers",
                strong: ["Open to hearing about a new position.", "Knows what a new position would have to offer."],
                weak: ["Is in no hurry to change.", "Did not ask about the position."],
            },
            Focus::LanguageTest => Self {
                work: "work in which the language is used",
                strong: ["Follows the conversation without repetition.", "Speaks freely about everyday subjects."],
                weak: ["Keeps to simple sentences.", "Searches for words on unfamiliar subjects."],
            },
        }
    }
}

/// The points for a candidate and those against.
struct Points {
    strong: Vec<String>,
    weak: Vec<String>,
}

impl Points {
    /// Two for and one against a good candidate, one and two of a poor one. What comes first matters most.
    fn by_fit(fit: CompanyFitRating, strong: [&str; 2], weak: [&str; 2]) -> Self {
        let (strong_count, weak_count) = match fit {
            CompanyFitRating::High => (2, 1),
            CompanyFitRating::Medium => (1, 1),
            CompanyFitRating::Low => (1, 2),
        };
        let owned = |texts: [&str; 2], count| texts.into_iter().take(count).map(str::to_owned).collect();
        Self { strong: owned(strong, strong_count), weak: owned(weak, weak_count) }
    }
}

/// The best scores speak for a candidate, the worst against.
fn points_by_score(fit: CompanyFitRating, scores: &ScreeningScores) -> Points {
    let mut ranking = [
        (scores.communication, "Speaks clearly and to the point.", "Answers are long-winded."),
        (scores.motivation, "Is strongly motivated.", "Motivation remains vague."),
        (scores.experience, "Brings relevant experience.", "Has little relevant experience."),
        (
            scores.language,
            "Is at ease in the language of the interview.",
            "Is unsure in the language of the interview.",
        ),
    ];
    ranking.sort_by_key(|(score, ..)| std::cmp::Reverse(*score));
    let [first, second, third, fourth] = ranking;
    Points::by_fit(fit, [first.1, second.1], [fourth.2, third.2])
}

/// A sentence on each question; without questions, one on the whole conversation.
fn evaluation(questions: usize, level: u8, noise: &Noise) -> Vec<String> {
    let verdict = |question| match company_fit_rating(noise.around(question, level)) {
        CompanyFitRating::High => "answered fully, with an example",
        CompanyFitRating::Medium => "answered briefly and to the point",
        CompanyFitRating::Low => "answered only in part",
    };
    match questions {
        0 => vec![format!("The agent's opening question was {}.", verdict(0))],
        _ => (1..=questions).map(|question| format!("Question {question} was {}.", verdict(question))).collect(),
    }
}

/// The agent greets, asks its questions (or, having none, what its focus suggests), and thanks.
fn transcript(phrases: &Phrases, focus: Focus, questions: &[Question], noise: &Noise) -> Vec<TranscriptSegment> {
    let asked = match questions {
        [] => vec![phrases.opening(focus)],
        _ => questions.iter().map(Question::as_str).collect(),
    };
    let first_answer = usize::from(noise.below(6, 3));
    let answers = phrases.answers.into_iter().cycle().skip(first_answer);
    let exchange = |(question, answer)| [(Speaker::Agent, question), (Speaker::Candidate, answer)];
    let words: Vec<_> = iter::once((Speaker::Agent, phrases.greeting))
        .chain(asked.into_iter().zip(answers).flat_map(exchange))
        .chain(iter::once((Speaker::Agent, phrases.thanks)))
        .collect();
    timed(&words)
}

/// Gives words their times, one after the other: at a natural pace, or faster where the interview's length demands it.
fn timed(words: &[(Speaker, &str)]) -> Vec<TranscriptSegment> {
    let characters = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let all_characters: u32 = words.iter().map(|(_, text)| characters(text)).sum();
    let count = u32::try_from(words.len()).unwrap_or(u32::MAX);
    let limit = (u32::from(TEST_DURATION_MINUTES) * 60).saturating_sub(count * SEGMENT_MIN_SECONDS);
    let speech_seconds = limit.min(all_characters / SPEECH_CHARACTERS_PER_SECOND);

    let mut spoken = 0;
    let mut start_seconds = 0;
    let mut segments = Vec::with_capacity(words.len());
    for (segment, &(speaker, text)) in (1..).zip(words) {
        spoken += characters(text);
        let end_seconds = segment * SEGMENT_MIN_SECONDS + speech_seconds * spoken / all_characters;
        segments.push(TranscriptSegment { speaker, text: text.to_owned(), start_seconds, end_seconds });
        start_seconds = end_seconds;
    }
    segments
}
