//! The bench: how fast the functions start and answer, what they weigh, and what a request costs.
//!
//! It plays the Lambda service to the bootstraps that `sam build` made ([`runtime_api`]), each in a [`world`] of its
//! own with the embedded engine behind [`tls`], and writes its report into `docs/performance.md`. Milliseconds of one
//! machine mean little on another, so every run also measures a yardstick, `reference`, in turn with the functions.

mod cold;
mod company;
mod cpu_share;
mod event;
mod package;
mod program;
mod report;
mod runtime_api;
mod shapes;
mod stats;
mod throughput;
mod tls;
mod world;

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use cold::{Conditions, Figures, Function, Subject};
use cpu_share::CpuShare;
use package::Package;
use report::Report;
use runtime_api::Running;
use std::path::Path;
use std::process::Command;
use world::World;

/// Measures the functions and the local server, and writes docs/performance.md.
#[derive(Parser)]
struct Options {
    /// Cold starts of each build.
    #[arg(long, default_value_t = 50)]
    runs: usize,
    /// Answers after the first one in each.
    #[arg(long, default_value_t = 20)]
    later: usize,
    /// Another build to measure in turn with the others. NAME begins with its function, create-agent or
    /// create-interview; that alone replaces the build of `sam build`.
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

const DOCUMENT: &str = "docs/performance.md";

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    ensure!(
        options.print || !cfg!(debug_assertions),
        "a debug build's figures are only printed: --release, or --print"
    );
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))?;
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
    let world = World::create().await?;
    let agents = shapes::agents(&mut start(&subjects, Function::CreateAgent, &world).await?, &world).await?;
    let interviews =
        shapes::interviews(&mut start(&subjects, Function::CreateInterview, &world).await?, &world).await?;

    eprintln!("load on the local server …");
    let throughput = match options.local {
        0 => Vec::new(),
        seconds => throughput::measure(&program::build("local", "local")?, seconds).await?,
    };

    let report = Report {
        subjects: &subjects,
        packages: &packages,
        cold: &cold,
        agents: &agents,
        interviews: &interviews,
        throughput: &throughput,
    };
    let report = format!("{}\n\n{}", conditions()?, report.markdown()?);
    println!("{report}");
    if !options.print {
        report::write(Path::new(DOCUMENT), &report)?;
        eprintln!("written to {DOCUMENT}");
    }
    Ok(())
}

/// The first build of a function, started.
async fn start(subjects: &[Subject], function: Function, world: &World) -> Result<Running> {
    let subject = subjects.iter().find(|subject| subject.function == function).context("no build of the function")?;
    Running::start(&subject.bootstrap, &world.environment()).await
}

/// The yardsticks, the builds of `sam build` unless they are replaced, and those of the command line.
fn subjects(given: Vec<Subject>) -> Result<Vec<Subject>> {
    let mut ours = Vec::new();
    for (name, function, folder) in [
        ("create-agent", Function::CreateAgent, "CreateAgentFunction"),
        ("create-interview", Function::CreateInterview, "CreateInterviewFunction"),
    ] {
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
    let function = if name.starts_with("create-agent") {
        Function::CreateAgent
    } else if name.starts_with("create-interview") {
        Function::CreateInterview
    } else {
        bail!("NAME begins with create-agent or create-interview");
    };
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
    Ok(format!(
        "`cargo run --release -p bench{separator}{}` on {}, {}, {} × {processor}.",
        arguments.join(" "),
        chrono::Utc::now().format("%Y-%m-%d"),
        String::from_utf8(rustc.stdout)?.trim(),
        std::thread::available_parallelism()?,
    ))
}
