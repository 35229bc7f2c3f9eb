//! Each error code has a test that provokes it, and each documented status of each route its file.

use std::collections::BTreeSet;
use std::path::Path;

use api::{ErrorCode, Route};
use tests::{answer, api, document};

use crate::{events, no_route, post_agents, post_interviews};

/// A test that is answered with the code. A new code does not compile until it is named here; [`every_code`] runs the
/// tests and sees whether each code really came.
fn provoked_by(code: ErrorCode) -> fn() {
    match code {
        ErrorCode::MalformedJson => post_agents::status_400::what_is_no_json_object_is_malformed,
        ErrorCode::ValidationFailed => post_agents::status_400::every_required_field_that_is_missing_is_named,
        ErrorCode::CompanyIdRequired => post_agents::status_201::a_tracking_system_acts_for_the_companies_it_manages,
        ErrorCode::GenericAgentNeedsUnassignedCandidate => {
            post_interviews::which_job::a_generic_agent_refuses_a_job_from_any_source
        }
        ErrorCode::JobRequired => post_interviews::which_job::without_a_job_from_any_source_one_is_required,
        ErrorCode::JobSelectionRequired => post_interviews::which_job::one_of_several_jobs_must_be_chosen,
        ErrorCode::CandidatePhoneNumberRequired => {
            post_interviews::which_job::a_phone_agent_needs_a_candidate_with_a_phone_number
        }
        ErrorCode::InvalidApiKey => post_agents::status_401::an_unknown_key_is_refused,
        ErrorCode::ApiKeySuspended => post_agents::status_401::a_suspended_key_is_refused,
        ErrorCode::BillingLimitExceeded => post_interviews::status_402::an_allowance_that_is_used_up_is_refused,
        ErrorCode::SubscriptionInactive => {
            post_interviews::status_402::a_suspended_subscription_is_refused_whatever_is_left
        }
        ErrorCode::InsufficientPermissions => post_agents::status_403::a_missing_scope_is_named,
        ErrorCode::IpNotAllowed => post_agents::status_403::a_key_works_from_its_addresses_only,
        ErrorCode::ResourceAccessDenied => {
            post_agents::status_403::a_foreign_phone_number_is_denied_and_nothing_of_it_told
        }
        ErrorCode::ResourceNotFound => post_agents::status_404::an_unknown_phone_number_is_not_found,
        ErrorCode::RouteNotFound => no_route::status_404::an_unknown_path_is_no_route_by_any_method_and_key,
        ErrorCode::MethodNotAllowed => no_route::status_405::another_method_is_told_which_the_path_has,
        ErrorCode::LimitReached => events::changes::at_most_five_secrets_sign_at_a_time,
        ErrorCode::PayloadTooLarge => post_agents::status_413::a_byte_beyond_the_limit_is_too_large,
        ErrorCode::UnsupportedMediaType => post_agents::status_415::other_media_types_are_refused,
        ErrorCode::IdempotencyKeyReused => post_agents::status_422::another_request_under_a_used_key_is_refused,
        ErrorCode::Internal => post_agents::status_500::an_unreadable_item_says_nothing_of_the_inside,
        ErrorCode::TemporarilyUnavailable => post_agents::status_503::a_table_that_refuses_asks_the_caller_to_come_back,
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

/// Where the tests of a route are.
fn folder(route: Route) -> &'static str {
    match route {
        Route::CreateAgent => "post_agents",
        Route::CreateInterview => "post_interviews",
        Route::CreateWebhook => "post_webhooks",
        Route::ListWebhooks => "get_webhooks",
        Route::GetWebhook => "get_webhook",
        Route::ChangeWebhook => "patch_webhook",
        Route::DeleteWebhook => "delete_webhook",
        Route::TestWebhook => "post_webhook_test",
        Route::RotateWebhookSecret => "post_webhook_rotate_secret",
        Route::ResetWebhookCircuit => "post_webhook_reset_circuit",
        Route::ListDeliveries => "get_webhook_deliveries",
        Route::Redeliver => "post_webhook_redeliver",
        other => panic!("say where the tests of {} are", other.entry().key),
    }
}

#[test]
fn every_documented_status_of_every_route_has_its_file_and_no_other() {
    for route in Route::ALL {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it").join(folder(*route));
        let files = std::fs::read_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let names = files.map(|file| file.expect("a file").file_name().into_string().expect("a name"));
        let status = |name: String| name.strip_prefix("status_")?.strip_suffix(".rs")?.parse().ok();
        let tested: BTreeSet<u16> = names.filter_map(status).collect();
        assert_eq!(tested, document::statuses(*route), "{}", route.entry().key);
    }
}
