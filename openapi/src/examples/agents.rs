//! Requests for agents.

use api::ErrorCode;

use super::Row;

pub(crate) const AGENTS: &[Row] = &[
    (
        "online",
        "As short as can be: an agent that candidates meet in the browser",
        None,
        r#"{"name": "Talent pool, English", "type": "ONLINE", "focus": "GENERIC", "language": "EN", "duration": 15}"#,
    ),
    (
        "phone",
        "Every field: an agent that calls candidates",
        None,
        r#"{
            "name": "Screening by phone, Slovak",
            "type": "PHONE",
            "focus": "SCREENING",
            "language": "SK",
            "duration": 30,
            "questions": ["Prečo chcete pracovať u nás?", "Kedy môžete nastúpiť?"],
            "instructions": "Be friendly.\nExplain the next steps at the end.",
            "voiceId": "VIERA",
            "companyPhoneNumberId": "PHONE_NUMBER",
            "backgroundSound": "OFF",
            "cefrLevel": "B2",
            "metadata": {"team": "north", "cost_center": 4100}
        }"#,
    ),
    (
        "language_test",
        "An agent that finds out how well a language is spoken",
        None,
        r#"{
            "name": "German at B2",
            "type": "ONLINE",
            "focus": "LANGUAGE_TEST",
            "language": "DE",
            "duration": 20,
            "cefrLevel": "B2"
        }"#,
    ),
    (
        "several_mistakes",
        "All broken rules are named at once",
        Some(ErrorCode::ValidationFailed),
        r#"{"name": "S", "typ": "PHONE", "focus": "SCREENING", "language": "sk", "duration": "30"}"#,
    ),
    (
        "phone_without_number",
        "An agent that calls needs a number to call from",
        Some(ErrorCode::ValidationFailed),
        r#"{"name": "Calls", "type": "PHONE", "focus": "SCREENING", "language": "EN", "duration": 30}"#,
    ),
    (
        "foreign_phone_number",
        "A telephone number of another company",
        Some(ErrorCode::ResourceAccessDenied),
        r#"{
            "name": "Calls",
            "type": "PHONE",
            "focus": "SCREENING",
            "language": "EN",
            "duration": 30,
            "companyPhoneNumberId": "FOREIGN_PHONE_NUMBER"
        }"#,
    ),
    (
        "unknown_phone_number",
        "A telephone number that does not exist",
        Some(ErrorCode::ResourceNotFound),
        r#"{
            "name": "Calls",
            "type": "PHONE",
            "focus": "SCREENING",
            "language": "EN",
            "duration": 30,
            "companyPhoneNumberId": "UNKNOWN_PHONE_NUMBER"
        }"#,
    ),
];
