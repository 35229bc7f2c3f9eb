//! The cost of each kind of request in DynamoDB requests and capacity units, as the functions log it.

use crate::event;
use crate::runtime_api::{Answer, FunctionProcess};
use crate::testbed::Testbed;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// The cost of one request, from the function's own log line or from the [`meter`](crate::meter).
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Cost {
    /// DynamoDB requests, retries included.
    pub requests: u64,
    /// Read capacity units.
    pub read_units: f64,
    /// Write capacity units.
    pub write_units: f64,
    /// Time from sending the requests to having their answers, pauses between them included, in milliseconds. Only in
    /// log lines.
    pub waited_ms: f64,
}

impl Cost {
    /// The cost in a log line, if the line is that of a request.
    pub fn of_line(line: &str) -> Option<Cost> {
        let line: Value = serde_json::from_str(line).ok()?;
        let dynamodb = line.get("dynamodb")?;
        Some(Cost {
            requests: dynamodb["requests"].as_u64()?,
            read_units: dynamodb["readUnits"].as_f64()?,
            write_units: dynamodb["writeUnits"].as_f64()?,
            waited_ms: dynamodb["durationMs"].as_f64()?,
        })
    }
}

/// The cost of one kind of request.
pub struct CostRow {
    /// The kind, in the words of the report.
    pub name: String,
    pub cost: Cost,
}

impl CostRow {
    pub fn new(name: &str, cost: Cost) -> CostRow {
        CostRow { name: name.to_owned(), cost }
    }
}

/// Sends each kind of `POST /agents` once.
pub async fn agents(function: &mut FunctionProcess, testbed: &Testbed) -> Result<Vec<CostRow>> {
    let with_number = {
        let mut body = agent("SCREENING");
        body["type"] = json!("PHONE");
        body["companyPhoneNumberId"] = json!(testbed.company.phone_number_id);
        body
    };
    let mut rows = Vec::new();
    for (name, idempotency_key, body) in [
        ("without phone number", None, agent("SCREENING")),
        ("with phone number", None, with_number),
        ("with idempotency key", Some("bench"), agent("SCREENING")),
        ("replay", Some("bench"), agent("SCREENING")),
    ] {
        let (_, cost) = call(function, testbed, "POST /agents", idempotency_key, Some(&body)).await?;
        rows.push(CostRow::new(name, cost));
    }
    Ok(rows)
}

/// Sends each kind of `POST /interviews` once.
pub async fn interviews(function: &mut FunctionProcess, testbed: &Testbed) -> Result<Vec<CostRow>> {
    let mut rows = Vec::new();
    for candidate in [Part::Existing, Part::Inline] {
        for agent in [Part::Existing, Part::Inline] {
            for job in [JobPart::Existing, JobPart::Other, JobPart::Implied, JobPart::Inline, JobPart::None] {
                // An inline candidate has no job before, so none that is implied or that it could have besides.
                if candidate == Part::Inline && matches!(job, JobPart::Other | JobPart::Implied) {
                    continue;
                }
                let interview = InterviewRequest { candidate, agent, job };
                let body = interview.body(&ExistingResources::create(function, testbed).await?);
                let sent = call(function, testbed, "POST /interviews", None, Some(&body)).await;
                let (_, cost) = sent.with_context(|| interview.name())?;
                rows.push(CostRow::new(&interview.name(), cost));
            }
        }
    }

    let existing = ExistingResources::create(function, testbed).await?;
    let mut body = existing.interview();
    let events = [
        ("existing, with idempotency key", false, Some("bench")),
        ("existing, replay", false, Some("bench")),
        ("existing, test mode", true, None),
    ];
    for (name, test, idempotency_key) in events {
        body["isTest"] = json!(test);
        let sent = call(function, testbed, "POST /interviews", idempotency_key, Some(&body)).await;
        let (_, cost) = sent.context(name)?;
        rows.push(CostRow::new(name, cost));
    }
    Ok(rows)
}

/// Sends a request, which must succeed: method and path, as in `GET /agents`. Returns the answer's body and the cost.
pub async fn call(
    function: &mut FunctionProcess,
    testbed: &Testbed,
    route: &str,
    idempotency_key: Option<&str>,
    body: Option<&Value>,
) -> Result<(Value, Cost)> {
    let (method, path) = route.split_once(' ').context("not a route")?;
    let event = event::request(method, path, &testbed.company.api_key, idempotency_key, body)?;
    let answer = function.invoke(&event).await?;
    ensure!((200..300).contains(&answer.status()), "{route}: answered {}", answer.payload);
    testbed.note(method, path)?;
    Ok((answer.body(), function.log_line(Cost::of_line).await?))
}

/// A text that must be there.
pub fn text(value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).context("a text is missing")
}

/// Fails unless something was created: refusals are fast, and would be measured in its place.
pub fn require_created(answer: &Answer) -> Result<()> {
    let status = answer.status();
    ensure!(status == 201, "answered by {status}: {}", answer.payload);
    Ok(())
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Existing,
    Inline,
}

#[derive(Clone, Copy, PartialEq)]
enum JobPart {
    /// A job that the existing candidate has already.
    Existing,
    /// A job that the existing candidate has not yet.
    Other,
    /// The candidate's only job, which the request does not name.
    Implied,
    Inline,
    /// No job, for an agent whose focus is GENERIC.
    None,
}

struct InterviewRequest {
    candidate: Part,
    agent: Part,
    job: JobPart,
}

impl InterviewRequest {
    fn name(&self) -> String {
        let part = |part| match part {
            Part::Existing => "existing",
            Part::Inline => "inline",
        };
        let job = match self.job {
            JobPart::Existing => "existing job",
            JobPart::Other => "existing job, not yet the candidate's",
            JobPart::Implied => "the candidate's only job, not named",
            JobPart::Inline => "inline job",
            JobPart::None => "no job",
        };
        format!("{} candidate, {} agent, {job}", part(self.candidate), part(self.agent))
    }

    fn body(&self, existing: &ExistingResources) -> Value {
        let mut body = json!({});
        let jobless = self.job == JobPart::None;
        match self.candidate {
            Part::Existing if jobless => body["candidateId"] = json!(existing.jobless_candidate),
            Part::Existing => body["candidateId"] = json!(existing.candidate),
            Part::Inline => body["candidate"] = candidate(),
        }
        match self.agent {
            Part::Existing if jobless => body["agentId"] = json!(existing.generic_agent),
            Part::Existing => body["agentId"] = json!(existing.agent),
            Part::Inline => body["agent"] = agent(if jobless { "GENERIC" } else { "SCREENING" }),
        }
        match self.job {
            JobPart::Existing => body["jobId"] = json!(existing.job),
            JobPart::Other => body["jobId"] = json!(existing.other_job),
            JobPart::Inline => body["job"] = job(),
            JobPart::Implied | JobPart::None => {}
        }
        body
    }
}

/// Ids of resources that exist before the measured request.
pub struct ExistingResources {
    candidate: Value,
    agent: Value,
    job: Value,
    other_job: Value,
    jobless_candidate: Value,
    generic_agent: Value,
}

impl ExistingResources {
    /// Creates them, by interviews whose parts are all inline.
    pub async fn create(function: &mut FunctionProcess, testbed: &Testbed) -> Result<ExistingResources> {
        let with_job = inline_interview();
        let without_job = json!({"candidate": candidate(), "agent": agent("GENERIC")});
        let mut answers = Vec::new();
        for body in [&with_job, &with_job, &without_job] {
            answers.push(call(function, testbed, "POST /interviews", None, Some(body)).await?.0);
        }
        let id = |interview: usize, name: &str| answers[interview][name].clone();
        Ok(ExistingResources {
            candidate: id(0, "candidateId"),
            agent: id(0, "agentId"),
            job: id(0, "jobId"),
            other_job: id(1, "jobId"),
            jobless_candidate: id(2, "candidateId"),
            generic_agent: id(2, "agentId"),
        })
    }

    /// The most usual interview: all of it exists.
    pub fn interview(&self) -> Value {
        json!({"candidateId": self.candidate, "agentId": self.agent, "jobId": self.job})
    }
}

/// An interview of which every part is inline.
pub fn inline_interview() -> Value {
    json!({"candidate": candidate(), "agent": agent("SCREENING"), "job": job()})
}

/// A usual agent, whose interviews take a minute, so that an allowance lasts for long.
pub fn agent(focus: &str) -> Value {
    json!({
        "name": "First screening",
        "type": "ONLINE",
        "focus": focus,
        "language": "EN",
        "duration": 1,
        "questions": [
            "Why do you want to work with us?",
            "Which of your projects are you proud of, and what was your part in it?",
            "When could you start?",
        ],
        "instructions": "Be friendly and brief. Ask for an example wherever an answer stays general.",
        "voiceId": "EMMA",
        "metadata": {"team": "hiring", "round": 1},
    })
}

/// A usual candidate.
pub fn candidate() -> Value {
    json!({
        "firstName": "Jana",
        "lastName": "Nováková",
        "email": "jana.novakova@example.com",
        "phoneNumber": "+421901234567",
        "gdprExpiryDate": "2099-12-31",
    })
}

/// A usual job.
pub fn job() -> Value {
    json!({
        "title": "Backend engineer",
        "description": "You build and run the services behind our product, from the first sketch to production.",
        "requiredSkills": ["Rust", "AWS"],
        "contractType": "FULL_TIME",
        "location": {"workMode": "REMOTE", "countryCode": "SK"},
        "salary": {"min": 3000, "max": 4500, "currency": "EUR", "period": "MONTHLY"},
    })
}

#[cfg(test)]
mod tests {
    use super::Cost;

    #[test]
    fn the_cost_is_read_from_the_line_of_a_request() {
        let dynamodb = r#"{"requests":2,"readUnits":3.0,"writeUnits":4.5,"conflicts":0,"durationMs":1.5}"#;
        let line = format!(r#"{{"route":"POST /agents","durationMs":2.5,"dynamodb":{dynamodb}}}"#);
        let cost = Cost { requests: 2, read_units: 3.0, write_units: 4.5, waited_ms: 1.5 };
        assert_eq!(Cost::of_line(&line), Some(cost));
        assert_eq!(Cost::of_line(r#"{"message":"starting"}"#), None);
        assert_eq!(Cost::of_line("START"), None);
    }
}
