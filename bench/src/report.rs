//! The report: Markdown, and its place in a document.

use crate::cold::{Build, Figures, Function};
use crate::costs::CostRow;
use crate::package::Package;
use crate::throughput::Throughput;
use anyhow::{Context, Result};
use std::fmt::Write;

/// A section of the document that the bench writes.
#[derive(Debug, Clone, Copy)]
pub enum Section {
    Functions,
    /// The report of `bench isolation`.
    Isolation,
    /// The report of `bench neighbours`.
    Neighbours,
    /// The costs in dollars, of `bench bill`.
    Bill,
}

impl Section {
    /// The lines before and after the section.
    fn markers(self) -> (&'static str, &'static str) {
        match self {
            Section::Functions => {
                ("<!-- Written by the bench from here on. -->", "<!-- Written by the bench up to here. -->")
            }
            Section::Isolation => (
                "<!-- Written by the bench's isolation from here on. -->",
                "<!-- Written by the bench's isolation up to here. -->",
            ),
            Section::Neighbours => (
                "<!-- Written by the bench's neighbours from here on. -->",
                "<!-- Written by the bench's neighbours up to here. -->",
            ),
            Section::Bill => (
                "<!-- Written by the bench's bill from here on. -->",
                "<!-- Written by the bench's bill up to here. -->",
            ),
        }
    }

    /// The document that the section is in.
    pub fn document(self) -> &'static str {
        match self {
            Section::Functions | Section::Isolation => "docs/performance.md",
            Section::Neighbours => "docs/security.md",
            Section::Bill => "docs/operating.md",
        }
    }

    /// The document's text with a report in place of the one that an earlier run put there; without a place, none.
    pub fn replaced(self, text: &str, report: &str) -> Option<String> {
        let (begin, end) = self.markers();
        replace(text, begin, end, report)
    }
}

/// Longest cold start, as a multiple of the better of the two yardsticks.
const COLD_RATIO_MAX: f64 = 1.5;
/// Most DynamoDB requests of a create: two in a row, and the count of the key's requests beside them.
const REQUESTS_MAX: u64 = 3;
/// Longest first answer of a function that has connected in its init phase, in milliseconds.
const FIRST_MAX_MS: f64 = 2.5;
/// Largest deployment package, in bytes.
const ZIP_MAX_BYTES: u64 = 2_500_000;

/// The figures of a run.
pub struct Report<'a> {
    /// The builds, in the order of all figures.
    pub builds: &'a [Build],
    pub packages: &'a [Package],
    /// Cold starts by the memory size whose CPU share was simulated; without one, with a whole CPU.
    pub cold: &'a [(Option<u64>, Vec<Figures>)],
    /// Costs of what the functions do, each group with its name.
    pub costs: &'a [(&'a str, Vec<CostRow>)],
    /// Answers of the local server.
    pub throughput: &'a [Throughput],
}

impl Report<'_> {
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
        for (name, rows) in self.costs {
            costs(&mut out, name, rows)?;
        }
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
        for (build, figures) in self.builds.iter().zip(figures) {
            let Figures { init, first, first_own, cold, later, peak_memory } = figures;
            let ratio = cold.median() / reference;
            writeln!(
                out,
                "| {} | {init} | {first} | {first_own} | {cold} | {ratio:.2} | {later} | {peak_memory} |",
                build.name
            )?;
        }
        writeln!(out)?;
        Ok(())
    }

    /// The faster of the two yardsticks.
    fn reference_cold(&self, figures: &[Figures]) -> f64 {
        self.builds
            .iter()
            .zip(figures)
            .filter(|(build, _)| !build.function.is_ours())
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
        for (place, build) in self.builds.iter().enumerate() {
            if !build.function.has_targets() {
                continue;
            }
            let (name, figures, zip) = (&build.name, &figures[place], self.packages[place].zip);
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
        // The functions with targets come first.
        for (route, rows) in self.costs.iter().take(2) {
            let most = rows.iter().map(|row| row.cost.requests).max().unwrap_or_default();
            row(
                format!("{route}: DynamoDB requests of any shape"),
                format!("at most {REQUESTS_MAX}"),
                most.to_string(),
                most <= REQUESTS_MAX && !rows.is_empty(),
            )?;
        }
        writeln!(out)?;
        Ok(())
    }

    fn sizes(&self, out: &mut String) -> Result<()> {
        writeln!(out, "### Size\n\n| | binary, MB | zip, MB |\n|---|---|---|")?;
        for (build, package) in self.builds.iter().zip(self.packages) {
            // The same file as the other yardstick.
            if build.function == Function::WarmedReference {
                continue;
            }
            let (binary, zip) = (megabytes(package.binary), megabytes(package.zip));
            writeln!(out, "| {} | {binary} | {zip} |", build.name)?;
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

fn costs(out: &mut String, name: &str, rows: &[CostRow]) -> Result<()> {
    writeln!(out, "### Cost of {name}\n\n| | DynamoDB requests | read units | write units |\n|---|---|---|---|")?;
    for CostRow { name, cost } in rows {
        let (requests, read, write) = (cost.requests, cost.read_units, cost.write_units);
        writeln!(out, "| {name} | {requests} | {read} | {write} |")?;
    }
    writeln!(out)?;
    Ok(())
}

fn megabytes(bytes: u64) -> String {
    format!("{:.2}", bytes as f64 / 1e6)
}

/// Puts a report into its place in its document, instead of the one that an earlier run put there.
pub fn write(section: Section, report: &str) -> Result<()> {
    let document = section.document();
    let text = std::fs::read_to_string(document).with_context(|| format!("cannot read {document}"))?;
    let (begin, end) = section.markers();
    let text = section
        .replaced(&text, report)
        .with_context(|| format!("{document} has no place for the report: {begin} … {end}"))?;
    std::fs::write(document, text).with_context(|| format!("cannot write {document}"))
}

fn replace(text: &str, begin: &str, end: &str, report: &str) -> Option<String> {
    let (before, rest) = text.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{begin}\n\n{}\n\n{end}{after}", report.trim()))
}

#[cfg(test)]
mod tests {
    use super::{Section, replace};

    #[test]
    fn a_report_takes_the_place_of_the_one_before_it_and_of_nothing_else() {
        let ((begin, end), (other, _)) = (Section::Functions.markers(), Section::Isolation.markers());
        let document = format!("# Title\n\n{other}\nother\n\n{begin}\nold\n{end}\n\nThe end.\n");
        let once = replace(&document, begin, end, "new\n").unwrap();
        let expected = format!("# Title\n\n{other}\nother\n\n{begin}\n\nnew\n\n{end}\n\nThe end.\n");
        assert_eq!(once, expected);
        assert_eq!(replace(&once, begin, end, "new").unwrap(), once);
        assert_eq!(replace("# Title\n", begin, end, "new"), None);
    }
}
