//! The bench: how fast the functions start and answer, what they weigh, and what a request costs.
//!
//! It plays the Lambda service to the bootstraps that `sam build` made ([`runtime_api`]), each in a [`stack`] of its
//! own with the embedded engine behind [`tls`], and writes its report into `docs/performance.md`. Milliseconds of one
//! machine mean little on another, so every run also measures a yardstick, `reference`, in turn with the functions.
//!
//! `bench isolation` measures something else: whether broken endpoints hold up another company's deliveries.

mod cold;
mod company;
mod cpu_share;
mod event;
mod isolation;
mod meter;
mod package;
mod program;
mod receiver;
mod report;
mod runtime_api;
mod server;
mod shapes;
mod stack;
mod stats;
mod throughput;
mod tls;
mod webhooks;

use anyhow::{Context, Result, ensure};
use clap::{Parser, Subcommand};
use cold::{Conditions, Figures, Function, Subject};
use cpu_share::CpuShare;
use package::Package;
use report::{Place, Report};
use stack::Stack;
use std::path::Path;
use std::process::Command;

/// Measures the functions and the local server, and writes docs/performance.md.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Options {
    #[command(subcommand)]
    other: Option<Other>,
    /// Cold starts of each build.
    #[arg(long, default_value_t = 50)]
    runs: usize,
    /// Answers after the first one in each.
    #[arg(long, default_value_t = 20)]
    later: usize,
    /// Another build to measure in turn with the others. NAME begins with its function, such as create-agent; that
    /// alone replaces the build of `sam build`.
    #[arg(long = "bootstrap", value_name = "NAME=PATH", value_parser = subject)]
    bootstraps: Vec<Subject>,
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

/// What else can be measured.
#[derive(Subcommand)]
enum Other {
    Isolation(isolation::Options),
}

const DOCUMENT: &str = "docs/performance.md";

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let (print, place) = match &options.other {
        None => (options.print, Place::Functions),
        Some(Other::Isolation(options)) => (options.print, Place::Isolation),
    };
    ensure!(print || !cfg!(debug_assertions), "a debug build's figures are only printed: --release, or --print");
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))?;
    let conditions = conditions()?;
    let report = match options.other {
        None => functions(options).await?,
        Some(Other::Isolation(options)) => isolation::measure(&options).await?,
    };
    let report = format!("{conditions}\n\n{report}");
    println!("{report}");
    if !print {
        report::write(Path::new(DOCUMENT), place, &report)?;
        eprintln!("written to {DOCUMENT}");
    }
    Ok(())
}

/// Measures the functions and the local server, and says it in Markdown.
async fn functions(options: Options) -> Result<String> {
    let subjects = subjects(options.bootstraps)?;
    let packages = subjects.iter().map(|subject| Package::of(&subject.bootstrap)).collect::<Result<Vec<_>>>()?;

    let mut cold = Vec::new();
    for memory_mb in std::iter::once(None).chain(options.memory.into_iter().map(Some)) {
        eprintln!("{} cold starts of each build …", options.runs);
        let share = memory_mb.map(CpuShare::of_memory_mb).transpose()?;
        let conditions = Conditions { runs: options.runs, later: options.later, share: share.as_ref() };
        let figures: Vec<Figures> = cold::measure(&subjects, &conditions).await?;
        cold.push((memory_mb, figures));
    }

    eprintln!("each shape of request …");
    let (stack, meter) = Stack::metered().await?;
    let start = |function| cold::first(&subjects, function, &stack);
    let (mut agents, mut interviews) = (start(Function::CreateAgent).await?, start(Function::CreateInterview).await?);
    let (mut managing, mut publishing) =
        (start(Function::ManageWebhooks).await?, start(Function::PublishEvents).await?);
    let mut delivering = start(Function::DeliverWebhook).await?;
    let costs = [
        ("POST /agents", shapes::agents(&mut agents, &stack).await?),
        ("POST /interviews", shapes::interviews(&mut interviews, &stack).await?),
        ("/webhooks", webhooks::manage(&mut managing, &stack).await?),
        ("publish-events, of a batch", webhooks::publish(&mut publishing, &mut managing, &stack, &meter).await?),
        ("deliver-webhook, of a message", webhooks::deliver(&mut delivering, &mut managing, &stack, &meter).await?),
    ];

    eprintln!("load on the local server …");
    let throughput = match options.local {
        0 => Vec::new(),
        seconds => throughput::measure(&program::build("local", "local")?, seconds).await?,
    };

    Report { subjects: &subjects, packages: &packages, cold: &cold, costs: &costs, throughput: &throughput }.markdown()
}

/// The yardsticks, the builds of `sam build` unless they are replaced, and those of the command line.
fn subjects(given: Vec<Subject>) -> Result<Vec<Subject>> {
    let mut ours = Vec::new();
    for (name, function, folder) in Function::OURS {
        if given.iter().all(|subject| subject.name != name) {
            let bootstrap = Path::new(".aws-sam/build").join(folder).join("bootstrap");
            ours.push(Subject { name: name.to_owned(), function, bootstrap });
        }
    }
    ours.extend(given);
    for Subject { name, bootstrap, .. } in &ours {
        ensure!(bootstrap.is_file(), "{name}: there is no {}; `sam build` makes it", bootstrap.display());
    }

    let reference = program::build("bench", "reference")?;
    let yardstick = |name: &str, function| Subject { name: name.to_owned(), function, bootstrap: reference.clone() };
    let mut subjects = vec![
        yardstick("reference", Function::Reference),
        yardstick("reference, connecting in init", Function::WarmedReference),
    ];
    subjects.extend(ours);
    Ok(subjects)
}

/// Reads `NAME=PATH`.
fn subject(argument: &str) -> Result<Subject> {
    let (name, path) = argument.split_once('=').context("write it as NAME=PATH")?;
    let function = Function::OURS.into_iter().find(|(own, ..)| name.starts_with(own));
    let (_, function, _) = function.context("NAME begins with the name of a function")?;
    let bootstrap = std::fs::canonicalize(path).with_context(|| format!("no file {path}"))?;
    Ok(Subject { name: name.to_owned(), function, bootstrap })
}

/// By which command, when and on what it was measured.
fn conditions() -> Result<String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let separator = if arguments.is_empty() { "" } else { " -- " };
    let rustc = Command::new("rustc").arg("--version").output().context("cannot start rustc")?;
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
