//! The bench: how fast the functions start and answer, what they weigh, and what a request costs.
//!
//! The bench plays the Lambda service to the bootstraps that `sam build` made ([`runtime_api`]), each in a [`testbed`]
//! of its own with the embedded engine behind [`tls`], and writes its report into `docs/performance.md`. Milliseconds
//! of one machine mean little on another, so every run also measures a yardstick, `reference`, in turn with the
//! functions.
//!
//! `bench isolation` measures the delay that broken endpoints cause to another company's deliveries, `bench neighbours` the
//! time that attacks cost another company's requests. `bench bill` makes costs in dollars of the measured units and a price
//! list.

mod bill;
mod cold;
mod company;
mod costs;
mod cpu_share;
mod event;
mod isolation;
mod meter;
mod neighbours;
mod package;
mod program;
mod receiver;
mod report;
mod resources;
mod runtime_api;
mod server;
mod stats;
mod testbed;
mod throughput;
mod tls;
mod webhooks;

use anyhow::{Context, Result, ensure};
use clap::{Parser, Subcommand};
use cold::{Build, Conditions, Figures, Function};
use cpu_share::CpuShare;
use package::Package;
use report::{Report, Section};
use std::path::Path;
use std::process;
use testbed::Testbed;

/// Measures the functions and the local server, and writes docs/performance.md.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    /// Cold starts of each build.
    #[arg(long, default_value_t = 50)]
    runs: usize,
    /// Answers after the first one in each.
    #[arg(long, default_value_t = 20)]
    later: usize,
    /// Another build to measure in turn with the others. NAME begins with its function, such as create-agent; that
    /// alone replaces the build of `sam build`.
    #[arg(long = "bootstrap", value_name = "NAME=PATH", value_parser = parse_build)]
    bootstraps: Vec<Build>,
    /// Also simulates the CPU share of this memory size, in MB. Needs root.
    #[arg(long, value_name = "MB")]
    memory: Vec<u64>,
    /// Seconds of load on the local server for each row; 0 leaves it out.
    #[arg(long, default_value_t = 5, value_name = "SECONDS")]
    local: u64,
    /// Prints the report and leaves the document as it is.
    #[arg(long)]
    print: bool,
}

#[derive(Subcommand)]
enum Command {
    Isolation(isolation::Options),
    Neighbours(neighbours::Options),
    /// Writes the costs in dollars into docs/operating.md, from docs/performance.md and docs/prices.json.
    Bill {
        /// Prints them and leaves the document as it is.
        #[arg(long)]
        print: bool,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut options = Options::parse();
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))?;
    match options.command.take() {
        None => {
            let print = options.print;
            measured(Section::Functions, print, functions(options)).await
        }
        Some(Command::Isolation(options)) => {
            measured(Section::Isolation, options.is_only_printed(), isolation::measure(&options)).await
        }
        Some(Command::Neighbours(options)) => {
            measured(Section::Neighbours, options.is_only_printed(), neighbours::measure(&options)).await
        }
        Some(Command::Bill { print }) => publish(Section::Bill, print, &bill::of_documents()?),
    }
}

/// Publishes the report of a measurement, under the conditions that it was made in.
async fn measured(section: Section, print: bool, report: impl Future<Output = Result<String>>) -> Result<()> {
    ensure!(print || !cfg!(debug_assertions), "a debug build's figures are only printed: --release, or --print");
    let conditions = conditions()?;
    publish(section, print, &format!("{conditions}\n\n{}", report.await?))
}

/// Prints a report and, unless it is only printed, writes it into its document.
fn publish(section: Section, print: bool, report: &str) -> Result<()> {
    println!("{report}");
    if !print {
        report::write(section, report)?;
        eprintln!("written to {}", section.document());
    }
    Ok(())
}

/// Measures the functions and the local server, and returns the report in Markdown.
async fn functions(options: Options) -> Result<String> {
    let builds = builds(options.bootstraps)?;
    let packages = builds.iter().map(|build| Package::of(&build.bootstrap)).collect::<Result<Vec<_>>>()?;

    let mut cold = Vec::new();
    for memory_mb in std::iter::once(None).chain(options.memory.into_iter().map(Some)) {
        eprintln!("{} cold starts of each build …", options.runs);
        let share = memory_mb.map(CpuShare::of_memory_mb).transpose()?;
        let conditions = Conditions { runs: options.runs, later: options.later, share: share.as_ref() };
        let figures: Vec<Figures> = cold::measure(&builds, &conditions).await?;
        cold.push((memory_mb, figures));
    }

    eprintln!("each kind of request …");
    let (testbed, meter) = Testbed::metered().await?;
    let start = |function| cold::first(&builds, function, &testbed);
    let (mut agents, mut interviews) = (start(Function::CreateAgent).await?, start(Function::CreateInterview).await?);
    let (mut managing, mut publishing) =
        (start(Function::ManageWebhooks).await?, start(Function::PublishEvents).await?);
    let mut delivering = start(Function::DeliverWebhook).await?;
    let (mut reading, mut changing) = (start(Function::Read).await?, start(Function::ManageResources).await?);
    let mut ending = start(Function::ManageInterviews).await?;
    let (mut erasing, mut sweeping) = (start(Function::Erase).await?, start(Function::Sweep).await?);
    let costs = [
        ("POST /agents", costs::agents(&mut agents, &testbed).await?),
        ("POST /interviews", costs::interviews(&mut interviews, &testbed).await?),
        ("read, of a request", resources::read(&mut reading, &mut interviews, &testbed).await?),
        ("manage-resources, of a request", resources::manage(&mut changing, &mut interviews, &testbed).await?),
        ("manage-interviews, of a request", resources::end(&mut ending, &mut interviews, &testbed).await?),
        ("/webhooks", webhooks::manage(&mut managing, &testbed).await?),
        ("publish-events, of a batch", webhooks::publish(&mut publishing, &mut managing, &testbed, &meter).await?),
        ("deliver-webhook, of a message", webhooks::deliver(&mut delivering, &mut managing, &testbed, &meter).await?),
        (
            "erase, of a deleted candidate",
            resources::erase(&mut erasing, &mut interviews, &mut changing, &testbed, &meter).await?,
        ),
        ("sweep", resources::sweep(&mut sweeping, &mut managing, &testbed, &meter).await?),
    ];
    testbed.require_all_routes()?;

    eprintln!("load on the local server …");
    let throughput = match options.local {
        0 => Vec::new(),
        seconds => throughput::measure(&program::build("local", "local")?, seconds).await?,
    };

    Report { builds: &builds, packages: &packages, cold: &cold, costs: &costs, throughput: &throughput }.markdown()
}

/// The yardsticks, the builds of `sam build` unless they are replaced, and those of the command line.
fn builds(given: Vec<Build>) -> Result<Vec<Build>> {
    let mut ours = Vec::new();
    for (name, function, folder) in Function::OURS {
        if given.iter().all(|build| build.name != name) {
            let bootstrap = Path::new(".aws-sam/build").join(folder).join("bootstrap");
            ours.push(Build { name: name.to_owned(), function, bootstrap });
        }
    }
    ours.extend(given);
    for Build { name, bootstrap, .. } in &ours {
        ensure!(bootstrap.is_file(), "{name}: there is no {}; `sam build` makes it", bootstrap.display());
    }

    let reference = program::build("bench", "reference")?;
    let yardstick = |name: &str, function| Build { name: name.to_owned(), function, bootstrap: reference.clone() };
    let mut builds = vec![
        yardstick("reference", Function::Reference),
        yardstick("reference, connecting in init", Function::WarmedReference),
    ];
    builds.extend(ours);
    Ok(builds)
}

/// Reads `NAME=PATH`.
fn parse_build(argument: &str) -> Result<Build> {
    let (name, path) = argument.split_once('=').context("write it as NAME=PATH")?;
    let function = Function::OURS.into_iter().find(|(own, ..)| name.starts_with(own));
    let (_, function, _) = function.context("NAME begins with the name of a function")?;
    let bootstrap = std::fs::canonicalize(path).with_context(|| format!("no file {path}"))?;
    Ok(Build { name: name.to_owned(), function, bootstrap })
}

/// The command, date and machine of a measurement.
fn conditions() -> Result<String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let separator = if arguments.is_empty() { "" } else { " -- " };
    let rustc = process::Command::new("rustc").arg("--version").output().context("cannot start rustc")?;
    let processors = std::fs::read_to_string("/proc/cpuinfo")?;
    let processor = processors
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("an unknown processor", |(_, name)| name);
    let load = std::fs::read_to_string("/proc/loadavg")?;
    Ok(format!(
        "`cargo run --release -p bench{separator}{}` on {}, {}, {} × {processor}; load average of the minute before: {}.",
        arguments.join(" "),
        chrono::Utc::now().format("%Y-%m-%d"),
        String::from_utf8(rustc.stdout)?.trim(),
        std::thread::available_parallelism()?,
        load.split(' ').next().unwrap_or_default(),
    ))
}
