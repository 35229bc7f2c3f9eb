//! The arrows between the crates point one way, and a doc comment begins with the noun.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The crates of the workspace that a crate may depend on, whether directly or through others: itself is left out.
/// A new crate gets a line here, which says where it stands in the house.
const MAY_DEPEND_ON: [(&str, &[&str]); 27] = [
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
    ("read", &["api", "domain", "runtime", "store", "validation"]),
    ("manage-interviews", &["api", "domain", "runtime", "store", "validation"]),
    ("manage-resources", &["api", "domain", "runtime", "store", "validation"]),
    ("manage-webhooks", &["api", "delivery", "domain", "queue", "runtime", "store", "validation", "vault"]),
    ("publish-events", &["domain", "queue", "runtime", "store"]),
    ("deliver-webhook", &["delivery", "domain", "queue", "runtime", "store", "vault"]),
    ("erase", &["domain", "runtime", "store"]),
    ("sweep", &["domain", "queue", "runtime", "store"]),
    // The API for its resources only, as their GET shows them.
    ("start-interviews", &["api", "domain", "queue", "runtime", "store"]),
    ("record-result", &["domain", "queue", "runtime", "store", "validation"]),
    ("not-found", &["api", "runtime"]),
    ("local", LOCAL),
    ("admin", &["aws", "domain", "store"]),
    ("openapi", &["api", "domain", "validation"]),
    ("bench", &["api", "domain", "local", "runtime", "store"]),
    ("tests", &["api", "delivery", "domain", "local", "openapi", "queue", "runtime", "store", "vault"]),
];
const LOCAL: &[&str] = &[
    "api",
    "create-agent",
    "create-interview",
    "deliver-webhook",
    "delivery",
    "domain",
    "erase",
    "manage-interviews",
    "manage-resources",
    "manage-webhooks",
    "not-found",
    "openapi",
    "publish-events",
    "queue",
    "read",
    "record-result",
    "runtime",
    "start-interviews",
    "store",
    "sweep",
    "vault",
];

/// Crates from elsewhere that only some of ours may use outside their tests.
const RESERVED: [(&str, &[&str]); 11] = [
    // The bench measures the SDK alone, for comparison.
    ("aws-sdk-dynamodb", &["store", "bench"]),
    ("aws-sdk-sqs", &["queue"]),
    ("aws-sdk-kms", &["vault"]),
    ("aws-sdk-sts", &["aws"]),
    // The questions of `doctor`, which no function asks.
    ("aws-sdk-cloudformation", &["admin"]),
    ("aws-sdk-lambda", &["admin"]),
    ("aws-sdk-sns", &["admin"]),
    ("aws-config", &["aws", "admin", "bench"]),
    (
        "lambda_http",
        &[
            "api",
            "create-agent",
            "create-interview",
            "manage-interviews",
            "manage-resources",
            "manage-webhooks",
            "read",
            "not-found",
            "local",
            "bench",
        ],
    ),
    ("lambda_runtime", &["publish-events", "deliver-webhook", "erase", "record-result", "start-interviews", "sweep"]),
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

/// Words that no doc comment begins with: they ask for a noun, or stand for one that the reader does not know yet.
const NOT_A_NOUN: [&str; 12] =
    ["What", "How", "Whose", "Whether", "Which", "Who", "Where", "When", "Why", "They", "None", "Its"];

/// Beginnings of items whose comments are published: `openapi.yaml` has them as descriptions, which callers read beside the
/// name of a field or a value.
const PUBLISHED: [&str; 4] = ["derive(schemars::JsonSchema)", "string_enum! {", "id! {", "error_codes! {"];

/// The Rust sources below a folder, except what is built or hidden.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in folder.read_dir().expect("a folder") {
        let entry = entry.expect("an entry");
        let (path, name) = (entry.path(), entry.file_name());
        if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        } else if path.is_dir() && name != "target" && !name.to_string_lossy().starts_with('.') {
            found.extend(sources(&path));
        }
    }
    found
}

/// The numbers of the lines on which a doc comment begins with one of [`NOT_A_NOUN`]. Only beginnings count, so that
/// sections such as "# Errors" are free.
fn begun_without_a_noun(source: &str) -> Vec<usize> {
    let (mut found, mut candidate, mut in_comment) = (Vec::new(), None, false);
    // The indentation of the published item that the line is in.
    let mut published = None;
    for (number, line) in (1..).zip(source.lines()) {
        let text = line.trim_start();
        let comment = text.strip_prefix("///").or_else(|| text.strip_prefix("//!"));
        if let Some(comment) = comment {
            let word = comment.trim_start().split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
            if !in_comment && published.is_none() && NOT_A_NOUN.contains(&word) {
                candidate = Some(number);
            }
        } else if PUBLISHED.iter().any(|beginning| text.contains(beginning)) {
            // The comment before the item is published too.
            candidate = None;
            published = line.strip_suffix(text);
        } else if !text.starts_with("#[") {
            found.extend(candidate.take());
        }
        in_comment = comment.is_some();
        let ends = |item: &str| item == "}" || (item.ends_with(';') && !item.starts_with(' '));
        published = published.filter(|indentation| !line.strip_prefix(indentation).is_some_and(ends));
    }
    found.extend(candidate);
    found
}

#[test]
fn a_doc_comment_begins_with_the_noun() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let sources = sources(&root);
    assert!(sources.iter().any(|path| path.ends_with("tests/it/workspace.rs")), "the sources were read");
    let mut found = Vec::new();
    for path in sources {
        let source = std::fs::read_to_string(&path).expect("a source in UTF-8");
        let name = path.strip_prefix(&root).unwrap_or(&path).display();
        found.extend(begun_without_a_noun(&source).into_iter().map(|line| format!("{name}:{line}")));
    }
    let found = found.join("\n");
    assert!(found.is_empty(), "begin these comments with the noun, not with one of {NOT_A_NOUN:?}:\n{found}");
}
