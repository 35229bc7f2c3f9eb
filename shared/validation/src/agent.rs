//! An agent to be created.

use domain::Violation;
use domain::agent::{AgentProfile, AgentType, BackgroundSound, QUESTIONS_MAX};
use serde_json::json;

use crate::fields::{Fields, Shape, present};
use crate::patch::Patched;
use crate::rule::{MetadataRule, id, list, minutes, text, word};

/// The body of `POST /agents`, and the `agent` of `POST /interviews`.
pub struct AgentShape;

impl Shape for AgentShape {
    type Value = AgentProfile;

    const NAME: &'static str = "CreateAgentRequest";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<AgentProfile> {
        let name = fields.required("name", text(), "For people.");
        let r#type = fields.required("type", word::<AgentType>(), "How the agent talks to candidates.");
        let focus = fields.required(
            "focus",
            word(),
            "What the agent finds out. Only a GENERIC agent interviews candidates without a job.",
        );
        let language = fields.required("language", word(), "The language that the agent speaks.");
        let duration = fields.required("duration", minutes(), "How long an interview may take, in minutes.");
        let questions =
            fields.optional("questions", list(text(), QUESTIONS_MAX), "What the agent asks, in this order.");
        let instructions = fields.optional("instructions", text(), "How the agent should behave.");
        let voice_id = fields.optional("voiceId", word(), "The voice that the agent speaks with.");
        let company_phone_number_id = fields.optional(
            "companyPhoneNumberId",
            id(),
            "The company's number that the agent calls from. Required for agents of type PHONE.",
        );
        let background_sound = fields.defaulted(
            "backgroundSound",
            word(),
            BackgroundSound::Office,
            "What is heard behind the agent's voice.",
        );
        let cefr_level = fields.optional("cefrLevel", word(), "The level that a LANGUAGE_TEST is about.");
        let metadata = fields.optional("metadata", MetadataRule, "Your own data, returned as you sent it.");
        let calls = r#type == Some(AgentType::Phone);
        fields.between(
            || {
                Some(json!({
                    "if": {"required": ["type"], "properties": {"type": {"const": AgentType::Phone}}},
                    "then": present("companyPhoneNumberId"),
                }))
            },
            |fields| {
                let violation = || Violation::new("required", "must be given for an agent of type PHONE");
                (calls && !fields.has("companyPhoneNumberId")).then(|| ("companyPhoneNumberId", violation()))
            },
        );
        Some(AgentProfile {
            name: name?,
            r#type: r#type?,
            focus: focus?,
            language: language?,
            duration: duration?,
            questions,
            instructions,
            voice_id,
            company_phone_number_id,
            background_sound,
            cefr_level,
            metadata,
        })
    }
}

impl Patched for AgentShape {
    const PATCH_NAME: &'static str = "ChangeAgentRequest";
}
