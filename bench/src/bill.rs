//! The bill: what a million interviews and a month at rest cost in dollars.
//!
//! Computed, not measured: from the units in `docs/performance.md`, the dated prices of `docs/prices.json`, what
//! `template.yaml` says of memory, alarms and routes, and the assumptions below. `bench bill` writes it into
//! `docs/operating.md`; a test compares the two.
//!
//! Amounts are whole picodollars (10⁻¹² dollars), since the smallest price is a few of them for a byte of a log. They
//! are rounded to cents only where they are printed, after they were added.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_norway::Value;
use std::fmt::{self, Display, Formatter, Write};
use std::iter::Sum;
use std::ops::Add;

/// Times that everything in the first table happens.
const MILLION: u128 = 1_000_000;
/// A GB of CloudWatch and Lambda, in bytes and in MB.
const GB_BYTES: u128 = 1 << 30;
const GB_MB: u128 = 1 << 10;
/// Lambda's own lines of a call (START, END and REPORT), in bytes.
const PLATFORM_LINES_BYTES: u128 = 450;
/// A line of the access log, in bytes.
const ACCESS_LINE_BYTES: u128 = 400;
/// Calls of which X-Ray keeps one, beyond the first of each second.
const CALLS_A_TRACE: u128 = 20;
/// Requests to the queue for each delivery at its first attempt: sent, received, deleted, none of them with others.
const QUEUE_REQUESTS: u128 = 3;
/// Requests to the queue for each failed attempt: put off, and received again.
const RETRY_QUEUE_REQUESTS: u128 = 2;
/// Requests to an empty queue in a month of 30 days: five pollers of Lambda, each of which waits for 20 seconds.
const EMPTY_RECEIVES: u128 = 5 * 30 * 24 * 60 * 60 / 20;
/// Sweeps of a month of 30 days, one each minute.
const SWEEPS: u128 = 30 * 24 * 60;
/// Reads of a sweep that finds nothing, one for each shard of the index of alarms, each half a unit.
const SWEEP_READS: u128 = 16;
/// Combinations of a metric of ours and its dimensions in a month in which most of them occur.
const METRICS: u128 = 53;
/// Metrics of each route that the gateway keeps: 4xx, 5xx, requests, two latencies, bytes.
const ROUTE_METRICS: u128 = 6;

/// The assumptions on a function.
struct Function {
    name: &'static str,
    /// Billed time of a call, in milliseconds: some ten for each request to DynamoDB, or what an endpoint takes.
    billed_ms: u128,
    /// Length of its log line, in bytes.
    line_bytes: u128,
}

const CREATE_INTERVIEW: Function = Function { name: "create-interview", billed_ms: 30, line_bytes: 1_000 };
const PUBLISH_EVENTS: Function = Function { name: "publish-events", billed_ms: 30, line_bytes: 450 };
const DELIVER_WEBHOOK: Function = Function { name: "deliver-webhook", billed_ms: 250, line_bytes: 750 };

/// A region of the price list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Region {
    Frankfurt,
    Virginia,
}

impl Region {
    const ALL: [Region; 2] = [Region::Frankfurt, Region::Virginia];

    fn name(self) -> &'static str {
        match self {
            Region::Frankfurt => "eu-central-1",
            Region::Virginia => "us-east-1",
        }
    }
}

/// The price list, `docs/prices.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Prices {
    #[expect(dead_code, reason = "for readers of the file")]
    about: String,
    write_unit: Price,
    read_unit: Price,
    table_gb: Price,
    recovery_gb: Price,
    function_arm_gb_second: Price,
    function_x86_gb_second: Price,
    function_call: Price,
    gateway_request: Price,
    queue_request: Price,
    fair_queue_request: Price,
    log_gb: Price,
    kept_log_gb: Price,
    metric: Price,
    alarm_metric: Price,
    key: Price,
    dashboard: Price,
    trace: Price,
}

/// The price of some number of units.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Price {
    per: u32,
    #[serde(rename = "eu-central-1")]
    frankfurt: String,
    #[serde(rename = "us-east-1")]
    virginia: String,
    #[serde(rename = "what")]
    _what: String,
    #[serde(rename = "page")]
    _page: String,
    #[serde(rename = "known")]
    _known: String,
}

impl Price {
    /// The cost of a quantity that is counted in parts of the price's unit, `parts` to each.
    fn of_parts(&self, region: Region, quantity: u128, parts: u128) -> Result<Dollars> {
        let price = match region {
            Region::Frankfurt => &self.frankfurt,
            Region::Virginia => &self.virginia,
        };
        Ok(Dollars(decimal(price, 12)? * quantity / (u128::from(self.per) * parts)))
    }

    fn of(&self, region: Region, quantity: u128) -> Result<Dollars> {
        self.of_parts(region, quantity, 1)
    }
}

/// An amount, in picodollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Dollars(u128);

impl Dollars {
    const CENT: u128 = 10_000_000_000;
}

impl Add for Dollars {
    type Output = Dollars;

    fn add(self, other: Dollars) -> Dollars {
        Dollars(self.0 + other.0)
    }
}

impl Sum for Dollars {
    fn sum<I: Iterator<Item = Dollars>>(amounts: I) -> Dollars {
        amounts.fold(Dollars::default(), Add::add)
    }
}

/// To the nearest cent, half a cent upwards.
impl Display for Dollars {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let cents = (self.0 + Dollars::CENT / 2) / Dollars::CENT;
        write!(f, "${}.{:02}", cents / 100, cents % 100)
    }
}

/// A decimal number as an integer of its `digits`th decimal place.
fn decimal(text: &str, digits: usize) -> Result<u128> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    ensure!(fraction.len() <= digits, "{text} has more than {digits} decimal places");
    format!("{whole}{fraction:0<digits$}").parse().with_context(|| format!("{text} is not a decimal number"))
}

/// The cost of a million of something, by service.
#[derive(Debug, Clone, Copy, Default)]
struct Bill {
    dynamodb: Dollars,
    gateway: Dollars,
    lambda: Dollars,
    logs: Dollars,
    sqs: Dollars,
    xray: Dollars,
}

impl Bill {
    fn total(&self) -> Dollars {
        let Bill { dynamodb, gateway, lambda, logs, sqs, xray } = *self;
        [dynamodb, gateway, lambda, logs, sqs, xray].into_iter().sum()
    }

    fn times(self, count: u128) -> Bill {
        let times = |amount: Dollars| Dollars(amount.0 * count);
        Bill {
            dynamodb: times(self.dynamodb),
            gateway: times(self.gateway),
            lambda: times(self.lambda),
            logs: times(self.logs),
            sqs: times(self.sqs),
            xray: times(self.xray),
        }
    }
}

impl Add for Bill {
    type Output = Bill;

    fn add(self, other: Bill) -> Bill {
        Bill {
            dynamodb: self.dynamodb + other.dynamodb,
            gateway: self.gateway + other.gateway,
            lambda: self.lambda + other.lambda,
            logs: self.logs + other.logs,
            sqs: self.sqs + other.sqs,
            xray: self.xray + other.xray,
        }
    }
}

/// Capacity units of a million of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Units {
    read: u128,
    write: u128,
}

impl Units {
    /// The row of a name in the table "Cost of …" that the bench wrote.
    fn measured(performance: &str, table: &str, row: &str) -> Result<Units> {
        let heading = format!("### Cost of {table}");
        let mut cells = performance
            .lines()
            .skip_while(|line| *line != heading)
            .skip(1)
            .take_while(|line| !line.starts_with('#'))
            .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.strip_prefix(row)?.strip_prefix(" | "))
            .map(|cells| cells.split(" | ").collect::<Vec<_>>());
        let missing = || format!("docs/performance.md has no row \"{row}\" under \"{heading}\"");
        let cells = cells.next().with_context(missing)?;
        let [_, read, write] = cells.as_slice() else {
            anyhow::bail!("{}", missing());
        };
        // A millionth of a unit of one is a unit of a million.
        Ok(Units { read: decimal(read, 6)?, write: decimal(write, 6)? })
    }
}

/// The figures that the template says.
struct Template {
    memory_mb: u128,
    /// Metrics in all alarms, an alarm on several being charged for each.
    alarm_metrics: u128,
    routes: u128,
    /// Keys that are paid for.
    keys: u128,
    dashboards: u128,
}

impl Template {
    fn read(template: &str) -> Result<Template> {
        let mut template: Value = serde_norway::from_str(template).context("cannot read the template")?;
        template.apply_merge()?;
        let memory_mb = template["Parameters"]["MemorySize"]["Default"].as_u64().context("no memory size")?;
        let resources = template["Resources"].as_mapping().context("no resources")?;
        let of_type = |name: &'static str| resources.values().filter(move |resource| resource["Type"] == name);
        let alarm_metrics = of_type("AWS::CloudWatch::Alarm")
            .map(|alarm| match alarm["Properties"]["Metrics"].as_sequence() {
                Some(metrics) => metrics.iter().filter(|metric| metric.get("MetricStat").is_some()).count(),
                None => 1,
            })
            .sum::<usize>();
        let routes = of_type("AWS::Serverless::Function")
            .filter_map(|function| function["Properties"]["Events"].as_mapping())
            .flat_map(|events| events.values())
            .filter(|event| event["Type"] == "HttpApi")
            .count();
        Ok(Template {
            memory_mb: memory_mb.into(),
            alarm_metrics: u128::try_from(alarm_metrics)?,
            routes: u128::try_from(routes)?,
            keys: u128::try_from(of_type("AWS::KMS::Key").count())?,
            dashboards: u128::try_from(of_type("AWS::CloudWatch::Dashboard").count())?,
        })
    }
}

/// A million of each step, in a region.
struct Steps<'a> {
    region: Region,
    prices: &'a Prices,
    template: &'a Template,
    performance: &'a str,
}

impl Steps<'_> {
    fn units(&self, table: &str, row: &str) -> Result<Dollars> {
        let Units { read, write } = Units::measured(self.performance, table, row)?;
        Ok(self.prices.read_unit.of(self.region, read)? + self.prices.write_unit.of(self.region, write)?)
    }

    /// Calls of a function, with their logs and traces, on one of the architectures.
    fn calls(&self, function: &Function, gb_second: &Price) -> Result<Bill> {
        let Steps { region, prices, .. } = *self;
        let mb_ms = self.template.memory_mb * function.billed_ms * MILLION;
        let lambda = prices.function_call.of(region, MILLION)? + gb_second.of_parts(region, mb_ms, GB_MB * 1_000)?;
        let bytes = (function.line_bytes + PLATFORM_LINES_BYTES) * MILLION;
        let logs = prices.log_gb.of_parts(region, bytes, GB_BYTES)?;
        let xray = prices.trace.of(region, MILLION / CALLS_A_TRACE)?;
        Ok(Bill { lambda, logs, xray, ..Bill::default() })
    }

    fn queue(&self, requests: u128) -> Result<Dollars> {
        let Steps { region, prices, .. } = *self;
        Ok(prices.queue_request.of(region, requests)? + prices.fair_queue_request.of(region, requests)?)
    }

    /// Requests to `POST /interviews` of a shape.
    fn created(&self, shape: &str) -> Result<Bill> {
        let Steps { region, prices, .. } = *self;
        let request = Bill {
            dynamodb: self.units("POST /interviews", shape)?,
            gateway: prices.gateway_request.of(region, MILLION)?,
            logs: prices.log_gb.of_parts(region, ACCESS_LINE_BYTES * MILLION, GB_BYTES)?,
            ..Bill::default()
        };
        Ok(request + self.calls(&CREATE_INTERVIEW, &prices.function_arm_gb_second)?)
    }

    /// Changes that are announced, each in a batch of its own.
    fn announced(&self, webhooks: u128) -> Result<Bill> {
        let batch = if webhooks == 0 { "1 record, nobody subscribed" } else { "1 record" };
        let dynamodb = self.units("publish-events, of a batch", batch)?;
        let calls = self.calls(&PUBLISH_EVENTS, &self.prices.function_arm_gb_second)?;
        Ok(Bill { dynamodb, ..Bill::default() } + calls)
    }

    /// Attempts to deliver, each in a batch of its own.
    fn attempted(&self, outcome: &str, queue_requests: u128) -> Result<Bill> {
        let dynamodb = self.units("deliver-webhook, of a message", outcome)?;
        let sqs = self.queue(queue_requests * MILLION)?;
        let calls = self.calls(&DELIVER_WEBHOOK, &self.prices.function_arm_gb_second)?;
        Ok(Bill { dynamodb, sqs, ..Bill::default() } + calls)
    }

    /// Test interviews, whose two events are delivered to a number of webhooks each.
    fn tested(&self, webhooks: u128) -> Result<Bill> {
        let delivered = self.attempted("delivered", QUEUE_REQUESTS)?.times(2 * webhooks);
        Ok(self.created(TEST)? + self.announced(webhooks)? + delivered)
    }
}

const EXISTING: &str = "existing candidate, existing agent, existing job";
const INLINE: &str = "inline candidate, inline agent, inline job";
const TEST: &str = "existing, test mode";

/// The section of `docs/operating.md`, in Markdown, of the documents as they are.
pub fn of_documents() -> Result<String> {
    let read = |path: &str| std::fs::read_to_string(path).with_context(|| format!("cannot read {path}"));
    markdown(&read("docs/performance.md")?, &read("docs/prices.json")?, &read("template.yaml")?)
}

fn markdown(performance: &str, prices: &str, template: &str) -> Result<String> {
    let prices: Prices = serde_json::from_str(prices).context("cannot read the price list")?;
    let template = Template::read(template)?;
    let steps = |region| Steps { region, prices: &prices, template: &template, performance };
    let mut out = String::new();
    millions(&mut out, steps)?;
    assumptions(&mut out, &template)?;
    at_rest(&mut out, &prices, &template)?;
    what_moves_it(&mut out, &steps(Region::Frankfurt))?;
    Ok(out)
}

fn millions<'a>(out: &mut String, steps: impl Fn(Region) -> Steps<'a>) -> Result<()> {
    writeln!(
        out,
        "| One million | DynamoDB | gateway | Lambda | logs | SQS | X-Ray | total, {} | total, {} |\n\
         |---|---|---|---|---|---|---|---|---|",
        Region::Frankfurt.name(),
        Region::Virginia.name()
    )?;
    type Row<'a> = (&'a str, &'a dyn Fn(&Steps) -> Result<Bill>);
    let rows: [Row; 6] = [
        ("interviews, candidate, agent and job exist", &|steps| steps.created(EXISTING)),
        ("interviews, candidate, agent and job inline", &|steps| steps.created(INLINE)),
        ("test interviews, no webhook", &|steps| steps.tested(0)),
        ("test interviews, one webhook of both events", &|steps| steps.tested(1)),
        ("test interviews, three webhooks of both events", &|steps| steps.tested(3)),
        ("failed attempts, which come on top", &|steps| steps.attempted("failed", RETRY_QUEUE_REQUESTS)),
    ];
    for (name, bill) in rows {
        let [frankfurt, virginia] = [bill(&steps(Region::Frankfurt))?, bill(&steps(Region::Virginia))?];
        let Bill { dynamodb, gateway, lambda, logs, sqs, xray } = frankfurt;
        writeln!(
            out,
            "| {name} | {dynamodb} | {gateway} | {lambda} | {logs} | {sqs} | {xray} | **{}** | **{}** |",
            frankfurt.total(),
            virginia.total()
        )?;
    }
    Ok(())
}

fn assumptions(out: &mut String, template: &Template) -> Result<()> {
    let memory_mb = template.memory_mb;
    writeln!(
        out,
        "\nThe columns are those of {}, on arm64. Assumed are, with {memory_mb} MB (`MemorySize`):\n\n\
         | Function | billed time of a call | its log line |\n|---|---|---|",
        Region::Frankfurt.name()
    )?;
    for Function { name, billed_ms, line_bytes } in [CREATE_INTERVIEW, PUBLISH_EVENTS, DELIVER_WEBHOOK] {
        writeln!(out, "| `{name}` | {billed_ms} ms | {line_bytes} bytes |")?;
    }
    writeln!(
        out,
        "\n- The times are round ones for a function that waits for DynamoDB, or for an endpoint, over a network; no AWS \
         account was measured.\n\
         - Each call also logs {PLATFORM_LINES_BYTES} bytes of Lambda's own and each request {ACCESS_LINE_BYTES} bytes \
         in the access log; one call in {CALLS_A_TRACE} is traced.\n\
         - No two changes, deliveries or messages share a batch, as at little traffic. At much traffic up to 100 changes \
         and ten deliveries share a call, so this is the most.\n\
         - A delivery makes {QUEUE_REQUESTS} requests to the queue, a failed attempt {RETRY_QUEUE_REQUESTS}, each with \
         the charge for fair queues; events are smaller than 64 KB.\n\
         - Not in it: free tiers, taxes, cold starts, retries after conflicts, replays, KMS (webhooks' data keys are \
         remembered), e-mails of alarms, data sent to the internet, and what conducting an interview adds.",
    )?;
    Ok(())
}

fn at_rest(out: &mut String, prices: &Prices, template: &Template) -> Result<()> {
    let Template { alarm_metrics, routes, keys, dashboards, memory_mb: _ } = *template;
    let [frankfurt, virginia] = Region::ALL.map(Region::name);
    writeln!(out, "\n| A month, beside what requests cost | how many | {frankfurt} | {virginia} |\n|---|---|---|---|")?;
    let route_metrics = ROUTE_METRICS * routes;
    let rows = [
        ("metrics in alarms", alarm_metrics, &prices.alarm_metric),
        (
            "keys of webhooks' secrets, and of logs and alarms; each costs as much again after each of its first two years",
            keys,
            &prices.key,
        ),
        ("dashboards; an account's first three are free", dashboards, &prices.dashboard),
        ("requests to the empty queue", EMPTY_RECEIVES, &prices.queue_request),
        ("calls of sweeps", SWEEPS, &prices.function_call),
        ("read units of sweeps that find nothing", SWEEPS * SWEEP_READS / 2, &prices.read_unit),
        ("metrics of ours that occur (about)", METRICS, &prices.metric),
        ("metrics of the gateway for each route, if all are called", route_metrics, &prices.metric),
    ];
    let mut totals = [Dollars::default(); 2];
    for (name, count, price) in rows {
        let amounts = [price.of(Region::Frankfurt, count)?, price.of(Region::Virginia, count)?];
        writeln!(out, "| {name} | {} | {} | {} |", thousands(count), amounts[0], amounts[1])?;
        totals = [totals[0] + amounts[0], totals[1] + amounts[1]];
    }
    writeln!(out, "| **total** | | **{}** | **{}** |", totals[0], totals[1])?;
    for (name, price) in [
        ("each GB in the table and its indexes", &prices.table_gb),
        ("each GB of the table for point-in-time recovery", &prices.recovery_gb),
        ("each GB of logs that is kept", &prices.kept_log_gb),
    ] {
        let [frankfurt, virginia] = [price.of(Region::Frankfurt, 1)?, price.of(Region::Virginia, 1)?];
        writeln!(out, "| {name} | 1 | {frankfurt} | {virginia} |")?;
    }
    writeln!(
        out,
        "\nMetrics are charged by the hour in which they occur: without traffic, their two rows are nothing."
    )?;
    Ok(())
}

fn what_moves_it(out: &mut String, steps: &Steps) -> Result<()> {
    let Steps { region, prices, .. } = *steps;
    let total = steps.created(EXISTING)?.total();
    let units = Units::measured(steps.performance, "POST /interviews", EXISTING)?;
    let writes = prices.write_unit.of(region, units.write)?;
    let arm = steps.calls(&CREATE_INTERVIEW, &prices.function_arm_gb_second)?.lambda;
    let x86 = steps.calls(&CREATE_INTERVIEW, &prices.function_x86_gb_second)?.lambda;
    let delivery = steps.attempted("delivered", QUEUE_REQUESTS)?.total();
    writeln!(
        out,
        "\nWrite units move the price most: they are {} % of an interview whose parts exist. The next are deliveries, {} \
         for a million. Memory, time and architecture of the functions hardly matter: a million calls of \
         `create-interview` cost {arm} on arm64 and {x86} on x86_64.",
        (100 * writes.0 + total.0 / 2) / total.0,
        delivery,
    )?;
    Ok(())
}

fn thousands(count: u128) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Dollars, EXISTING, INLINE, MILLION, Region, TEST, Template, Units, decimal, markdown, thousands};
    use crate::report::Section;

    const OPERATING: &str = include_str!("../../docs/operating.md");
    const PERFORMANCE: &str = include_str!("../../docs/performance.md");
    const PRICES: &str = include_str!("../../docs/prices.json");
    const TEMPLATE: &str = include_str!("../../template.yaml");

    #[test]
    fn the_document_has_the_bill_of_the_measured_units_and_the_listed_prices() {
        let bill = markdown(PERFORMANCE, PRICES, TEMPLATE).unwrap();
        let written = Section::Bill.replaced(OPERATING, &bill).unwrap();
        assert!(written == OPERATING, "renew docs/operating.md: cargo run -p bench -- bill");
    }

    #[test]
    fn another_price_another_unit_or_another_memory_make_another_bill() {
        let bill = markdown(PERFORMANCE, PRICES, TEMPLATE).unwrap();
        // A digit more makes ten times as many.
        let more = |text: &str, before: &str| text.replace(before, &format!("{before}9"));
        for (performance, prices, template) in [
            (more(PERFORMANCE, &format!("| {EXISTING} | 3 | ")), PRICES.to_owned(), TEMPLATE.to_owned()),
            (PERFORMANCE.to_owned(), more(PRICES, "\"eu-central-1\": \""), TEMPLATE.to_owned()),
            (PERFORMANCE.to_owned(), PRICES.to_owned(), more(TEMPLATE, "Type: Number\n    Default: ")),
        ] {
            assert!((&*performance, &*prices, &*template) != (PERFORMANCE, PRICES, TEMPLATE), "nothing was changed");
            assert_ne!(markdown(&performance, &prices, &template).unwrap(), bill);
        }
    }

    #[test]
    fn amounts_are_exact_and_rounded_to_cents_when_they_are_shown() {
        assert_eq!(decimal("0.0000133334", 12).unwrap(), 13_333_400);
        assert_eq!(decimal("2.5", 6).unwrap(), 2_500_000);
        assert!(decimal("0.0000000000001", 12).is_err());
        assert!(decimal("1e3", 12).is_err());
        assert_eq!(Dollars(4_999_999_999).to_string(), "$0.00");
        assert_eq!(Dollars(5_000_000_000).to_string(), "$0.01");
        assert_eq!(Dollars(12_345_000_000_000).to_string(), "$12.35");
        assert_eq!(thousands(648_000), "648,000");
        assert_eq!(thousands(50), "50");
    }

    #[test]
    fn units_are_those_of_the_row_with_the_whole_name() {
        let units = |row| Units::measured(PERFORMANCE, "publish-events, of a batch", row);
        assert_eq!(units("1 record").unwrap(), Units { read: 2_000_000, write: 0 });
        assert_eq!(units("100 records of 100 companies").unwrap().read, 200_000_000);
        assert!(units("2 records").is_err());
        assert!(units("delivered").is_err());
    }

    #[test]
    fn the_units_that_the_document_lists_are_the_measured_ones() {
        for (listed, table, row) in [
            ("agent", "POST /agents", "without phone number"),
            ("interview with a new candidate, agent and job", "POST /interviews", INLINE),
            ("interview with an existing candidate, agent and job", "POST /interviews", EXISTING),
            ("the same as a test", "POST /interviews", TEST),
            ("announcing: a batch of up to 100 changes of one company", "publish-events, of a batch", "1 record"),
            ("delivering one event to one webhook", "deliver-webhook, of a message", "delivered"),
            ("each failed attempt", "deliver-webhook, of a message", "failed"),
        ] {
            let Units { read, write } = Units::measured(PERFORMANCE, table, row).unwrap();
            let line = OPERATING.lines().find(|line| line.starts_with(&format!("| {listed} | "))).expect(listed);
            let units = format!(" | {} | {}", read / MILLION, write / MILLION);
            assert!(line.contains(&units), "{listed}: measured are{units}");
        }
    }

    #[test]
    fn the_template_is_counted() {
        let template = Template::read(TEMPLATE).unwrap();
        assert_eq!(template.memory_mb, 256);
        assert!(template.alarm_metrics > 20 && template.routes > 10);
        assert!(template.keys > 1 && template.dashboards > 0);
    }

    #[test]
    fn each_price_names_its_page_and_how_it_is_known() {
        let prices: serde_json::Value = serde_json::from_str(PRICES).unwrap();
        for (name, price) in prices.as_object().unwrap().iter().filter(|(name, _)| *name != "about") {
            assert!(price["page"].as_str().unwrap().starts_with("https://aws.amazon.com/"), "{name}");
            assert!(!price["known"].as_str().unwrap().is_empty(), "{name}");
            for region in Region::ALL {
                assert!(decimal(price[region.name()].as_str().unwrap(), 12).unwrap() > 0, "{name}");
            }
        }
    }
}
