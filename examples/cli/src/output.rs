//! What is printed.

use std::io::{self, ErrorKind, Write};

use crate::trouble::{Outcome, Trouble};

/// Prints to standard output. Whoever reads it may have gone (`tidal api list | head`).
pub(crate) fn print(bytes: &[u8]) -> Outcome {
    let mut output = io::stdout().lock();
    output.write_all(bytes).and_then(|()| output.flush()).map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Trouble::Unread,
        _ => Trouble::Failed(format!("standard output can't be written: {error}")),
    })
}

/// Rows in columns as wide as their widest cell.
pub(crate) fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; N] = std::array::from_fn(width);
    let mut text = String::new();
    for row in rows {
        let cells: String = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}  ")).collect();
        text.push_str(cells.trim_end());
        text.push('\n');
    }
    text
}

/// JSON with a line for each value. Order, numbers and texts stay as they are written.
pub(crate) fn pretty(json: &str) -> String {
    let mut text = String::with_capacity(json.len() * 2);
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let line = |text: &mut String, depth: usize| {
        text.push('\n');
        text.extend(std::iter::repeat_n("  ", depth));
    };
    let mut rest = json.chars().peekable();
    while let Some(c) = rest.next() {
        if quoted {
            text.push(c);
            (quoted, escaped) = (escaped || c != '"', !escaped && c == '\\');
            continue;
        }
        match c {
            '{' | '[' => {
                text.push(c);
                while rest.next_if(|next| next.is_ascii_whitespace()).is_some() {}
                if let Some(end) = rest.next_if(|next| matches!(next, '}' | ']')) {
                    text.push(end);
                } else {
                    depth += 1;
                    line(&mut text, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut text, depth);
                text.push(c);
            }
            ',' => {
                text.push(c);
                line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => {
                quoted = c == '"';
                text.push(c);
            }
        }
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::pretty;

    #[test]
    fn json_is_laid_out_and_nothing_else() {
        let json = r#"{"b":[1.50,1e3,{"q\"\\":"a:{,}[ ]\\"},{},[]],"a":null}"#;
        let lines = [
            "{",
            "  \"b\": [",
            "    1.50,",
            "    1e3,",
            "    {",
            r#"      "q\"\\": "a:{,}[ ]\\""#,
            "    },",
            "    {},",
            "    []",
            "  ],",
            "  \"a\": null",
            "}\n",
        ];
        assert_eq!(pretty(json), lines.join("\n"));
        assert_eq!(pretty(" { } "), "{}\n");
    }
}
