//! YAML that every reader takes for the same document.
//!
//! To readers of YAML 1.1, still common, a bare `NO` is false, `OFF` too, and a bare date is no string. So whatever
//! is not plainly a word is quoted.

use serde_norway::Value;

/// Longest line of a list of words.
const WIDTH_MAX: usize = 116;

/// The document's text.
pub(crate) fn to_string(document: &Value) -> anyhow::Result<String> {
    let mut text = String::new();
    block(document, 0, &mut text)?;
    Ok(text)
}

/// The value below a key or a dash: on the same line if it is short, else on lines of its own.
fn block(value: &Value, indent: usize, text: &mut String) -> anyhow::Result<()> {
    match value {
        Value::Mapping(members) if !members.is_empty() => {
            for (index, (name, member)) in members.iter().enumerate() {
                if index > 0 {
                    margin(indent, text);
                }
                text.push_str(&scalar(name, indent)?);
                text.push(':');
                nested(member, indent + 2, text)?;
            }
        }
        Value::Sequence(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    margin(indent, text);
                }
                text.push_str("- ");
                block(item, indent + 2, text)?;
            }
        }
        Value::Mapping(_) => text.push_str("{}\n"),
        Value::Sequence(_) => text.push_str("[]\n"),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Tagged(_) => {
            text.push_str(&scalar(value, indent)?);
            text.push('\n');
        }
    }
    Ok(())
}

fn nested(value: &Value, indent: usize, text: &mut String) -> anyhow::Result<()> {
    match value {
        Value::Mapping(members) if !members.is_empty() => {
            text.push('\n');
            margin(indent, text);
            block(value, indent, text)
        }
        Value::Sequence(items) if items.iter().any(|item| item.is_mapping() || item.is_sequence()) => {
            text.push('\n');
            margin(indent, text);
            block(value, indent, text)
        }
        Value::Sequence(items) => words(items, indent, text),
        Value::Mapping(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Tagged(_) => {
            text.push(' ');
            block(value, indent, text)
        }
    }
}

/// A list without lists or objects in it: side by side.
fn words(items: &[Value], indent: usize, text: &mut String) -> anyhow::Result<()> {
    let items = items.iter().map(flow_scalar).collect::<anyhow::Result<Vec<String>>>()?;
    let one_line = items.join(", ");
    if indent + one_line.len() <= WIDTH_MAX {
        text.push_str(&format!(" [{one_line}]\n"));
        return Ok(());
    }
    text.push_str(" [");
    let mut column = WIDTH_MAX;
    for item in items {
        if column + item.len() + 2 > WIDTH_MAX {
            text.push('\n');
            margin(indent, text);
            column = indent;
        } else {
            text.push(' ');
            column += 1;
        }
        text.push_str(&item);
        text.push(',');
        column += item.len() + 1;
    }
    // YAML 1.2 wants the whole list deeper than its key, its last bracket too.
    text.push('\n');
    margin(indent, text);
    text.push_str("]\n");
    Ok(())
}

fn margin(indent: usize, text: &mut String) {
    text.extend(std::iter::repeat_n(' ', indent));
}

fn scalar(value: &Value, indent: usize) -> anyhow::Result<String> {
    match value {
        Value::String(lines) if is_block(lines) => {
            let chomping = if lines.ends_with('\n') { "" } else { "-" };
            let mut text = format!("|{chomping}");
            for line in lines.lines() {
                text.push('\n');
                if !line.is_empty() {
                    margin(indent, &mut text);
                    text.push_str(line);
                }
            }
            Ok(text)
        }
        other => flow_scalar(other),
    }
}

fn flow_scalar(value: &Value) -> anyhow::Result<String> {
    match value {
        Value::String(word) if is_plain(word) => Ok(word.clone()),
        // JSON is YAML.
        other => Ok(serde_json::to_string(other)?),
    }
}

/// Several lines that can stand as they are.
fn is_block(text: &str) -> bool {
    text.trim_end_matches('\n').contains('\n')
        && !text.ends_with("\n\n")
        && !text.starts_with([' ', '\n'])
        && !text.contains(|c: char| c.is_control() && c != '\n')
}

/// A word, a path or a plain sentence, to every reader a string.
fn is_plain(text: &str) -> bool {
    const OTHER_VALUES: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    text.starts_with(|c: char| c.is_ascii_alphabetic() || "/$".contains(c))
        && !text.ends_with(' ')
        && text.chars().all(|c| c.is_alphanumeric() || " _/+-.;()$".contains(c))
        && !OTHER_VALUES.contains(&text.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use serde_norway::Mapping;

    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let text = r#"{
            "a": ["NO", "OFF", "2026-11-22", "1e2", "", "null", "~", "- x", "a: b", "a #b", "\u0000", "ž"],
            "yes": {"empty": {}, "none": [], "n": null, "t": true, "i": -1, "f": 1.5},
            "lines": "a\n\n  b\n", "open": "a\nb", "odd": " a\nb", "more": "a\n\n", "tab": "a\tb\nc",
            "nested": [[1, [2]], {"a": [{"b": "c\nd"}]}, "e\nf\n"]
        }"#;
        let value: Value = serde_norway::from_str(text).unwrap();
        let written = to_string(&value).unwrap();
        assert_eq!(serde_norway::from_str::<Value>(&written).unwrap(), value, "{written}");
        assert!(written.contains(r#"["NO", "OFF", "2026-11-22", "#), "{written}");
    }

    #[test]
    fn a_long_list_of_words_is_wrapped() {
        let value: Value = Value::from(vec![Value::from("word"); 100]);
        let written =
            to_string(&[(Value::from("list"), value.clone())].into_iter().collect::<Mapping>().into()).unwrap();
        assert!(written.lines().count() > 4 && written.lines().all(|line| line.len() <= 120), "{written}");
        assert!(written.lines().skip(1).all(|line| line.starts_with("  ")), "{written}");
        assert_eq!(serde_norway::from_str::<Value>(&written).unwrap()["list"], value);
    }
}
