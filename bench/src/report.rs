//! The report: Markdown, and its place in a document.

use crate::cold::{Figures, Function, Subject};
use crate::package::Package;
use crate::shapes::Shape;
use crate::throughput::Throughput;
use anyhow::{Context, Result};
use std::fmt::Write;
use std::path::Path;

const BEGIN: &str = "<!-- Written by the bench from here on. -->";
const END: &str = "<!-- Written by the bench up to here. -->";

/// A cold start may take so many times what the better of the two yardsticks takes.
const COLD_RATIO_MAX: f64 = 1.5;
/// First answer of a function that has connected in its init phase, in milliseconds.
const FIRST_MAX_MS: f64 = 2.5;
/// Size of a deployment package, in bytes.
const ZIP_MAX_BYTES: u64 = 2_500_000;

/// Everything that was measured.
pub struct Report<'a> {
    /// The builds, in the order of all figures.
    pub subjects: &'a [Subject],
    /// Their sizes.
    pub packages: &'a [Package],
    /// Cold starts by the memory size whose CPU share was simulated; none: a whole CPU.
    pub cold: &'a [(Option<u64>, Vec<Figures>)],
    /// Shapes of `POST /agents`.
    pub agents: &'a [Shape],
    /// Shapes of `POST /interviews`.
    pub interviews: &'a [Shape],
    /// The local server.
    pub throughput: &'a [Throughput],
}

impl Report<'_> {
    /// The tables.
    pub fn markdown(&self) -> Result<String> {
        let mut out = String::new();
        for (memory_mb, figures) in self.cold {
            match memory_mb {
                None => writeln!(out, "### Cold start, a whole CPU\n")?,
                Some(mb) => writeln!(out, "### Cold start, the CPU share of {mb} MB\n")?,
            }
            self.cold_table(&mut out, figures)?;
        }
        self.targets(&mut out)?;
        self.sizes(&mut out)?;
        costs(&mut out, "POST /agents", self.agents)?;
        costs(&mut out, "POST /interviews", self.interviews)?;
        self.throughput(&mut out)?;
        Ok(out)
    }

    fn cold_table(&self, out: &mut String, figures: &[Figures]) -> Result<()> {
        writeln!(
            out,
            "| | init, ms | first, ms | its own part, ms | cold, ms | × reference | later, ms | memory, MiB |\n\
             |---|---|---|---|---|---|---|---|"
        )?;
        let reference = self.reference_cold(figures);
        for (subject, figures) in self.subjects.iter().zip(figures) {
            let Figures { init, first, first_own, cold, later, peak_memory } = figures;
            let ratio = cold.median() / reference;
            writeln!(
                out,
                "| {} | {init} | {first} | {first_own} | {cold} | {ratio:.2} | {later} | {peak_memory} |",
                subject.name
            )?;
        }
        writeln!(out)?;
        Ok(())
    }

    /// The faster of the two yardsticks.
    fn reference_cold(&self, figures: &[Figures]) -> f64 {
        self.subjects
            .iter()
            .zip(figures)
            .filter(|(subject, _)| !subject.function.is_ours())
            .map(|(_, figures)| figures.cold.median())
            .fold(f64::INFINITY, f64::min)
    }

    fn targets(&self, out: &mut String) -> Result<()> {
        writeln!(out, "### Targets\n\n| | target | measured | met |\n|---|---|---|---|")?;
        let mut row = |what: String, target: String, measured: String, met: bool| {
            let met = if met { "yes" } else { "**no**" };
            writeln!(out, "| {what} | {target} | {measured} | {met} |")
        };
        let Some((_, figures)) = self.cold.first() else {
            return Ok(());
        };
        let reference = self.reference_cold(figures);
        for (place, subject) in self.subjects.iter().enumerate() {
            if !subject.function.is_ours() {
                continue;
            }
            let (name, figures, zip) = (&subject.name, &figures[place], self.packages[place].zip);
            let (ratio, first) = (figures.cold.median() / reference, figures.first.median());
            row(
                format!("{name}: cold start, × reference"),
                format!("at most {COLD_RATIO_MAX}"),
                format!("{ratio:.2}"),
                ratio <= COLD_RATIO_MAX,
            )?;
            row(
                format!("{name}: first answer, ms"),
                format!("under {FIRST_MAX_MS}"),
                format!("{first:.2}"),
                first < FIRST_MAX_MS,
            )?;
            row(
                format!("{name}: zip, MB"),
                format!("under {}", megabytes(ZIP_MAX_BYTES)),
                megabytes(zip),
                zip < ZIP_MAX_BYTES,
            )?;
        }
        for (route, shapes) in [("POST /agents", self.agents), ("POST /interviews", self.interviews)] {
            let most = shapes.iter().map(|shape| shape.cost.requests).max().unwrap_or_default();
            row(
                format!("{route}: DynamoDB requests of any shape"),
                "at most 2".to_owned(),
                most.to_string(),
                most <= 2 && !shapes.is_empty(),
            )?;
        }
        writeln!(out)?;
        Ok(())
    }

    fn sizes(&self, out: &mut String) -> Result<()> {
        writeln!(out, "### Size\n\n| | binary, MB | zip, MB |\n|---|---|---|")?;
        for (subject, package) in self.subjects.iter().zip(self.packages) {
            // The same file as the other yardstick.
            if subject.function == Function::WarmedReference {
                continue;
            }
            let (binary, zip) = (megabytes(package.binary), megabytes(package.zip));
            writeln!(out, "| {} | {binary} | {zip} |", subject.name)?;
        }
        writeln!(out)?;
        Ok(())
    }

    fn throughput(&self, out: &mut String) -> Result<()> {
        if self.throughput.is_empty() {
            return Ok(());
        }
        writeln!(out, "### Local server\n\n| | data | clients | answers a second |\n|---|---|---|---|")?;
        for Throughput { path, on_disk, clients, per_second } in self.throughput {
            let data = if *on_disk { "on disk" } else { "in memory" };
            writeln!(out, "| POST {path} | {data} | {clients} | {per_second:.0} |")?;
        }
        writeln!(out)?;
        Ok(())
    }
}

fn costs(out: &mut String, route: &str, shapes: &[Shape]) -> Result<()> {
    writeln!(out, "### Cost of {route}\n\n| | DynamoDB requests | read units | write units |\n|---|---|---|---|")?;
    for Shape { name, cost } in shapes {
        let (requests, read, write) = (cost.requests, cost.read_units, cost.write_units);
        writeln!(out, "| {name} | {requests} | {read} | {write} |")?;
    }
    writeln!(out)?;
    Ok(())
}

fn megabytes(bytes: u64) -> String {
    format!("{:.2}", bytes as f64 / 1e6)
}

/// Puts the report into a document, in place of the one that an earlier run put there.
pub fn write(document: &Path, report: &str) -> Result<()> {
    let text = std::fs::read_to_string(document).with_context(|| format!("cannot read {}", document.display()))?;
    let text = replace(&text, report)
        .with_context(|| format!("{} has no place for the report: {BEGIN} … {END}", document.display()))?;
    std::fs::write(document, text).with_context(|| format!("cannot write {}", document.display()))
}

fn replace(text: &str, report: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", report.trim()))
}

#[cfg(test)]
mod tests {
    use super::{BEGIN, END, replace};

    #[test]
    fn a_report_takes_the_place_of_the_one_before_it_and_of_nothing_else() {
        let document = format!("# Title\n\n{BEGIN}\nold\n{END}\n\nThe end.\n");
        let once = replace(&document, "new\n").unwrap();
        assert_eq!(once, format!("# Title\n\n{BEGIN}\n\nnew\n\n{END}\n\nThe end.\n"));
        assert_eq!(replace(&once, "new").unwrap(), once);
        assert_eq!(replace("# Title\n", "new"), None);
    }
}
