//! A company to be created by the system that will manage it.

use domain::company::CompanyProfile;

use crate::fields::{Fields, Shape};
use crate::patch::Patched;
use crate::rule::{MetadataRule, text};

/// The body of `POST /companies`.
pub struct CompanyShape;

impl Shape for CompanyShape {
    type Value = CompanyProfile;

    const NAME: &'static str = "CreateCompanyRequest";

    fn fields<F: Fields>(&self, fields: &mut F) -> Option<CompanyProfile> {
        let name = fields.required("name", text(), "For people; need not be unique.");
        let description = fields.optional("description", text(), "For people: what else is to be said of it.");
        let metadata = fields.optional("metadata", MetadataRule, "Your own data, returned as you sent it.");
        Some(CompanyProfile { name: name?, description, metadata })
    }
}

impl Patched for CompanyShape {
    const PATCH_NAME: &'static str = "ChangeCompanyRequest";
}
