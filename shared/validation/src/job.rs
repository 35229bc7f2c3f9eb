//! A job to be created, and its parts.

use domain::job::{
    Education, JobProfile, JobStatus, LANGUAGE_REQUIREMENTS_MAX, LanguageRequirement, Location, SKILLS_MAX, Salary,
};
use domain::json::Json;
use domain::{StringEnum, Violation};

use crate::fields::{Fields, Shape, object};
use crate::patch::Patched;
use crate::rule::{MetadataRule, country, currency, list, money, text, web_url, word};

/// The body of `POST /jobs`, and the `job` of `POST /interviews`.
pub struct JobShape;

impl Shape for JobShape {
    type Value = JobProfile;

    const NAME: &'static str = "NewJob";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<JobProfile> {
        let title = fields.required("title", text(), "For people.");
        let description = fields.optional("description", text(), "What the work is.");
        let job_url = fields.optional("jobUrl", web_url(), "Where the job is published.");
        let benefits = fields.optional("benefits", text(), "What the company offers.");
        let required_skills = fields.optional(
            "requiredSkills",
            list(text(), SKILLS_MAX),
            "Skills that a candidate must have. At most 10 together with `niceToHaveSkills`.",
        );
        let nice_to_have_skills = fields.optional(
            "niceToHaveSkills",
            list(text(), SKILLS_MAX),
            "Skills that are welcome. At most 10 together with `requiredSkills`.",
        );
        let language_requirements = fields.optional(
            "languageRequirements",
            list(object(&LanguageRequirementShape), LANGUAGE_REQUIREMENTS_MAX),
            "Languages that must be spoken.",
        );
        let education =
            fields.optional("education", list(word(), Education::ACCEPTED.len()), "Degrees of education that fit.");
        let experience = fields.optional("experience", word(), "Experience that is needed.");
        let contract_type = fields.optional("contractType", word(), "The contract offered.");
        let status = fields.defaulted("status", word(), JobStatus::Open, "Whether the job takes applications.");
        let location = fields.optional("location", object(&LocationShape), "Where the job is.");
        let salary = fields.optional("salary", object(&SalaryShape), "What the job pays.");
        let metadata = fields.optional("metadata", MetadataRule, "Your own data, returned as you sent it.");
        fields.between(
            || None,
            |fields| {
                // As sent, so that they are counted also where one of them is wrong. A list that is too long has its
                // own issue.
                let skills = ["requiredSkills", "niceToHaveSkills"].map(|name| match fields.get(name) {
                    Some(Json::Array(skills)) if skills.len() <= SKILLS_MAX => skills.len(),
                    Some(_) | None => 0,
                });
                (skills.iter().sum::<usize>() > SKILLS_MAX).then(|| {
                    let message = format!("must be at most {SKILLS_MAX} skills together with `requiredSkills`");
                    ("niceToHaveSkills", Violation::new("maxItems", message))
                })
            },
        );
        Some(JobProfile {
            title: title?,
            description,
            job_url,
            benefits,
            required_skills,
            nice_to_have_skills,
            language_requirements,
            education,
            experience,
            contract_type,
            status,
            location,
            salary,
            metadata,
        })
    }
}

impl Patched for JobShape {
    const PATCH_NAME: &'static str = "ChangeJobRequest";
}

/// A language and how well it must be spoken.
pub struct LanguageRequirementShape;

impl Shape for LanguageRequirementShape {
    type Value = LanguageRequirement;

    const NAME: &'static str = "LanguageRequirement";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<LanguageRequirement> {
        let language = fields.required("language", word(), "The language.");
        let proficiency = fields.required("proficiency", word(), "How well it must be spoken.");
        Some(LanguageRequirement { language: language?, proficiency: proficiency? })
    }
}

/// The place of a job.
pub struct LocationShape;

impl Shape for LocationShape {
    type Value = Location;

    const NAME: &'static str = "Location";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<Location> {
        Some(Location {
            work_mode: fields.optional("workMode", word(), "Where the work is done."),
            street: fields.optional("street", text(), "Street and number."),
            city: fields.optional("city", text(), "City."),
            postal_code: fields.optional("postalCode", text(), "Postal code."),
            country_code: fields.optional("countryCode", country(), "Country, by ISO 3166-1 alpha-2."),
        })
    }
}

/// The pay of a job.
pub struct SalaryShape;

impl Shape for SalaryShape {
    type Value = Salary;

    const NAME: &'static str = "Salary";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<Salary> {
        let min = fields.optional("min", money(), "At least this much. Not more than `max`.");
        let max = fields.optional("max", money(), "At most this much.");
        let currency = fields.optional("currency", currency(), "Currency, by ISO 4217.");
        let period = fields.optional("period", word(), "The time that it is paid for.");
        fields.between(
            || None,
            |_| {
                let reversed = matches!((min, max), (Some(min), Some(max)) if min > max);
                reversed.then(|| ("max", Violation::new("minimum", "must not be less than `min`")))
            },
        );
        Some(Salary { min, max, currency, period })
    }
}
