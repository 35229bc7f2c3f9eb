//! The question before a change of a table in AWS.

use std::io::{self, BufRead, IsTerminal as _, Write};

use crate::error::CommandError;

/// The place of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<'a> {
    /// The AWS account; none if STS did not tell.
    pub account: Option<&'a str>,
    pub region: &'a str,
    pub table: &'a str,
}

/// Asks on the terminal whether the table there is to be changed. Without a terminal nobody can answer, so nothing is
/// changed.
pub fn confirm(place: &Place) -> Result<(), CommandError> {
    if !io::stdin().is_terminal() {
        return Err(CommandError::NoTerminal(describe(place)));
    }
    if ask(place, &mut io::stdin().lock(), &mut io::stderr().lock())? { Ok(()) } else { Err(CommandError::Declined) }
}

/// Asks, and returns the answer. Whatever is not yes is no.
fn ask(place: &Place, answers: &mut impl BufRead, questions: &mut impl Write) -> io::Result<bool> {
    write!(questions, "This changes {}. Go on? [y/N] ", describe(place))?;
    questions.flush()?;
    let mut answer = String::new();
    answers.read_line(&mut answer)?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

fn describe(place: &Place) -> String {
    let account = place.account.unwrap_or("unknown (no STS)");
    format!("table {} in AWS account {account}, region {}", place.table, place.region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        let place = Place { account: Some("123456789012"), region: "eu-central-1", table: "greenroom-prod" };
        for (answer, goes_on) in [
            ("y\n", true),
            ("Y\r\n", true),
            ("yes\n", true),
            ("\n", false),
            ("n\n", false),
            ("yesterday\n", false),
            ("", false),
        ] {
            let mut question = Vec::new();
            assert_eq!(ask(&place, &mut answer.as_bytes(), &mut question).unwrap(), goes_on, "{answer:?}");
            assert_eq!(
                String::from_utf8(question).unwrap(),
                "This changes table greenroom-prod in AWS account 123456789012, region eu-central-1. Go on? [y/N] "
            );
        }
    }
}
