//! Each error code has a test that provokes it, and each documented status of each route its file.

use std::collections::BTreeSet;
use std::process::Command;

use api::{ErrorCode, Route};
use tests::{answer, api, document};

use crate::{
    cancel_interview, change_agent, change_webhook, create_agent, create_interview, events, isolation, no_route,
};

/// A test that is answered with the code. A new code does not compile until it is named here; [`every_code`] runs the
/// tests and sees whether each code really came.
fn provoked_by(code: ErrorCode) -> fn() {
    match code {
        ErrorCode::MalformedJson => create_agent::body::status_400::what_is_no_json_object_is_malformed,
        ErrorCode::ValidationFailed => create_agent::status_400::every_required_field_that_is_missing_is_named,
        ErrorCode::CompanyIdRequired => {
            create_agent::company::status_201::a_tracking_system_acts_for_the_companies_it_manages
        }
        ErrorCode::GenericAgentNeedsUnassignedCandidate => {
            create_interview::which_job::a_generic_agent_refuses_a_job_from_any_source
        }
        ErrorCode::JobRequired => create_interview::which_job::without_a_job_from_any_source_one_is_required,
        ErrorCode::JobSelectionRequired => create_interview::which_job::one_of_several_jobs_must_be_chosen,
        ErrorCode::CandidatePhoneNumberRequired => {
            create_interview::which_job::a_phone_agent_needs_a_candidate_with_a_phone_number
        }
        ErrorCode::InvalidApiKey => create_agent::any::status_401::an_unknown_key_is_refused,
        ErrorCode::ApiKeySuspended => create_agent::any::status_401::a_suspended_key_is_refused,
        ErrorCode::BillingLimitExceeded => create_interview::status_402::an_allowance_that_is_used_up_is_refused,
        ErrorCode::SubscriptionInactive => {
            create_interview::status_402::a_suspended_subscription_is_refused_whatever_is_left
        }
        ErrorCode::InsufficientPermissions => create_agent::any::status_403::a_missing_scope_is_named,
        ErrorCode::IpNotAllowed => create_agent::any::status_403::a_key_works_from_its_addresses_only,
        ErrorCode::ResourceAccessDenied => change_agent::status_403::a_foreign_number_is_denied_whatever_else_is_wrong,
        ErrorCode::ResourceNotFound => {
            change_agent::status_404::a_number_that_was_removed_is_not_found_until_the_agent_has_another
        }
        ErrorCode::RouteNotFound => no_route::status_404::an_unknown_path_is_no_route_by_any_method_and_key,
        ErrorCode::MethodNotAllowed => no_route::status_405::another_method_is_told_which_the_path_has,
        ErrorCode::InvalidState => cancel_interview::status_409::a_test_interview_is_over_and_can_t_be_cancelled,
        ErrorCode::LimitReached => events::changes::at_most_five_secrets_sign_at_a_time,
        ErrorCode::PreconditionFailed => change_webhook::change::status_412::a_change_under_another_version_is_refused,
        ErrorCode::PayloadTooLarge => create_agent::body::status_413::a_byte_beyond_the_limit_is_too_large,
        ErrorCode::UnsupportedMediaType => create_agent::body::status_415::other_media_types_are_refused,
        ErrorCode::IdempotencyKeyReused => create_agent::status_422::another_request_under_a_used_key_is_refused,
        ErrorCode::RateLimited => create_agent::any::status_429::a_key_beyond_its_limit_is_refused_for_one_read,
        ErrorCode::Internal => create_agent::any::status_500::an_unreadable_item_is_answered_by_500,
        ErrorCode::LoopDetected => create_agent::any::status_508::a_post_of_our_own_webhooks_is_refused,
        ErrorCode::TemporarilyUnavailable => create_agent::any::status_503::a_table_that_refuses_is_answered_by_503,
    }
}

#[test]
fn every_code_is_provoked_by_the_test_that_is_named_for_it() {
    for code in ErrorCode::ALL {
        answer::take_codes();
        provoked_by(*code)();
        let codes = answer::take_codes();
        assert!(codes.contains(code.as_str()), "name a test that is answered with {}: {codes:?}", code.as_str());
    }
}

/// The module of a route's tests: named like the route, in snake case.
fn module(route: Route) -> String {
    let separated = |c: char| if c.is_ascii_uppercase() { format!("_{}", c.to_ascii_lowercase()) } else { c.into() };
    format!("{route:?}").chars().map(separated).collect::<String>().trim_start_matches('_').to_owned()
}

/// The statuses that a route's tests are about, by the names of this program's own tests, and those of the matrix of ids.
fn tested(route: Route, tests: &str) -> BTreeSet<u16> {
    let beginning = format!("{}::", module(route));
    let of_route = tests.lines().filter_map(|test| test.strip_prefix(&beginning));
    let status = |test: &str| test.split("status_").nth(1)?.split("::").next()?.parse().ok();
    of_route.filter_map(status).chain(isolation::statuses(route)).collect()
}

#[test]
fn every_documented_status_of_every_route_has_a_test_and_no_other() {
    let program = std::env::current_exe().expect("this program");
    let listed = Command::new(program).args(["--list", "--format", "terse"]).output().expect("a list of tests");
    let tests = String::from_utf8(listed.stdout).expect("text");
    for route in Route::ALL {
        assert_eq!(
            tested(*route, &tests),
            document::statuses(*route),
            "the statuses of {} with tests, and those that are documented: declare its common tests in \
             tests/tests/it/{}.rs, and a file status_N.rs beside it for what it has to say of a status itself",
            route.entry().key,
            module(*route)
        );
    }
}
