//! What the document doesn't say: our own tables, checked in beside the generator.

use std::collections::BTreeMap;

use crate::fault::{Fault, Result};

/// One table: rows of columns; the first is what a row is about.
#[derive(Clone, Debug, Default)]
pub struct Table {
    name: &'static str,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn parse(name: &'static str, text: &str, columns: usize) -> Result<Self> {
        let mut rows: Vec<Vec<String>> = Vec::new();
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            let row: Vec<_> = line.split('\t').map(str::to_owned).collect();
            let place = || format!("{name}:{}", at + 1);
            if row.len() != columns {
                return Err(Fault::new(place(), format!("has {} columns instead of {columns}", row.len())));
            }
            if rows.iter().any(|known| known[0] == row[0]) {
                return Err(Fault::new(place(), format!("`{}` stands here twice", row[0])));
            }
            rows.push(row);
        }
        Ok(Self { name, rows })
    }

    /// The row about `key`.
    pub(crate) fn row(&self, key: &str) -> Option<&[String]> {
        self.rows.iter().find(|row| row[0] == key).map(Vec::as_slice)
    }

    /// The first row whose pattern fits `key`; a row about `key` itself comes before all patterns.
    pub(crate) fn fitting(&self, key: &str) -> Option<&[String]> {
        self.row(key).or_else(|| self.rows.iter().find(|row| fits(&row[0], key)).map(Vec::as_slice))
    }

    /// A column of the row about `key`, unless it says `-`.
    pub(crate) fn cell(&self, key: &str, column: usize) -> Option<&str> {
        cell(self.row(key)?, column)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().map(|row| row[0].as_str())
    }

    pub(crate) fn fault<T>(&self, key: &str, why: impl Into<String>) -> Result<T> {
        Err(Fault::new(format!("{} `{key}`", self.name), why))
    }
}

/// A column of a row, unless it says `-`.
pub(crate) fn cell(row: &[String], column: usize) -> Option<&str> {
    row.get(column).map(String::as_str).filter(|cell| *cell != "-")
}

/// Whether `text` fits `pattern`, in which `*` stands for anything.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(head) else { return false };
    (0..=text.len()).filter(|at| text.is_char_boundary(*at)).any(|at| fits(rest, &text[at..]))
}

/// All tables.
#[derive(Clone, Debug)]
pub struct Tables {
    pub(crate) types: Table,
    pub(crate) groups: Table,
    pub(crate) targets: Table,
    pub(crate) schemas: Table,
    pub(crate) enums: Table,
    pub(crate) fields: Table,
    pub(crate) operations: Table,
    pub(crate) parameters: Table,
    pub(crate) members: Table,
    pub(crate) cache: Table,
    pub(crate) observed: Table,
}

impl Tables {
    /// The tables that are checked in.
    ///
    /// # Errors
    /// If a line of them is malformed or stands there twice.
    pub fn ours() -> Result<Self> {
        macro_rules! table {
            ($name:literal, $columns:literal) => {
                Table::parse(concat!("tables/", $name, ".tsv"), include_str!(concat!("../tables/", $name, ".tsv")), $columns)?
            };
        }
        Ok(Self {
            types: table!("types", 5),
            groups: table!("groups", 3),
            targets: table!("targets", 2),
            schemas: table!("schemas", 3),
            enums: table!("enums", 3),
            fields: table!("fields", 3),
            operations: table!("operations", 4),
            parameters: table!("parameters", 4),
            members: table!("members", 3),
            cache: table!("cache", 2),
            observed: table!("observed", 2),
        })
    }

    /// What relationships point to: by `type.relationship`, the types of resource; none of them stands for any.
    #[must_use]
    pub fn targets(&self) -> BTreeMap<String, Vec<String>> {
        let types = |list: &str| match list {
            "*" => Vec::new(),
            list => list.split(',').map(str::to_owned).collect(),
        };
        self.targets.rows.iter().map(|row| (row[0].clone(), types(&row[1]))).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn patterns_fit() {
        for (pattern, text) in [("*", ""), ("a*", "abc"), ("*.x", "y.x"), ("a*c*e", "abcde"), ("ab", "ab"), ("*x", "xx")] {
            assert!(fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a", "ab"), ("a*b", "ac"), ("*.x", "x"), ("a*a", "a")] {
            assert!(!fits(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn a_malformed_line_is_named() {
        assert_eq!(Table::parse("t", "# c\na\tb\n\nc\n", 2).unwrap_err().to_string(), "t:4: has 1 columns instead of 2");
        assert_eq!(Table::parse("t", "a\tb\na\tc\n", 2).unwrap_err().to_string(), "t:2: `a` stands here twice");
        Tables::ours().unwrap();
    }
}
