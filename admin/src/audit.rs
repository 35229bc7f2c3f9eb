//! `audit`

use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use clap::Args;
use domain::company::CompanyId;
use serde::Serialize;
use store::{AuditProgress, Finding};

use crate::error::CommandError;
use crate::show::{Show, print};
use crate::{Context, argument};

#[derive(Args)]
pub struct Audit {
    /// Only this company; the whole table is read all the same
    #[arg(long, value_name = "ID", value_parser = argument::id::<CompanyId>)]
    company: Option<CompanyId>,
    /// The file that tells how far the audit is: written on the way, removed at the end, and gone on from if it is there
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
}

pub async fn run(Audit { company, resume }: &Audit, context: &Context) -> Result<(), CommandError> {
    let kept = resume.as_deref().map(read).transpose()?.flatten();
    let mut progress = kept.unwrap_or_else(|| AuditProgress::new(context.now, *company));
    if progress.only != *company {
        return Err(CommandError::Usage("the file is of an audit of another company, or of all"));
    }
    while let Some(page) = context.store.audit(&mut progress, context.now).await? {
        tell(&progress);
        for finding in &page.findings {
            if context.output.json { line(finding)? } else { print(&words(finding))? }
        }
        if let Some(id) = page.in_motion
            && !context.output.json
        {
            print(&format!("not judged: company {id}, whose books have changed meanwhile\n\n"))?;
        }
        if let Some(file) = resume {
            write(file, &progress)?;
        }
    }
    if io::stderr().is_terminal() {
        eprintln!();
    }
    if let Some(file) = resume.as_deref().filter(|file| file.exists()) {
        fs::remove_file(file).map_err(CommandError::File)?;
    }
    let AuditProgress { items, findings, in_motion, .. } = progress;
    let summary = Summary { items, contradictions: findings, not_judged: in_motion };
    if context.output.json {
        line(&summary)?
    } else {
        context.output.one(&summary)?
    }
    if findings == 0 { Ok(()) } else { Err(CommandError::Contradictions(findings)) }
}

/// Tells people how far the audit is, on one line that is written anew.
fn tell(AuditProgress { items, findings, .. }: &AuditProgress) {
    if io::stderr().is_terminal() {
        eprint!("\r{items} items read, {findings} contradictions");
    }
}

/// An audit that was interrupted, if the file is there.
fn read(file: &Path) -> Result<Option<AuditProgress>, CommandError> {
    match fs::read(file) {
        Ok(text) => {
            let progress = serde_json::from_slice(&text);
            progress.map(Some).map_err(|_| CommandError::Usage("the file does not tell how far an audit is"))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(CommandError::File(error)),
    }
}

/// Writes the file in one step, so that an interruption leaves the one of before.
fn write(file: &Path, progress: &AuditProgress) -> Result<(), CommandError> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    let text = serde_json::to_vec(progress).map_err(io::Error::from).map_err(CommandError::File)?;
    fs::write(&beside, text).and_then(|()| fs::rename(&beside, file)).map_err(CommandError::File)
}

fn line(value: &impl Serialize) -> io::Result<()> {
    print(&format!("{}\n", serde_json::to_string(value)?))
}

fn words(Finding { contradiction, company_id, items, is, should }: &Finding) -> String {
    let company = company_id.map_or_else(String::new, |id| format!(" of company {id}"));
    let items = items.join("\n  ");
    format!("{}{company}\n  {items}\n  is:     {is}\n  should: {should}\n\n", contradiction.as_str())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    items: u64,
    contradictions: u64,
    /// Companies whose books have changed during the audit.
    not_judged: u64,
}

impl Show for Summary {
    fn fields(&self) -> Vec<(&'static str, String)> {
        let Self { items, contradictions, not_judged } = self;
        vec![
            ("items", items.to_string()),
            ("contradictions", contradictions.to_string()),
            ("companies not judged", not_judged.to_string()),
        ]
    }
}
