//! The arrows between the crates point one way.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// The crates of the workspace that a crate may depend on, whether directly or through others: itself is left out.
/// A new crate gets a line here, which says where it stands in the house.
const MAY_DEPEND_ON: [(&str, &[&str]); 20] = [
    ("aws", &[]),
    ("domain", &[]),
    ("runtime", &["domain"]),
    ("validation", &["domain"]),
    ("store", &["aws", "domain"]),
    ("queue", &["aws"]),
    ("vault", &["aws", "domain"]),
    ("delivery", &["domain", "vault"]),
    // The store only for the admission of callers, a feature.
    ("api", &["domain", "runtime", "store", "validation"]),
    ("create-agent", &["api", "domain", "runtime", "store", "validation"]),
    ("create-interview", &["api", "domain", "runtime", "store", "validation"]),
    ("manage-webhooks", &["api", "delivery", "domain", "queue", "runtime", "store", "validation", "vault"]),
    ("publish-events", &["domain", "queue", "runtime", "store"]),
    ("deliver-webhook", &["delivery", "domain", "queue", "runtime", "store", "vault"]),
    ("not-found", &["api", "runtime"]),
    ("local", LOCAL),
    ("admin", &["domain", "store"]),
    ("openapi", &["api", "domain", "validation"]),
    ("bench", &["domain", "local", "runtime", "store"]),
    ("tests", &["api", "delivery", "domain", "local", "openapi", "queue", "runtime", "store", "vault"]),
];
const LOCAL: &[&str] = &[
    "api",
    "create-agent",
    "create-interview",
    "deliver-webhook",
    "delivery",
    "domain",
    "manage-webhooks",
    "not-found",
    "publish-events",
    "queue",
    "runtime",
    "store",
    "vault",
];

/// Crates from elsewhere that only some of ours may use outside their tests.
const RESERVED: [(&str, &[&str]); 7] = [
    // The bench measures the SDK alone, for comparison.
    ("aws-sdk-dynamodb", &["store", "bench"]),
    ("aws-sdk-sqs", &["queue"]),
    ("aws-sdk-kms", &["vault"]),
    ("aws-config", &["aws", "admin", "bench"]),
    ("lambda_http", &["api", "create-agent", "create-interview", "manage-webhooks", "not-found", "local", "bench"]),
    ("lambda_runtime", &["publish-events", "deliver-webhook"]),
    ("dynoxide-rs", &["local"]),
];

/// The dependencies of each crate of the workspace, those of its tests left out.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path"])
        .arg(manifest)
        .output()
        .expect("cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let name = |value: &Value| value["name"].as_str().expect("a name").to_owned();
    let list = |value: &Value| value.as_array().cloned().expect("a list");
    list(&metadata["packages"])
        .iter()
        .map(|package| {
            let shipped = |dependency: &&Value| dependency["kind"] != "dev";
            (name(package), list(&package["dependencies"]).iter().filter(shipped).map(name).collect())
        })
        .collect()
}

#[test]
fn no_crate_depends_on_one_that_it_must_not_know() {
    let dependencies = dependencies();
    let allowed: BTreeMap<&str, &[&str]> = MAY_DEPEND_ON.into_iter().collect();
    let members: BTreeSet<&str> = dependencies.keys().map(String::as_str).collect();
    assert_eq!(members, allowed.keys().copied().collect(), "give a new crate its line in MAY_DEPEND_ON");
    for (name, used) in &dependencies {
        for used in used.iter().filter(|used| members.contains(used.as_str())) {
            assert!(allowed[name.as_str()].contains(&used.as_str()), "{name} must not depend on {used}");
        }
    }
    assert!(dependencies["api"].contains("store"), "the dependencies were read");
}

#[test]
fn only_some_crates_use_what_is_reserved_to_them() {
    let dependencies = dependencies();
    for (reserved, users) in RESERVED {
        for (name, used) in &dependencies {
            let may = users.contains(&name.as_str());
            assert!(may || !used.contains(reserved), "{name} must not use {reserved}: that is for {users:?}");
        }
        assert!(users.iter().any(|user| dependencies[*user].contains(reserved)), "nobody uses {reserved} any more");
    }
}

/// The function that answers 404 and 405 has no way to the table, to a queue or to AWS at all.
#[test]
fn the_function_without_a_route_links_nothing_of_aws() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/not-found/Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--edges", "normal", "--prefix", "none", "--manifest-path"])
        .arg(manifest)
        .output()
        .expect("cargo");
    let tree = String::from_utf8(output.stdout).expect("text");
    assert!(tree.lines().any(|line| line.starts_with("api v")), "{tree}");
    for crate_name in ["store v", "queue v", "vault v", "aws v", "aws-sdk-", "aws-config "] {
        assert!(!tree.lines().any(|line| line.starts_with(crate_name)), "not-found links {crate_name}");
    }
}
