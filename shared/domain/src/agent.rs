//! Agents: configured AI interviewers.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::allowance::Seconds;
use crate::company::CompanyId;
use crate::id::id;
use crate::metadata::Metadata;
use crate::phone_number::{PhoneNumber, PhoneNumberId};
use crate::string_enum::string_enum;
use crate::text::{MultiLine, SingleLine};
use crate::time::Timestamp;
use crate::{Versioned, Violation};

id! {
    /// An AI interviewer.
    AgentId
}

string_enum! {
    /// How an agent talks to a candidate.
    pub enum AgentType {
        Online = "ONLINE",
        Phone = "PHONE",
    }
    stored only { Undefined = "UNDEFINED" }
}

string_enum! {
    /// What an agent finds out. Only a GENERIC agent interviews without a job.
    pub enum Focus {
        Generic = "GENERIC",
        Screening = "SCREENING",
        Outreach = "OUTREACH",
        LanguageTest = "LANGUAGE_TEST",
    }
}

string_enum! {
    /// The language that an agent speaks, by ISO 639 code.
    pub enum Language {
        En = "EN", Ja = "JA", Zh = "ZH", De = "DE", Hi = "HI", Fr = "FR", Ko = "KO", Pt = "PT", It = "IT", Es = "ES",
        Id = "ID", Nl = "NL", Tr = "TR", Fil = "FIL", Pl = "PL", Sv = "SV", Bg = "BG", Ro = "RO", Ar = "AR", Cs = "CS",
        El = "EL", Fi = "FI", Hr = "HR", Ms = "MS", Sk = "SK", Da = "DA", Ta = "TA", Uk = "UK", Ru = "RU", Hu = "HU",
        No = "NO", Vi = "VI",
    }
    stored only { Undefined = "UNDEFINED" }
}

string_enum! {
    /// The voice that an agent speaks with.
    pub enum Voice {
        Alex = "ALEX", Peter = "PETER", Miriam = "MIRIAM", Sue = "SUE", Viera = "VIERA", Casandra = "CASANDRA",
        Silvia = "SILVIA", Michael = "MICHAEL", Luke = "LUKE", Emma = "EMMA", Sarah = "SARAH", Eva = "EVA",
    }
}

string_enum! {
    /// What is heard behind an agent's voice.
    pub enum BackgroundSound {
        Office = "OFFICE",
        Off = "OFF",
    }
}

string_enum! {
    /// A level of the Common European Framework of Reference for Languages.
    pub enum CefrLevel { A1 = "A1", A2 = "A2", B1 = "B1", B2 = "B2", C1 = "C1", C2 = "C2" }
}

/// The longest duration of an agent's interviews: 1 to 180 whole minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(transparent)]
pub struct DurationMinutes(
    #[cfg_attr(feature = "schema", schemars(range(min = DurationMinutes::MIN, max = DurationMinutes::MAX)))] u16,
);

impl DurationMinutes {
    /// The shortest.
    pub const MIN: u16 = 1;
    /// The longest: three hours.
    pub const MAX: u16 = 180;

    /// Accepts minutes within the limits.
    pub fn new(minutes: i64) -> Option<Self> {
        let minutes = u16::try_from(minutes).ok()?;
        (Self::MIN..=Self::MAX).contains(&minutes).then_some(Self(minutes))
    }

    /// Reads a number by its value, as JSON Schema does: `30`, `30.0` and `3e1` are the same.
    pub fn parse(number: f64) -> Result<Self, Violation> {
        if number.is_finite() && number.fract() != 0.0 {
            return Err(Violation::new("type", "must be a whole number"));
        }
        // A number beyond the integers of a double is far beyond the limits, and the cast keeps it there.
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        let minutes = Self::new(number as i64);
        minutes.ok_or_else(|| {
            let (min, max) = (Self::MIN, Self::MAX);
            Violation::out_of_range(number < f64::from(min), format!("must be {min} to {max} minutes"))
        })
    }

    /// The minutes.
    pub fn get(self) -> u16 {
        self.0
    }

    /// The duration in seconds.
    pub fn seconds(self) -> Seconds {
        Seconds::from_minutes(u32::from(self.0))
    }
}

impl fmt::Display for DurationMinutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Most questions of an agent.
pub const QUESTIONS_MAX: usize = 50;

/// A question of an agent's: 1–500 characters.
pub type Question = MultiLine<1, 500>;

/// The part of an agent that the company chooses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentProfile {
    pub name: SingleLine<2, 100>,
    pub r#type: AgentType,
    pub focus: Focus,
    pub language: Language,
    /// The longest duration of its interviews, in minutes.
    pub duration: DurationMinutes,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub questions: Option<Vec<Question>>,
    /// The company's instructions on how it behaves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<MultiLine<0, 2000>>,
    /// The voice; without one, chosen when the agent speaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice_id: Option<Voice>,
    /// The number that it calls from. A PHONE agent has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_phone_number_id: Option<PhoneNumberId>,
    pub background_sound: BackgroundSound,
    /// The level that a language test is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cefr_level: Option<CefrLevel>,
    /// The caller's own data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
}

/// An AI interviewer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Agent {
    pub id: AgentId,
    pub company_id: CompanyId,
    #[serde(flatten)]
    pub profile: AgentProfile,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// An agent to be created. A telephone number that it calls from must stay the company's.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAgent {
    /// The agent.
    pub agent: Agent,
    /// The number that it calls from.
    pub phone_number: Option<Versioned<PhoneNumber>>,
}

impl Agent {
    /// A new agent.
    pub fn new(id: AgentId, company_id: CompanyId, profile: AgentProfile, now: Timestamp) -> Self {
        Self { id, company_id, profile, created_at: now, updated_at: now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StringEnum;
    use crate::violation::broken;

    #[test]
    fn durations_at_their_limits() {
        assert_eq!(DurationMinutes::new(0), None);
        assert_eq!(DurationMinutes::new(1).unwrap().seconds(), Seconds(60));
        assert_eq!(DurationMinutes::new(180).unwrap().seconds(), Seconds(10_800));
        assert_eq!(DurationMinutes::new(181), None);
        assert_eq!(DurationMinutes::new(-1), None);
        assert_eq!(DurationMinutes::new(i64::MAX), None);
    }

    #[test]
    fn undefined_is_read_from_storage_and_refused_in_requests() {
        assert_eq!(serde_json::from_str::<Language>("\"UNDEFINED\"").unwrap(), Language::Undefined);
        assert_eq!(broken(Language::parse("UNDEFINED")), Some("enum"));
        assert_eq!(AgentType::parse("UNDEFINED").unwrap_err().message, "must be one of ONLINE, PHONE");
        assert_eq!(Language::parse("FIL"), Ok(Language::Fil));
        assert_eq!(broken(Language::parse("en")), Some("enum"));
        assert_eq!(Language::ACCEPTED.len(), 32);
    }
}
