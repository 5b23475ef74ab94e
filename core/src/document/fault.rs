//! What is wrong with a text, and the path to it.

use std::borrow::Cow;
use std::sync::Arc;

use super::reader::Reader;
use crate::DecodeError;
use crate::order::order;

/// A fault at a place. The path to it is found afterwards, from the place alone, so that reading costs nothing for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    pub(super) at: usize,
    pub(super) why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The value has another form than its field: kept, not read.
    Expected(&'static str),
    /// The value is of the right type, but its field can't hold it: kept, not read.
    Unfit(&'static str),
    /// No JSON.
    Broken(&'static str),
    /// Well-formed, but no document.
    Missing(&'static str),
    /// A primary resource of another type than the operation's.
    Type(&'static str),
}

impl Fault {
    /// Whether the value can be kept as it is and reading go on behind it.
    pub(super) fn is_misfit(&self) -> bool {
        matches!(self.why, Why::Expected(_) | Why::Unfit(_))
    }

    fn message(&self, text: &str) -> Cow<'static, str> {
        match self.why {
            Why::Unfit(why) | Why::Broken(why) => why.into(),
            Why::Missing(what) => format!("{what} is missing").into(),
            Why::Expected(what) => format!("expected {what}, found {}", found(text, self.at)).into(),
            Why::Type(kind) => {
                let rest = text.get(self.at..).unwrap_or_default();
                let mut shown = String::new();
                for c in rest.chars().take(40) {
                    if matches!(c, ',' | '}') {
                        break;
                    }
                    shown.push(c);
                }
                format!("expected the type \"{kind}\", found {}", shown.trim_end()).into()
            }
        }
    }

    /// The faults as errors with paths, in the order of their places. Reads `text` once for all of them.
    pub(super) fn locate(faults: Vec<Self>, text: &str) -> Vec<DecodeError> {
        let order = order(faults.len(), &|a, b| faults[a].at.cmp(&faults[b].at));
        let mut places = Vec::with_capacity(order.len());
        for &fault in &order {
            places.push(faults[fault].at);
        }
        let paths = paths(text.as_bytes(), &places);
        let mut errors = Vec::with_capacity(order.len());
        for (at, path) in paths.into_iter().enumerate() {
            let fault = &faults[order[at]];
            errors.push(DecodeError::new(path, fault.message(text)).at(fault.at));
        }
        errors
    }

    /// The fault as an error with its path.
    pub(super) fn into_error(self, text: &str) -> DecodeError {
        Self::locate(vec![self], text).pop().unwrap_or_else(|| DecodeError::new("", self.message(text)).at(self.at))
    }
}

fn found(text: &str, at: usize) -> &'static str {
    match text.as_bytes().get(at) {
        Some(b'"') => "a text",
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        Some(b'-' | b'0'..=b'9') => "a number",
        Some(_) => "something else",
        None => "the end",
    }
}

enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// The path to each of `places`, which ascend. The text is read as loosely as need be: it may be broken.
fn paths(bytes: &[u8], places: &[usize]) -> Vec<String> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    let mut out = Vec::with_capacity(places.len());
    let mut pos = 0;
    let mut wants_key = false;
    for &place in places {
        while pos < place.min(bytes.len()) {
            match bytes[pos] {
                b'{' => {
                    steps.push(Step::Key(""));
                    wants_key = true;
                }
                b'[' => steps.push(Step::Index(0)),
                b'}' | b']' => {
                    steps.pop();
                }
                b',' => match steps.last_mut() {
                    Some(Step::Index(index)) => *index += 1,
                    Some(Step::Key(_)) => wants_key = true,
                    None => {}
                },
                b'"' => {
                    let end = quoted_end(bytes, pos);
                    if wants_key && let Some(Step::Key(key)) = steps.last_mut() {
                        *key = std::str::from_utf8(&bytes[pos + 1..end.max(pos + 1)]).unwrap_or_default();
                        wants_key = false;
                    }
                    if end >= place {
                        break;
                    }
                    pos = end;
                }
                _ => {}
            }
            pos += 1;
        }
        out.push(write(&steps));
    }
    out
}

/// The place of the quote that ends the string at `from`, or the end of all.
fn quoted_end(bytes: &[u8], from: usize) -> usize {
    let mut pos = from + 1;
    while let Some(&byte) = bytes.get(pos) {
        match byte {
            b'"' => return pos,
            b'\\' => pos += 2,
            _ => pos += 1,
        }
    }
    bytes.len()
}

fn write(steps: &[Step<'_>]) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Key("") => {}
            Step::Key(key) => {
                if !path.is_empty() {
                    path += ".";
                }
                path.push_str(key);
            }
            Step::Index(index) => path.push_str(&format!("[{index}]")),
        }
    }
    path
}

/// Whether `text` is JSON, nested at most as deep as documents may be.
#[inline]
pub(crate) fn is_json(text: &str) -> Result<(), DecodeError> {
    let body = Arc::default();
    let mut reader = Reader::new(&body, text, 0);
    reader.skip().and_then(|()| reader.end()).map_err(|_| reader.why().into_error(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_the_place() {
        let text = r#"{"data":[{"id":"1"},{"id":"2","attributes":{"ti\"tle":7,"a":[[1,2],[3]]}}],"x":null}"#;
        let at = |what: &str| text.find(what).unwrap_or_default();
        let places = [0, at("\"2\""), at("7"), at("3]"), at("null"), text.len()];
        let expected = ["", "data[1].id", "data[1].attributes.ti\\\"tle", "data[1].attributes.a[1][0]", "x", ""];
        assert_eq!(paths(text.as_bytes(), &places), expected);
    }

    #[test]
    fn a_broken_text_still_has_paths() {
        let text = r#"{"data":[{"title":"unfinished"#;
        assert_eq!(paths(text.as_bytes(), &[text.len(), text.len() + 9]), ["data[0].title"; 2]);
        assert_eq!(paths(b"]]}},,\"", &[6, 7]), ["", ""]);
    }
}
