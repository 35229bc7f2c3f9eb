use uuid::Uuid;

use super::*;
use crate::StringEnum;
use crate::agent::QUESTIONS_MAX;

const LIMIT_SECONDS: u32 = 300;

fn id(number: u128) -> InterviewId {
    InterviewId::new(Uuid::from_u128(number))
}

fn now() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

fn questions(count: usize, text: &str) -> Vec<Question> {
    (0..count).map(|number| Question::parse(format!("{number:02}{text}")).unwrap()).collect()
}

/// A mock with its words.
#[derive(Debug, PartialEq)]
struct Mock {
    analysis: Analysis,
    transcript: Vec<TranscriptSegment>,
}

impl std::ops::Deref for Mock {
    type Target = Analysis;

    fn deref(&self) -> &Analysis {
        &self.analysis
    }
}

fn mock(id: InterviewId, focus: Focus, language: Language, questions: &[Question]) -> Mock {
    Mock {
        analysis: Analysis::mock(id, focus, questions, now()),
        transcript: mock_transcript(id, focus, language, questions),
    }
}

fn screening(analysis: &Analysis) -> &ScreeningAnalysis {
    let SpecificAnalysis::Screening(screening) = &analysis.specific;
    screening
}

fn languages() -> impl Iterator<Item = Language> {
    Language::ACCEPTED.iter().copied().chain([Language::Undefined])
}

/// The properties of every mock.
fn check(analysis: &Mock, focus: Focus, language: Language, questions: &[Question]) {
    let screening = screening(analysis);
    let ScreeningScores { communication, motivation, experience, language: spoken } = screening.scores;
    let scores = [communication, motivation, experience, spoken];
    let rating = analysis.general.overall_rating;
    assert!(scores.iter().min().unwrap() <= &rating && &rating <= scores.iter().max().unwrap());
    let (fit, recommendation, strong, weak) = match rating.get() {
        70..=100 => (CompanyFitRating::High, Recommendation::Advance, 2, 1),
        55..70 => (CompanyFitRating::Medium, Recommendation::Consider, 1, 1),
        _ => (CompanyFitRating::Low, Recommendation::Reject, 1, 2),
    };
    assert_eq!((analysis.general.company_fit_rating, screening.recommendation), (fit, recommendation));
    for (strong_points, weak_points) in [
        (&analysis.general.strong_points, &analysis.general.weak_points),
        (&screening.strong_points, &screening.weak_points),
    ] {
        assert_eq!((strong_points.len(), weak_points.len()), (strong, weak));
    }
    assert!(screening.conversation_check.candidate_interest && screening.conversation_check.conversation_completed);
    assert_eq!(analysis.general.evaluation.len(), questions.len().max(1));
    assert_eq!(analysis.general.status, AnalysisStatus::Completed);
    assert_eq!((analysis.general.created_at, analysis.general.updated_at), (now(), now()));

    let phrases = Phrases::of(language).unwrap();
    let [greeting, exchanges @ .., thanks] = analysis.transcript.as_slice() else { panic!() };
    assert_eq!((greeting.speaker, greeting.text.as_str()), (Speaker::Agent, phrases.greeting));
    assert_eq!((thanks.speaker, thanks.text.as_str()), (Speaker::Agent, phrases.thanks));
    let mut expected: Vec<&str> = questions.iter().map(Question::as_str).collect();
    if expected.is_empty() {
        expected.push(phrases.opening(focus));
    }
    assert_eq!(exchanges.len(), 2 * expected.len());
    for (exchange, question) in exchanges.chunks(2).zip(expected) {
        assert_eq!((exchange[0].speaker, exchange[0].text.as_str()), (Speaker::Agent, question));
        assert_eq!(exchange[1].speaker, Speaker::Candidate);
        assert!(phrases.answers.contains(&exchange[1].text.as_str()));
    }

    let mut end = 0;
    for segment in &analysis.transcript {
        assert_eq!(segment.start_seconds, end, "contiguous");
        assert!(segment.start_seconds < segment.end_seconds, "ascending");
        end = segment.end_seconds;
    }
    assert!(end <= LIMIT_SECONDS, "{end}");
}

#[test]
fn the_same_interview_has_the_same_analysis() {
    let questions = questions(3, " Why?");
    let mock = |number| mock(id(number), Focus::Screening, Language::En, &questions);
    assert_eq!(mock(1), mock(1));
}

#[test]
fn interviews_differ_also_where_their_ids_are_neighbours() {
    let mocks: Vec<Mock> = (0..200).map(|number| mock(id(number), Focus::Screening, Language::En, &[])).collect();
    for (index, one) in mocks.iter().enumerate() {
        assert!(mocks[..index].iter().all(|other| other.id != one.id));
    }
    let distinct = |text: fn(&Mock) -> String| mocks.iter().map(text).collect::<std::collections::BTreeSet<_>>().len();
    assert_eq!(distinct(|mock| screening(mock).recommendation.to_string()), Recommendation::ACCEPTED.len());
    assert_eq!(distinct(|mock| mock.general.education.clone()), EDUCATION.len());
    assert_eq!(distinct(|mock| mock.transcript[2].text.clone()), 3);
    assert!(distinct(|mock| format!("{:?}", screening(mock).scores)) > 190);
}

#[test]
fn every_language_and_focus_is_consistent_and_ends_within_five_minutes() {
    for language in languages() {
        for &focus in Focus::ACCEPTED {
            for (number, asked) in
                [vec![], questions(1, ""), questions(7, " Why?"), questions(QUESTIONS_MAX, &"ü".repeat(498))]
                    .iter()
                    .enumerate()
            {
                let id = id(number as u128);
                check(&mock(id, focus, language, asked), focus, language, asked);
            }
        }
    }
}

#[test]
fn one_long_question_among_short_ones_leaves_the_others_their_time() {
    for long in [0, 25, QUESTIONS_MAX - 1] {
        let mut asked = questions(QUESTIONS_MAX, "");
        asked[long] = Question::parse("x".repeat(500)).unwrap();
        let mock = mock(id(1), Focus::Outreach, Language::Zh, &asked);
        check(&mock, Focus::Outreach, Language::Zh, &asked);
    }
}

#[test]
fn many_interviews_are_consistent() {
    for number in 0..2_000 {
        let mock = mock(id(number), Focus::LanguageTest, Language::Sk, &[]);
        check(&mock, Focus::LanguageTest, Language::Sk, &[]);
    }
}

#[test]
fn a_single_sentence_is_spoken_at_a_natural_pace() {
    let mock = mock(id(1), Focus::Screening, Language::En, &[]);
    let greeting = &mock.transcript[0];
    let seconds = greeting.end_seconds - greeting.start_seconds;
    assert!((4..=8).contains(&seconds), "{seconds}");
}

#[test]
fn each_focus_finds_and_asks_something_of_its_own() {
    let mocks: Vec<Mock> = Focus::ACCEPTED.iter().map(|&focus| mock(id(1), focus, Language::De, &[])).collect();
    for (index, one) in mocks.iter().enumerate() {
        for other in &mocks[..index] {
            assert_ne!(one.general.strong_points[0], other.general.strong_points[0]);
            assert_ne!(one.general.experience, other.general.experience);
            assert_ne!(one.transcript[1].text, other.transcript[1].text);
        }
    }
}

#[test]
fn phrases_differ_between_languages_and_are_short_lines() {
    let all: Vec<[&str; 9]> = Language::ACCEPTED
        .iter()
        .map(|&language| {
            let Phrases { greeting, generic, screening, outreach, language_test, answers: [a, b, c], thanks } =
                Phrases::of(language).unwrap();
            [*greeting, generic, screening, outreach, language_test, a, b, c, thanks]
        })
        .collect();
    let mut texts: Vec<&str> = all.into_iter().flatten().collect();
    for text in &texts {
        let length = text.chars().count();
        assert!((8..=90).contains(&length), "{length}: {text}");
        assert_eq!(Question::parse(*text).unwrap().as_str().trim(), *text);
        assert!(text.ends_with(['.', '!', '?', ';', '。', '！', '？', '؟', '।']), "{text}");
    }
    let count = texts.len();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), count, "a phrase is used twice");
    assert!(texts.iter().map(|text| text.len()).sum::<usize>() <= 20_000, "this is part of a Lambda function");
}

/// Compact JSON is longer than what DynamoDB counts for the same map: quotes, colons and commas exceed its byte or
/// two for each element.
fn json_bytes(mock: &Mock) -> usize {
    serde_json::to_vec(&(&mock.analysis, &mock.transcript)).unwrap().len()
}

#[test]
fn the_longest_questions_leave_room_in_an_item_and_all_else_stays_small() {
    const ITEM_MAX_BYTES: usize = 400 * 1024;
    let longest = questions(QUESTIONS_MAX, &"🦀".repeat(498));
    let question_bytes: usize = longest.iter().map(|question| question.as_str().len()).sum();
    for language in languages() {
        for &focus in Focus::ACCEPTED {
            let bytes = json_bytes(&mock(id(1), focus, language, &longest));
            assert!(bytes <= ITEM_MAX_BYTES / 3, "{language}: {bytes}");
            assert!(bytes - question_bytes <= 20_000, "{language}: {}", bytes - question_bytes);
            let handful = json_bytes(&mock(id(1), focus, language, &questions(5, " Why?")));
            assert!(handful <= 3 * 1024, "{language}: {handful}");
        }
    }
}
