//! A writer of JSON text.

use std::fmt::Write;

use crate::value::Json;

/// Writes commas by itself; whoever calls it sees to it that brackets match.
#[derive(Default)]
pub(crate) struct Writer {
    out: String,
    /// Whether the next value or key needs a comma before it.
    comma: bool,
    /// Whether secrets are left out.
    redacts: bool,
}

impl Writer {
    /// A writer that leaves secrets out, for what people see.
    pub(crate) fn redacting() -> Self {
        Self { redacts: true, ..Self::default() }
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }

    #[inline(never)]
    fn separate(&mut self) {
        if std::mem::replace(&mut self.comma, true) {
            self.out += ",";
        }
    }

    #[inline(never)]
    pub(crate) fn open(&mut self, bracket: char) {
        self.separate();
        self.out.push(bracket);
        self.comma = false;
    }

    #[inline(never)]
    pub(crate) fn close(&mut self, bracket: char) {
        self.out.push(bracket);
        self.comma = true;
    }

    #[inline(never)]
    pub(crate) fn key(&mut self, key: &str) {
        self.separate();
        self.quote(key);
        self.out += ":";
        self.comma = false;
    }

    #[inline(never)]
    pub(crate) fn text(&mut self, text: &str) {
        self.separate();
        self.quote(text);
    }

    pub(crate) fn secret(&mut self, secret: &str) {
        self.text(if self.redacts { "[redacted]" } else { secret });
    }

    pub(crate) fn bool(&mut self, value: bool) {
        self.word(if value { "true" } else { "false" });
    }

    pub(crate) fn int(&mut self, value: i64) {
        self.separate();
        let _ = write!(self.out, "{value}");
    }

    /// A number; null if it is none that JSON has.
    #[inline]
    pub(crate) fn float(&mut self, value: f64) {
        self.separate();
        let _ = if value.is_finite() { write!(self.out, "{value:?}") } else { write!(self.out, "null") };
    }

    pub(crate) fn json(&mut self, value: &Json) {
        self.word(value.as_str());
    }

    pub(crate) fn word(&mut self, word: &str) {
        self.separate();
        self.out.push_str(word);
    }

    fn quote(&mut self, text: &str) {
        self.out += "\"";
        let mut plain = 0;
        for (at, byte) in text.bytes().enumerate() {
            if byte >= 0x20 && byte != b'"' && byte != b'\\' {
                continue;
            }
            self.out.push_str(&text[plain..at]);
            plain = at + 1;
            let _ = match byte {
                b'"' => self.out.write_str("\\\""),
                b'\\' => self.out.write_str("\\\\"),
                b'\n' => self.out.write_str("\\n"),
                b'\r' => self.out.write_str("\\r"),
                b'\t' => self.out.write_str("\\t"),
                control => write!(self.out, "\\u{control:04x}"),
            };
        }
        self.out.push_str(&text[plain..]);
        self.out += "\"";
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_character_comes_back() {
        let text: String = (0..0x250).filter_map(char::from_u32).chain("\u{2028}𝄞".chars()).collect();
        let mut writer = Writer::default();
        writer.text(&text);
        assert_eq!(serde_json::from_str::<String>(&writer.finish()).unwrap(), text);
    }

    #[test]
    fn numbers_come_back() {
        for value in [0.0, -0.0, 0.1, 1e300, 5e-324, 123_456_789.123, f64::MAX, 1e16] {
            let mut writer = Writer::default();
            writer.float(value);
            assert_eq!(serde_json::from_str::<f64>(&writer.finish()).unwrap(), value);
        }
    }
}
