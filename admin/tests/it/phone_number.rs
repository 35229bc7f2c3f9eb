//! Telephone numbers.

use domain::contact::E164;
use domain::phone_number::PhoneNumber;
use serde_json::json;

use crate::engine::{NOBODY, TestEngine, id, members, misuse};

#[test]
fn a_company_s_numbers_are_listed_oldest_first_and_to_nobody_else() {
    let engine = TestEngine::new();
    let company = id(&engine.json("company create --name Acme"));
    let other = id(&engine.json("company create --name Other"));
    let first = engine.json(&format!("phone-number add --company {company} --number +421901234567"));
    let second = engine.json(&format!("phone-number add --company {company} --number +12025550123"));
    assert_eq!(members(&first), ["companyId", "createdAt", "id", "number", "updatedAt"]);
    assert_eq!(first["companyId"], company);
    assert_eq!(first["number"], "+421901234567");
    assert_eq!(engine.json(&format!("phone-number list --company {company}")), json!([first, second]));
    assert_eq!(engine.json(&format!("phone-number list --company {other}")), json!([]));

    let list = engine.words(&format!("phone-number list --company {company}"));
    assert!(list.starts_with("ID                                    NUMBER         ADDED\n"), "{list}");
    assert!(list.contains(&format!("\n{}  +12025550123   20", id(&second))), "{list}");
    assert_eq!(engine.words(&format!("phone-number list --company {other}")), "no telephone numbers\n");
}

#[tokio::test]
async fn a_company_has_a_number_once_until_it_is_removed() {
    let engine = TestEngine::new();
    let company = id(&engine.json("company create --name Acme"));
    let other = id(&engine.json("company create --name Other"));
    let add = |company: &str| format!("phone-number add --company {company} --number +421901234567");
    let number = engine.json(&add(&company));
    let taken = |id: &str| format!("the company has this number already: {id}");
    assert_eq!(engine.refusal(&add(&company)), taken(&id(&number)));
    engine.json(&add(&other));

    assert_eq!(engine.json(&format!("phone-number remove {}", id(&number))), number);
    assert_eq!(engine.json(&format!("phone-number list --company {company}")), json!([]));
    let refused = engine.refusal(&format!("phone-number remove {}", id(&number)));
    assert_eq!(refused, "there is no such telephone number; `phone-number list` shows those of a company");
    assert_eq!(id(&engine.json(&add(&company))), id(&number));

    // One with another id, as they were before.
    let old = PhoneNumber {
        id: NOBODY.parse().unwrap(),
        number: E164::parse("+421901234568").unwrap(),
        ..serde_json::from_value(number).unwrap()
    };
    engine.store().await.add_phone_number(&old).await.unwrap();
    let again = format!("phone-number add --company {company} --number +421901234568");
    assert_eq!(engine.refusal(&again), taken(NOBODY));
}

#[test]
fn nobody_has_no_numbers() {
    let engine = TestEngine::new();
    for command in ["add --number +421901234567", "list"] {
        let refused = engine.refusal(&format!("phone-number {command} --company {NOBODY}"));
        assert_eq!(refused, "there is no such company; `company list` shows all", "{command}");
    }
    for number in ["421901234567", "+0", "+421x", ""] {
        let refused = misuse(&format!("phone-number add --company {NOBODY} --number {number}"));
        assert!(refused.contains("E.164"), "{number}: {refused}");
    }
}
