//! A pull reader of JSON text.
//!
//! It accepts what RFC 8259 calls JSON and nothing else, whether a value is read or passed over; a test holds it against
//! `serde_json`. It nests at most 128 levels.

use std::borrow::Cow;
use std::ops::Range;

use super::fault::{Fault, Why};
use super::open::OpenSlot;
use super::scan::string_end;
use super::table::place;
use crate::value::{Body, Json, Text};

/// What was read, or that there is a fault: what it is stands in the reader, so that handing it on costs nothing.
pub(crate) type Read<T> = Result<T, Failed>;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Failed;

/// How deep values may nest.
const DEEPEST: u32 = 128;

/// Misfits beyond these are read past without being listed.
const MISFITS: usize = 256;

pub(crate) struct Reader<'a> {
    /// Whose slices the texts are.
    body: &'a Body,
    text: &'a str,
    bytes: &'a [u8],
    /// Where `text` begins in `body`.
    offset: usize,
    pub(super) pos: usize,
    pub(super) depth: u32,
    pub(super) misfits: Vec<Fault>,
    /// Why reading failed.
    fault: Option<Fault>,
    /// How many relationships the resource before had: the next one probably has as many.
    pub(super) relationships: usize,
    /// The type of the resource before, and whether the one before that had the same.
    kind: Text,
    is_run: bool,
}

impl<'a> Reader<'a> {
    /// Reads `text`, which begins at `offset` in `body`.
    pub(crate) fn new(body: &'a Body, text: &'a str, offset: usize) -> Self {
        Self {
            body,
            text,
            bytes: text.as_bytes(),
            offset,
            pos: 0,
            depth: 0,
            misfits: Vec::new(),
            fault: None,
            relationships: 0,
            kind: Text::default(),
            is_run: false,
        }
    }

    /// Reads the JSON that was kept.
    pub(crate) fn of(json: &'a Json) -> Self {
        let (body, range) = json.text().place();
        Self::new(body, json.as_str(), range.start)
    }

    #[inline]
    pub(super) fn fault<T>(&mut self, why: Why) -> Read<T> {
        Err(self.fails(self.pos, why))
    }

    /// Reading fails for what is at `at`.
    #[cold]
    #[inline(never)]
    pub(super) fn fails(&mut self, at: usize, why: Why) -> Failed {
        self.fault = Some(Fault { at, why });
        Failed
    }

    /// Why reading failed.
    pub(super) fn why(&self) -> Fault {
        self.fault.unwrap_or(Fault { at: self.pos, why: Why::Broken("expected a value") })
    }

    #[cold]
    pub(super) fn note(&mut self, misfit: Fault) {
        if self.misfits.len() < MISFITS {
            self.misfits.push(misfit);
        }
    }

    /// Takes back what was noted of a value that is read again.
    #[cold]
    pub(super) fn forget(&mut self, value: Range<usize>) {
        self.misfits.retain(|misfit| !value.contains(&misfit.at));
    }

    /// Takes note of the type of a resource.
    pub(super) fn learn(&mut self, kind: &Text) {
        self.is_run = self.kind == *kind;
        if !self.is_run {
            self.kind = kind.clone();
        }
    }

    /// The type that the next resource probably has: answers list resources by type.
    pub(super) fn guess(&self) -> Option<Text> {
        self.is_run.then(|| self.kind.clone())
    }

    /// The next byte that is no space, or 0 at the end (and for a NUL, which begins no value either).
    #[inline]
    pub(super) fn peek(&mut self) -> u8 {
        while let Some(&byte) = self.bytes.get(self.pos) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return byte;
            }
            self.pos += 1;
        }
        0
    }

    /// Whether exactly these bytes follow; goes over all but the last `left` of them then.
    #[inline]
    pub(super) fn sees(&mut self, bytes: &[u8], left: usize) -> bool {
        let sees = self.bytes[self.pos..].starts_with(bytes);
        if sees {
            self.pos += bytes.len() - left;
        }
        sees
    }

    /// The end of the text, with at most spaces before it.
    pub(crate) fn end(&mut self) -> Read<()> {
        self.peek();
        if self.pos == self.bytes.len() { Ok(()) } else { self.fault(Why::Broken("expected the end")) }
    }

    /// The slice of the text as a text that shares its body.
    fn share(&self, from: usize, to: usize) -> Text {
        Text::slice(self.body, self.offset + from..self.offset + to)
    }

    /// Enters an object or list; `false` and nothing read if it is null.
    #[inline]
    pub(super) fn open(&mut self, bracket: u8, what: &'static str) -> Read<bool> {
        match self.peek() {
            byte if byte == bracket => {
                self.pos += 1;
                self.depth += 1;
                if self.depth > DEEPEST { self.fault(Why::Broken("nested more than 128 levels deep")) } else { Ok(true) }
            }
            b'n' => self.null().map(|()| false),
            _ => self.fault(Why::Expected(what)),
        }
    }

    /// Whether another element follows in a list or object that ends with `bracket`; stands before it then.
    #[inline]
    pub(super) fn more(&mut self, bracket: u8, first: &mut bool) -> Read<bool> {
        let byte = self.peek();
        if byte == bracket {
            self.pos += 1;
            self.depth -= 1;
            return Ok(false);
        }
        if std::mem::take(first) {
            return Ok(true);
        }
        if byte != b',' {
            return self.fault(Why::Broken("expected a comma or the end of the list or object"));
        }
        self.pos += 1;
        Ok(true)
    }

    /// The next key of an object; stands before its value then.
    #[inline]
    pub(super) fn key(&mut self, first: &mut bool) -> Read<Option<Cow<'a, str>>> {
        if !self.more(b'}', first)? {
            return Ok(None);
        }
        if self.peek() != b'"' {
            return self.fault(Why::Broken("expected a key"));
        }
        let key = self.string()?;
        self.colon()?;
        Ok(Some(key))
    }

    /// The next key of an object as a text that shares the body.
    pub(super) fn key_text(&mut self, first: &mut bool) -> Read<Option<Text>> {
        if !self.more(b'}', first)? {
            return Ok(None);
        }
        if self.peek() != b'"' {
            return self.fault(Why::Broken("expected a key"));
        }
        let key = self.text()?;
        self.colon().map(|()| Some(key))
    }

    pub(super) fn null(&mut self) -> Read<()> {
        self.word("null")
    }

    fn word(&mut self, word: &str) -> Read<()> {
        if !self.bytes[self.pos..].starts_with(word.as_bytes()) {
            return self.fault(Why::Broken("expected a value"));
        }
        self.pos += word.len();
        Ok(())
    }

    pub(super) fn bool(&mut self) -> Read<bool> {
        match self.peek() {
            b't' => self.word("true").map(|()| true),
            b'f' => self.word("false").map(|()| false),
            _ => self.fault(Why::Expected("a boolean")),
        }
    }

    /// A string without escapes, from its quote on: where it is. Nothing is read if it has escapes.
    #[inline]
    fn plain(&mut self) -> Read<Option<Range<usize>>> {
        if self.peek() != b'"' {
            return self.fault(Why::Expected("a text"));
        }
        let from = self.pos + 1;
        let to = string_end(self.bytes, from);
        let is_plain = self.bytes.get(to) == Some(&b'"');
        if is_plain {
            self.pos = to + 1;
        }
        Ok(is_plain.then_some(from..to))
    }

    /// A string, from its quote on.
    #[inline]
    pub(super) fn string(&mut self) -> Read<Cow<'a, str>> {
        match self.plain()? {
            Some(place) => Ok(Cow::Borrowed(self.text.get(place).unwrap_or_default())),
            None => self.escaped().map(Cow::Owned),
        }
    }

    /// A string as a text.
    #[inline]
    pub(crate) fn text(&mut self) -> Read<Text> {
        match self.plain()? {
            Some(place) => Ok(self.share(place.start, place.end)),
            None => self.escaped().map(Text::new),
        }
    }

    /// Reads a string into `slot`: its place among `texts`, or itself as a text.
    pub(super) fn place_or_text(&mut self, texts: &[&str], slot: &mut dyn OpenSlot) -> Read<()> {
        let pos = self.pos;
        let known = place(&self.string()?, texts);
        let found = match known {
            Some(at) => Ok(at),
            None => {
                self.pos = pos;
                Err(self.text()?)
            }
        };
        slot.put(found);
        Ok(())
    }

    /// A string with escapes in it (or one that is broken).
    #[cold]
    fn escaped(&mut self) -> Read<String> {
        let start = self.pos;
        self.skip_string()?;
        let raw = self.text.get(start + 1..self.pos - 1).unwrap_or_default();
        unescape(raw).ok_or_else(|| self.fails(start, Why::Unfit("the text has a surrogate without its other half")))
    }

    fn skip_string(&mut self) -> Read<()> {
        self.pos += 1;
        loop {
            self.pos = string_end(self.bytes, self.pos);
            match self.bytes.get(self.pos) {
                Some(b'"') => {
                    self.pos += 1;
                    return Ok(());
                }
                Some(b'\\') => match self.bytes.get(self.pos + 1) {
                    Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.pos += 2,
                    Some(b'u')
                        if self
                            .bytes
                            .get(self.pos + 2..self.pos + 6)
                            .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) =>
                    {
                        self.pos += 6
                    }
                    _ => return self.fault(Why::Broken("no such escape")),
                },
                Some(_) => return self.fault(Why::Broken("a control character in a text")),
                None => return self.fault(Why::Broken("the text ends nowhere")),
            }
        }
    }

    /// A number's text, and whether it has neither fraction nor exponent.
    pub(super) fn number(&mut self) -> Read<(&'a str, bool)> {
        if !matches!(self.peek(), b'-' | b'0'..=b'9') {
            return self.fault(Why::Expected("a number"));
        }
        let from = self.pos;
        let broken = Why::Broken("no number");
        let mut pos = from + usize::from(self.bytes[from] == b'-');
        let whole = self.digits(&mut pos);
        if whole == 0 || whole > 1 && self.bytes[pos - whole] == b'0' {
            return Err(self.fails(from, broken));
        }
        let mut is_whole = true;
        if self.bytes.get(pos) == Some(&b'.') {
            pos += 1;
            is_whole = false;
            if self.digits(&mut pos) == 0 {
                return Err(self.fails(from, broken));
            }
        }
        if matches!(self.bytes.get(pos), Some(b'e' | b'E')) {
            pos += 1;
            is_whole = false;
            pos += usize::from(matches!(self.bytes.get(pos), Some(b'+' | b'-')));
            if self.digits(&mut pos) == 0 {
                return Err(self.fails(from, broken));
            }
        }
        self.pos = pos;
        Ok((&self.text[from..pos], is_whole))
    }

    fn digits(&self, pos: &mut usize) -> usize {
        let from = *pos;
        while self.bytes.get(*pos).is_some_and(u8::is_ascii_digit) {
            *pos += 1;
        }
        *pos - from
    }

    /// Passes over a value of any kind, checking it.
    pub(crate) fn skip(&mut self) -> Read<()> {
        // One bit for each level: whether it is an object.
        let mut objects = 0_u128;
        let base = self.depth;
        loop {
            match self.peek() {
                bracket @ (b'{' | b'[') => {
                    self.open(bracket, "")?;
                    objects = objects << 1 | u128::from(bracket == b'{');
                    if self.next_value(objects, true)? {
                        continue;
                    }
                    objects >>= 1;
                }
                b'"' => self.skip_string()?,
                b't' | b'f' => self.bool().map(drop)?,
                b'n' => self.null()?,
                b'-' | b'0'..=b'9' => self.number().map(drop)?,
                _ => return self.fault(Why::Broken("expected a value")),
            }
            loop {
                if self.depth == base {
                    return Ok(());
                }
                if self.next_value(objects, false)? {
                    break;
                }
                objects >>= 1;
            }
        }
    }

    /// Goes to the next value of the innermost list or object, over its key; `false` behind the end.
    fn next_value(&mut self, objects: u128, mut first: bool) -> Read<bool> {
        if objects & 1 == 0 {
            return self.more(b']', &mut first);
        }
        if !self.more(b'}', &mut first)? {
            return Ok(false);
        }
        if self.peek() != b'"' {
            return self.fault(Why::Broken("expected a key"));
        }
        self.skip_string()?;
        self.colon().map(|()| true)
    }

    fn colon(&mut self) -> Read<()> {
        if self.peek() != b':' {
            return self.fault(Why::Broken("expected a colon"));
        }
        self.pos += 1;
        Ok(())
    }

    /// Any value, kept as it is.
    pub(super) fn json(&mut self) -> Read<Json> {
        self.peek();
        let from = self.pos;
        self.skip()?;
        Ok(Json::trusted(self.share(from, self.pos)))
    }

    /// The value at `pos`, which didn't fit.
    #[cold]
    fn misfit(&mut self, pos: usize, depth: u32, failed: Failed) -> Read<Json> {
        match self.fault {
            Some(fault) if fault.is_misfit() => {
                self.note(fault);
                self.pos = pos;
                self.depth = depth;
                self.json()
            }
            _ => Err(failed),
        }
    }

    /// What `read` makes of the value that follows; if the value doesn't fit, the value itself.
    pub(super) fn or_json<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<Result<T, Json>> {
        let (pos, depth) = (self.pos, self.depth);
        match read(self) {
            Ok(value) => Ok(Ok(value)),
            Err(failed) => self.misfit(pos, depth, failed).map(Err),
        }
    }
}

/// What a text with escapes stands for, which is well-formed; nothing if a surrogate lacks its other half.
fn unescape(raw: &str) -> Option<String> {
    let mut text = String::with_capacity(raw.len());
    let mut parts = crate::texts::pieces(raw, '\\');
    text.push_str(parts.next().unwrap_or_default());
    while let Some(part) = parts.next() {
        let unit = |part: &str| part.get(1..5)?.chars().try_fold(0, |unit, digit| Some(unit << 4 | digit.to_digit(16)? as u16));
        let mut rest = part.get(1..).unwrap_or_default();
        match part.bytes().next() {
            // An escaped backslash: what follows it is as it stands.
            None => {
                text += "\\";
                rest = parts.next().unwrap_or_default();
            }
            Some(b'b') => text += "\u{8}",
            Some(b'f') => text += "\u{c}",
            Some(b'n') => text += "\n",
            Some(b'r') => text += "\r",
            Some(b't') => text += "\t",
            Some(b'u') => {
                let (first, mut second) = (unit(part)?, None);
                rest = part.get(5..).unwrap_or_default();
                if rest.is_empty() && (0xd800..0xdc00).contains(&first) {
                    let other = parts.next().filter(|other| other.starts_with('u'))?;
                    second = Some(unit(other)?);
                    rest = other.get(5..).unwrap_or_default();
                }
                let units = [first, second.unwrap_or_default()];
                for unit in char::decode_utf16(units[..1 + usize::from(second.is_some())].iter().copied()) {
                    text.push(unit.ok()?);
                }
            }
            Some(_) => text.push_str(&part[..1]),
        }
        text.push_str(rest);
    }
    Some(text)
}
