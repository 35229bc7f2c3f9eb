//! The table.

use serde_json::json;

use crate::engine::{TestEngine, run};

#[test]
fn the_table_is_created_once_and_a_second_time_left_as_it_is() {
    let engine = TestEngine::without_table();
    let missing = engine.refusal("company list");
    let server = &engine.url;
    assert_eq!(
        missing,
        format!("there is no table greenroom at {server}; name another with --table, or make it with `table create`")
    );
    assert_eq!(engine.json("table create"), json!({"id": "greenroom"}));
    engine.json("company create --name Acme");
    assert_eq!(engine.refusal("table create"), "the table greenroom exists; it was left as it is");
    assert_eq!(engine.json("company list").as_array().unwrap().len(), 1);
}

#[test]
fn tables_are_named_by_option_or_by_the_environment() {
    let engine = TestEngine::new();
    assert_eq!(engine.words("table create --table other"), "table  other\n");
    engine.json("company create --name Acme --table other");
    let count = |environment: &[(&str, &str)], command: &str| {
        let output = run(environment, &format!("--endpoint-url {} --json {command}", engine.url));
        let list: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        list.as_array().unwrap().len()
    };
    assert_eq!(count(&[], "company list"), 0);
    assert_eq!(count(&[], "company list --table other"), 1);
    assert_eq!(count(&[("TABLE_NAME", "other")], "company list"), 1);
    assert_eq!(count(&[("TABLE_NAME", "other")], "company list --table greenroom"), 0);
}

#[test]
fn the_endpoint_may_come_from_the_environment() {
    let engine = TestEngine::new();
    let output = run(&[("AWS_ENDPOINT_URL_DYNAMODB", &engine.url)], "company list");
    assert_eq!(output.stdout, b"no companies\n");
}

#[test]
fn a_table_is_migrated_and_that_can_be_repeated() {
    let engine = TestEngine::new();
    engine.json("company create --name Acme --plan starter");
    for _ in 0..2 {
        assert_eq!(engine.json("table migrate"), json!({"companies": 1, "items": 1, "migrated": 0}));
    }
}
