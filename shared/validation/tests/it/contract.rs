//! The fields that requests may have, as the contract lists them.

use crate::documents::Base::{self, Agent, Assigned, Change, Existing, Inline, Webhook};

/// The kind of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text on one line, of so many characters.
    SingleLine(usize, usize),
    /// Text that may have line ends.
    Text(usize, usize),
    /// A word of a short list.
    Word(&'static [&'static str]),
    /// A word of a long standard list.
    Listed,
    Id,
    Email,
    PhoneNumber,
    Url,
    /// Whole, from 1 to 180.
    Minutes,
    Money,
    Boolean,
    DateTime,
    Date,
    Metadata,
    /// The address that events are posted to.
    WebhookUrl,
    /// An event, in either spelling.
    Event,
    HeaderName,
    HeaderValue,
    /// A list of at most so many items.
    List(usize),
    Object,
}

use Kind::*;

const LANGUAGES: &[&str] = &[
    "EN", "JA", "ZH", "DE", "HI", "FR", "KO", "PT", "IT", "ES", "ID", "NL", "TR", "FIL", "PL", "SV", "BG", "RO", "AR",
    "CS", "EL", "FI", "HR", "MS", "SK", "DA", "TA", "UK", "RU", "HU", "NO", "VI",
];
const CEFR_LEVELS: &[&str] = &["A1", "A2", "B1", "B2", "C1", "C2"];

/// Base, pointer into it, kind, and whether the field is required.
pub type Field = (Base, &'static str, Kind, bool);

/// The fields of an agent; an interview has the same below `/agent`.
pub const AGENT_FIELDS: &[Field] = &[
    (Agent, "/name", SingleLine(2, 100), true),
    (Agent, "/type", Word(&["ONLINE", "PHONE"]), true),
    (Agent, "/focus", Word(&["GENERIC", "SCREENING", "OUTREACH", "LANGUAGE_TEST"]), true),
    (Agent, "/language", Word(LANGUAGES), true),
    (Agent, "/duration", Minutes, true),
    (Agent, "/questions", List(50), false),
    (Agent, "/questions/0", Text(1, 500), false),
    (Agent, "/instructions", Text(0, 2000), false),
    (
        Agent,
        "/voiceId",
        Word(&[
            "ALEX", "PETER", "MIRIAM", "SUE", "VIERA", "CASANDRA", "SILVIA", "MICHAEL", "LUKE", "EMMA", "SARAH", "EVA",
        ]),
        false,
    ),
    // Required only of a PHONE agent, as the base is one.
    (Agent, "/companyPhoneNumberId", Id, true),
    (Agent, "/backgroundSound", Word(&["OFFICE", "OFF"]), false),
    (Agent, "/cefrLevel", Word(CEFR_LEVELS), false),
    (Agent, "/metadata", Metadata, false),
];

/// The fields of an interview.
pub const INTERVIEW_FIELDS: &[Field] = &[
    (Existing, "/candidateId", Id, true),
    (Inline, "/candidate", Object, true),
    (Inline, "/candidate/firstName", SingleLine(1, 100), true),
    (Inline, "/candidate/lastName", SingleLine(1, 100), true),
    (Inline, "/candidate/gdprExpiryDate", Date, true),
    (Inline, "/candidate/email", Email, false),
    (Inline, "/candidate/phoneNumber", PhoneNumber, false),
    (Assigned, "/candidate/jobId", Id, false),
    (Inline, "/candidate/metadata", Metadata, false),
    (Existing, "/agentId", Id, true),
    (Inline, "/agent", Object, true),
    (Existing, "/jobId", Id, false),
    (Inline, "/job", Object, false),
    (Inline, "/job/title", SingleLine(5, 200), true),
    (Inline, "/job/description", Text(10, 5000), false),
    (Inline, "/job/jobUrl", Url, false),
    (Inline, "/job/benefits", Text(0, 5000), false),
    (Inline, "/job/requiredSkills", List(10), false),
    (Inline, "/job/requiredSkills/0", SingleLine(1, 128), false),
    (Inline, "/job/niceToHaveSkills", List(10), false),
    (Inline, "/job/niceToHaveSkills/0", SingleLine(1, 128), false),
    (Inline, "/job/languageRequirements", List(5), false),
    (Inline, "/job/languageRequirements/0", Object, false),
    (Inline, "/job/languageRequirements/0/language", Word(LANGUAGES), true),
    (Inline, "/job/languageRequirements/0/proficiency", Word(CEFR_LEVELS), true),
    (Inline, "/job/education", List(9), false),
    (
        Inline,
        "/job/education/0",
        Word(&[
            "PRIMARY_EDUCATION",
            "SECONDARY_SCHOOL_STUDENT",
            "SECONDARY_WITHOUT_DIPLOMA",
            "SECONDARY_WITH_DIPLOMA",
            "POST_SECONDARY_VOCATIONAL",
            "UNIVERSITY_STUDENT",
            "BACHELOR_LEVEL",
            "MASTER_LEVEL",
            "POSTGRADUATE",
        ]),
        false,
    ),
    (
        Inline,
        "/job/experience",
        Word(&[
            "NO_EXPERIENCE",
            "LESS_THAN_1_YEAR",
            "ONE_TO_3_YEARS",
            "THREE_TO_5_YEARS",
            "FIVE_TO_10_YEARS",
            "MORE_THAN_10_YEARS",
        ]),
        false,
    ),
    (
        Inline,
        "/job/contractType",
        Word(&["FULL_TIME", "PART_TIME", "CONTRACT", "TEMPORARY", "INTERNSHIP", "FREELANCE"]),
        false,
    ),
    (Inline, "/job/status", Word(&["OPEN", "CLOSED"]), false),
    (Inline, "/job/location", Object, false),
    (Inline, "/job/location/workMode", Word(&["ONSITE", "REMOTE", "HYBRID"]), false),
    (Inline, "/job/location/street", SingleLine(1, 255), false),
    (Inline, "/job/location/city", SingleLine(1, 255), false),
    (Inline, "/job/location/postalCode", SingleLine(1, 20), false),
    (Inline, "/job/location/countryCode", Listed, false),
    (Inline, "/job/salary", Object, false),
    (Inline, "/job/salary/min", Money, false),
    (Inline, "/job/salary/max", Money, false),
    (Inline, "/job/salary/currency", Listed, false),
    (Inline, "/job/salary/period", Word(&["HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"]), false),
    (Inline, "/job/metadata", Metadata, false),
    (Inline, "/scheduleTime", DateTime, false),
    (Inline, "/isTest", Boolean, false),
    (Inline, "/metadata", Metadata, false),
];

/// The fields of a webhook; a changed one has the same, and one besides.
pub const WEBHOOK_FIELDS: &[Field] = &[
    (Webhook, "/url", WebhookUrl, true),
    (Webhook, "/events", List(12), true),
    (Webhook, "/events/0", Event, false),
    (Webhook, "/name", SingleLine(0, 255), false),
    (Webhook, "/description", Text(0, 1000), false),
    (Webhook, "/headers", List(50), false),
    (Webhook, "/headers/0", Object, false),
    (Webhook, "/headers/0/name", HeaderName, true),
    (Webhook, "/headers/0/value", HeaderValue, true),
    (Webhook, "/companyId", Id, false),
];

/// Every field, those of an agent and of a webhook in both places.
pub fn fields() -> Vec<(Base, String, Kind, bool)> {
    let alone = AGENT_FIELDS.iter().chain(INTERVIEW_FIELDS).chain(WEBHOOK_FIELDS);
    let alone = alone.map(|&(base, pointer, kind, required)| (base, pointer.to_owned(), kind, required));
    let within =
        AGENT_FIELDS.iter().map(|&(_, pointer, kind, required)| (Inline, format!("/agent{pointer}"), kind, required));
    let change =
        WEBHOOK_FIELDS.iter().map(|&(_, pointer, kind, required)| (Change, pointer.to_owned(), kind, required));
    let pause = (Change, "/isActive".to_owned(), Boolean, false);
    alone.chain(within).chain(change).chain([pause]).collect()
}
