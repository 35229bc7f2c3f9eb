//! The output for the operator: plain words in columns, or JSON.

use std::io::{self, Write};

use serde::Serialize;

/// A value that can be shown either way.
pub trait Show: Serialize {
    /// The fields in plain words. Every value of a type has the same names.
    fn fields(&self) -> Vec<(&'static str, String)>;

    /// The fields that a list shows.
    fn row(&self) -> Vec<(&'static str, String)> {
        self.fields()
    }
}

pub struct Output {
    pub json: bool,
}

/// The text of an absent value.
pub const NOTHING: &str = "-";

/// The text of a value, or of its absence.
pub fn words(value: Option<impl ToString>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), |value| value.to_string())
}

/// Values in one cell.
pub fn list_of(values: &[impl ToString]) -> String {
    if values.is_empty() {
        return NOTHING.to_owned();
    }
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

impl Output {
    /// Shows a value: a line for each of its fields.
    pub fn one(&self, value: &impl Show) -> io::Result<()> {
        if self.json {
            return print_json(value);
        }
        let rows = value.fields().into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
        print(&columns(rows))
    }

    /// Shows any number of values: a line for each, under the names of their fields; or the text for none.
    pub fn all(&self, values: &[impl Show], none: &str) -> io::Result<()> {
        if self.json {
            return print_json(values);
        }
        let Some(first) = values.first() else { return print(&format!("{none}\n")) };
        let header = first.row().into_iter().map(|(name, _)| name.to_uppercase()).collect();
        let row = |value: &_| Show::row(value).into_iter().map(|(_, value)| value).collect();
        print(&columns([header].into_iter().chain(values.iter().map(row)).collect()))
    }

    /// Adds a sentence for people, which JSON leaves out.
    pub fn note(&self, text: &str) -> io::Result<()> {
        if self.json { Ok(()) } else { print(&format!("\n{text}\n")) }
    }
}

/// Prints a value as JSON.
pub fn print_json(value: &(impl Serialize + ?Sized)) -> io::Result<()> {
    print(&format!("{}\n", serde_json::to_string_pretty(value)?))
}

/// Prints a text as it is.
pub fn print(text: &str) -> io::Result<()> {
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
