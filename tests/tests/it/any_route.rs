//! Guarantees of every route, or of every route of a kind: as functions that take the route, and by [`tests_of!`] as the
//! tests of each route, by the status that they are about. What becomes of each id that a request names is in `isolation`.

pub mod bodies;
pub mod callers;
pub mod companies;
pub mod edge;
pub mod failures;
pub mod limits;
pub mod lists;
pub mod named;
pub mod parameters;
pub mod repeats;
pub mod versions;

/// Declares the tests of a route that it shares with others of its kind:
/// `any` route; those that read a `body`; that `create` something; that act for one `company`, which creates something; that
/// have things `named` in their path; that `show` one resource; `named` ones that show theirs to its `tenant` only; that `list` what a company has; that list in `pages` what a system has; that `change` one, or act on it, under a version.
macro_rules! tests_of {
    ($route:ident: $($kind:ident),+) => { $(pub mod $kind { tests_of!(@$kind $route); })+ };
    (@any $route:ident) => {
        tests_of! { @tests $route
            status_400 {
                parameters::query_parameters_that_it_does_not_take_are_refused_all_at_once,
                edge::a_query_that_no_request_line_can_have_is_refused, edge::an_event_that_is_no_request_is_refused,
            }
            status_401 {
                callers::malformed_keys_are_refused_without_the_table, callers::an_unknown_key_is_refused,
                callers::revoked_and_expired_keys_are_refused, callers::a_suspended_key_is_refused,
            }
            status_403 { callers::a_key_works_from_its_addresses_only, callers::a_missing_scope_is_named, }
            status_429 { limits::a_key_beyond_its_limit_is_refused_for_one_read, }
            status_500 { failures::an_unreadable_item_is_answered_by_500, }
            status_508 { edge::a_post_of_our_own_webhooks_is_refused, }
            status_503 { failures::a_table_that_refuses_is_answered_by_503, }
        }
    };
    (@body $route:ident) => {
        tests_of! { @tests $route
            status_400 {
                bodies::what_is_no_json_object_is_malformed, bodies::deep_nesting_is_refused,
                bodies::unknown_and_doubled_fields_are_refused, bodies::the_worst_bodies_are_refused_in_a_bounded_answer, bodies::a_body_that_is_no_base64_is_refused,
            }
            status_401 { bodies::any_body_without_a_well_formed_key_is_refused_for_the_key, }
            status_413 { bodies::a_byte_beyond_the_limit_is_too_large, }
            status_415 { bodies::other_media_types_are_refused, bodies::a_coded_body_is_refused, }
        }
    };
    (@create $route:ident) => {
        tests_of! { @tests $route
            status_201 {
                bodies::a_body_in_base64_is_read, callers::the_scheme_is_read_in_any_case,
                repeats::a_repeat_is_answered_by_what_it_created, repeats::a_quoted_key_is_the_same_key,
                repeats::each_key_and_each_request_without_one_creates, repeats::a_refused_request_leaves_its_key_free,
            }
            status_400 { repeats::an_ill_formed_key_is_refused, }
        }
    };
    (@company $route:ident) => {
        tests_of! { @tests $route
            status_201 {
                companies::an_ordinary_key_acts_for_its_own_company,
                companies::a_tracking_system_acts_for_the_companies_it_manages,
                repeats::a_key_is_scoped_by_company_and_route,
            }
            status_400 { bodies::doubled_fields_of_metadata_are_refused, }
            status_403 { callers::the_earliest_stage_at_fault_answers, }
        }
    };
    (@named $route:ident) => {
        tests_of! { @tests $route
            status_400 { named::a_malformed_id_in_the_path_is_refused, }
            status_403 { named::the_earliest_stage_at_fault_answers, }
        }
    };
    (@show $route:ident) => {
        tests_of! { @tests $route
            status_304 { versions::a_read_of_a_known_version_has_no_body, }
        }
    };
    (@list $route:ident) => {
        tests_of! { @tests $route
            status_200 {
                lists::pages_have_each_thing_once_newest_first,
                lists::a_tenant_sees_its_own_things_only,
                lists::another_owner_s_thing_among_the_entries_is_not_shown,
            }
            status_400 { lists::each_broken_rule_on_the_query_is_named, }
        }
    };
    (@pages $route:ident) => {
        tests_of! { @tests $route
            status_200 { lists::pages_have_each_thing_once_newest_first, }
            status_400 { lists::each_broken_rule_on_the_query_is_named, }
        }
    };
    (@tenant $route:ident) => {
        tests_of! { @tests $route
            status_403 { versions::a_known_version_is_told_to_its_tenant_only, }
        }
    };
    (@change $route:ident) => {
        tests_of! { @tests $route
            status_400 { versions::text_that_is_no_list_of_versions_is_refused, }
            status_412 {
                versions::a_change_under_another_version_is_refused,
                versions::of_two_changes_that_rest_on_one_version_one_is_refused,
            }
        }
    };
    (@tests $route:ident $($status:ident { $($module:ident::$test:ident,)+ })+) => {
        $(pub mod $status {
            use crate::any_route::*;

            $(
                #[tokio::test]
                pub async fn $test() {
                    $module::$test(tests::api::Route::$route).await;
                }
            )+
        })+
    };
}
