//! Small tables for people.

use std::fmt::Write as _;

/// Prints rows under headings, indented, in columns as wide as they have to be. A number, and what begins with one, goes to the
/// right.
pub(crate) fn print<const N: usize>(headings: [&str; N], rows: &[[String; N]]) {
    let headings = headings.map(str::to_owned);
    let width = |column: usize| {
        let cells = rows.iter().chain([&headings]).map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    };
    let widths: [usize; N] = std::array::from_fn(width);
    for row in [&headings].into_iter().chain(rows) {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let right = rows.iter().all(|row| row[column].starts_with(|c: char| c.is_ascii_digit()));
            // Writing to a String can't fail.
            let _ = match right {
                true => write!(line, "  {cell:>0$}", widths[column]),
                false => write!(line, "  {cell:<0$}", widths[column]),
            };
        }
        println!("  {}", line.trim_end());
    }
}

/// A duration as players show it.
pub(crate) fn clock(duration: Option<std::time::Duration>) -> String {
    let Some(seconds) = duration.map(|duration| duration.as_secs()) else { return String::new() };
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, minutes, seconds) => format!("{minutes}:{seconds:02}"),
        (hours, minutes, seconds) => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}
