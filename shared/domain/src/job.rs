//! Jobs: open positions.

mod location;
mod salary;

use serde::{Deserialize, Serialize};

use crate::agent::{CefrLevel, Language};
use crate::company::CompanyId;
use crate::contact::WebUrl;
use crate::id::id;
use crate::metadata::Metadata;
use crate::string_enum::string_enum;
use crate::text::{MultiLine, SingleLine};
use crate::time::Timestamp;

pub use location::*;
pub use salary::*;

id! {
    /// An open position.
    JobId
}

string_enum! {
    /// A degree of education that a job asks for.
    pub enum Education {
        PrimaryEducation = "PRIMARY_EDUCATION",
        SecondarySchoolStudent = "SECONDARY_SCHOOL_STUDENT",
        SecondaryWithoutDiploma = "SECONDARY_WITHOUT_DIPLOMA",
        SecondaryWithDiploma = "SECONDARY_WITH_DIPLOMA",
        PostSecondaryVocational = "POST_SECONDARY_VOCATIONAL",
        UniversityStudent = "UNIVERSITY_STUDENT",
        BachelorLevel = "BACHELOR_LEVEL",
        MasterLevel = "MASTER_LEVEL",
        Postgraduate = "POSTGRADUATE",
    }
}

string_enum! {
    /// The experience that a job asks for.
    pub enum Experience {
        NoExperience = "NO_EXPERIENCE",
        LessThanOneYear = "LESS_THAN_1_YEAR",
        OneToThreeYears = "ONE_TO_3_YEARS",
        ThreeToFiveYears = "THREE_TO_5_YEARS",
        FiveToTenYears = "FIVE_TO_10_YEARS",
        MoreThanTenYears = "MORE_THAN_10_YEARS",
    }
}

string_enum! {
    /// The contract that a job offers.
    pub enum ContractType {
        FullTime = "FULL_TIME",
        PartTime = "PART_TIME",
        Contract = "CONTRACT",
        Temporary = "TEMPORARY",
        Internship = "INTERNSHIP",
        Freelance = "FREELANCE",
    }
}

string_enum! {
    /// The status of a job: it takes applications or not.
    pub enum JobStatus {
        Open = "OPEN",
        Closed = "CLOSED",
    }
}

/// Most skills of a job, required and nice to have together.
pub const SKILLS_MAX: usize = 10;
/// Most languages that a job asks for.
pub const LANGUAGE_REQUIREMENTS_MAX: usize = 5;

/// A skill: 1–128 characters.
pub type Skill = SingleLine<1, 128>;

/// A language and how well it must be spoken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "LanguageRequirementResponse"))]
pub struct LanguageRequirement {
    /// The language.
    pub language: Language,
    /// How well it must be spoken.
    pub proficiency: CefrLevel,
}

/// The part of a job that the company chooses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobProfile {
    pub title: SingleLine<5, 200>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<MultiLine<10, 5000>>,
    /// The page on which the job is published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_url: Option<WebUrl>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub benefits: Option<MultiLine<0, 5000>>,
    /// Skills that a candidate must have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required_skills: Option<Vec<Skill>>,
    /// Skills that are welcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nice_to_have_skills: Option<Vec<Skill>>,
    /// Languages that must be spoken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language_requirements: Option<Vec<LanguageRequirement>>,
    /// Degrees of education that fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub education: Option<Vec<Education>>,
    /// Experience that is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experience: Option<Experience>,
    /// The contract offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract_type: Option<ContractType>,
    pub status: JobStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salary: Option<Salary>,
    /// The caller's own data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
}

/// An open position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    pub id: JobId,
    pub company_id: CompanyId,
    #[serde(flatten)]
    pub profile: JobProfile,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Job {
    /// A new job.
    pub fn new(id: JobId, company_id: CompanyId, profile: JobProfile, now: Timestamp) -> Self {
        Self { id, company_id, profile, created_at: now, updated_at: now }
    }
}
