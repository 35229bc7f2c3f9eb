//! Requests of an applicant tracking system about the companies that it manages.

use api::{ErrorCode, Route};

use super::PlacedRow;

const VALIDATION_FAILED: Option<ErrorCode> = Some(ErrorCode::ValidationFailed);
const ACCESS_DENIED: Option<ErrorCode> = Some(ErrorCode::ResourceAccessDenied);

pub(crate) const COMPANIES: &[PlacedRow] = &[
    (Route::ListCompanies, "first_page", "The newest companies", None, "/companies?limit=2", None),
    (Route::GetManagedCompany, "managed", "A company of the system", None, "/companies/MANAGED_COMPANY", None),
    (
        Route::GetManagedCompany,
        "foreign",
        "A company that the system does not manage",
        ACCESS_DENIED,
        "/companies/FOREIGN_COMPANY",
        None,
    ),
    (
        Route::GetManagedCompany,
        "unknown",
        "A company that does not exist is refused in the same way",
        ACCESS_DENIED,
        "/companies/UNKNOWN_COMPANY",
        None,
    ),
    (Route::GetManagedCompany, "no_id", "What is no id", VALIDATION_FAILED, "/companies/17", None),
    (
        Route::CreateCompany,
        "name",
        "As short as can be: a name",
        None,
        "/companies",
        Some(r#"{"name": "Bakery at the Bridge"}"#),
    ),
    (
        Route::CreateCompany,
        "every_field",
        "Every field",
        None,
        "/companies",
        Some(
            r#"{
            "name": "Potraviny Malá",
            "description": "Three grocery shops in Košice.",
            "metadata": {"customer": 4711, "region": "east"}
        }"#,
        ),
    ),
    (
        Route::CreateCompany,
        "several_mistakes",
        "All broken rules are named at once",
        VALIDATION_FAILED,
        "/companies",
        Some(r#"{"name": "P", "description": " ", "plan": "SCALE"}"#),
    ),
    (
        Route::ChangeCompany,
        "some_fields",
        "Another name; what is null is removed, and the rest stays",
        None,
        "/companies/MANAGED_COMPANY",
        Some(r#"{"name": "Harbour Logistics", "description": null, "metadata": {"region": "west"}}"#),
    ),
    (
        Route::ChangeCompany,
        "nothing",
        "An empty patch shows the company as it is",
        None,
        "/companies/OTHER_MANAGED_COMPANY",
        Some("{}"),
    ),
    (
        Route::ChangeCompany,
        "without_name",
        "A company has a name",
        VALIDATION_FAILED,
        "/companies/MANAGED_COMPANY",
        Some(r#"{"name": null}"#),
    ),
    (
        Route::ChangeCompany,
        "foreign",
        "A company that the system does not manage",
        ACCESS_DENIED,
        "/companies/FOREIGN_COMPANY",
        Some("{}"),
    ),
];
