//! What the operator sees: plain words in columns, or JSON.

use std::io::{self, Write};

use serde::Serialize;

/// Something that can be shown either way.
pub trait Show: Serialize {
    /// Its parts in plain words, each with its name. Every value of a type has the same names.
    fn fields(&self) -> Vec<(&'static str, String)>;
}

/// How to show things.
pub struct Output {
    /// As JSON.
    pub json: bool,
}

/// Stands for what is not there.
pub const NOTHING: &str = "-";

/// What is there, in words.
pub fn words(value: Option<impl ToString>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), |value| value.to_string())
}

impl Output {
    /// Shows one thing: a line for each of its parts.
    pub fn one(&self, thing: &impl Show) -> io::Result<()> {
        if self.json {
            return print_json(thing);
        }
        let rows = thing.fields().into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
        print(&columns(rows))
    }

    /// Shows any number of things: a line for each, under the names of their parts; or says in words that there are none.
    pub fn all(&self, things: &[impl Show], none: &str) -> io::Result<()> {
        if self.json {
            return print_json(things);
        }
        let Some(first) = things.first() else { return print(&format!("{none}\n")) };
        let header = first.fields().into_iter().map(|(name, _)| name.to_uppercase()).collect();
        let row = |thing: &_| Show::fields(thing).into_iter().map(|(_, value)| value).collect();
        print(&columns([header].into_iter().chain(things.iter().map(row)).collect()))
    }

    /// Adds a sentence for people.
    pub fn note(&self, text: &str) -> io::Result<()> {
        if self.json { Ok(()) } else { print(&format!("\n{text}\n")) }
    }
}

fn print_json(thing: &(impl Serialize + ?Sized)) -> io::Result<()> {
    print(&format!("{}\n", serde_json::to_string_pretty(thing)?))
}

fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Rows of cells as lines, with each column as wide as its widest cell.
fn columns(rows: Vec<Vec<String>>) -> String {
    let mut widths = Vec::new();
    for row in &rows {
        widths.resize(row.len().max(widths.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |row: &Vec<String>| {
        let cells: Vec<_> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_characters() {
        let rows = [["NAME", "PLAN"], ["Žltý kôň", "trial"], ["a", "scale"]];
        let rows = rows.iter().map(|row| row.iter().map(ToString::to_string).collect()).collect();
        assert_eq!(columns(rows), "NAME      PLAN\nŽltý kôň  trial\na         scale\n");
    }
}
