//! Bodies that are accepted, to be changed into what a test is about.

use api::Route;
use serde_json::{Value, json};

/// An agent that screens online, of 30 minutes.
pub fn agent() -> Value {
    json!({"name": "Screening agent", "type": "ONLINE", "focus": "SCREENING", "language": "EN", "duration": 30})
}

/// An agent that interviews without a job.
pub fn generic_agent() -> Value {
    with(agent(), json!({"name": "Generic agent", "focus": "GENERIC"}))
}

/// An agent that calls from that number.
pub fn phone_agent(company_phone_number_id: &str) -> Value {
    with(agent(), json!({"type": "PHONE", "companyPhoneNumberId": company_phone_number_id}))
}

/// A candidate who can be reached both ways.
pub fn candidate() -> Value {
    json!({
        "firstName": "Zuzana",
        "lastName": "Nováková",
        "gdprExpiryDate": "2030-12-31",
        "email": "zuzana.novakova@example.com",
        "phoneNumber": "+421901234567",
    })
}

/// A job.
pub fn job() -> Value {
    json!({"title": "Warehouse operator"})
}

/// An interview without a job that brings along all it needs.
pub fn interview() -> Value {
    json!({"candidate": candidate(), "agent": generic_agent()})
}

/// A webhook whose endpoint does not answer: the port of a service that no machine has any more.
pub fn webhook() -> Value {
    json!({"url": "http://127.0.0.1:9/hooks", "events": ["interview.completed"]})
}

/// A company, to be created by a system.
pub fn company() -> Value {
    json!({"name": "Bakery at the Bridge"})
}

/// The routes that create what belongs to a company.
pub const CREATES: [Route; 2] = [Route::CreateAgent, Route::CreateInterview];

/// A body with these members, set or replaced.
pub fn with(mut body: Value, members: Value) -> Value {
    let Value::Object(members) = members else { panic!("members are an object, not {members}") };
    for (name, value) in members {
        body[name] = value;
    }
    body
}

/// A body without that member.
pub fn without(mut body: Value, member: &str) -> Value {
    body.as_object_mut().and_then(|members| members.remove(member)).expect("the member that is taken away");
    body
}

/// A body with the value at that JSON pointer set; only the last step may be new.
pub fn with_at(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer below the root");
    let parent = body.pointer_mut(parent).unwrap_or_else(|| panic!("no {parent}"));
    match parent {
        Value::Array(items) => items[name.parse::<usize>().expect("an index")] = value,
        parent => parent[name] = value,
    }
    body
}
