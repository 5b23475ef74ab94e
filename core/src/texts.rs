//! Searching in texts and putting them together, compiled once: what std searches a text with, for a text or for a character, is long,
//! and would be compiled in every unit that uses it.

/// Where `part` is first.
#[inline(never)]
pub(crate) fn find(text: &str, part: &str) -> Option<usize> {
    text.find(part)
}

pub(crate) fn contains(text: &str, part: &str) -> bool {
    find(text, part).is_some()
}

/// What is before the first `at` and what is behind it.
#[inline(never)]
pub(crate) fn cut(text: &str, at: char) -> Option<(&str, &str)> {
    text.split_once(at)
}

/// What stands between any two `between`, and before the first and behind the last.
pub(crate) fn pieces(text: &str, between: char) -> Pieces<'_> {
    Pieces { rest: Some(text), between }
}

pub(crate) struct Pieces<'a> {
    rest: Option<&'a str>,
    between: char,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a str;

    #[inline(never)]
    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest.take()?;
        let Some((piece, rest)) = cut(rest, self.between) else { return Some(rest) };
        self.rest = Some(rest);
        Some(piece)
    }
}

/// The text with `other` wherever it had `part`, which is not empty.
pub(crate) fn replace(mut text: &str, part: &str, other: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    while let Some(at) = find(text, part) {
        replaced.push_str(&text[..at]);
        replaced.push_str(other);
        text = &text[at + part.len()..];
    }
    replaced + text
}

/// The parts in a row, with `between` between any two.
pub(crate) fn join(parts: &[&str], between: &str) -> String {
    let mut joined = String::new();
    for (at, part) in parts.iter().enumerate() {
        joined.push_str(if at > 0 { between } else { "" });
        joined.push_str(part);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_std_does_it() {
        for text in ["", "a", "aa", "aaa", "éaé", "aéaé", "xaay"] {
            for part in ["a", "aa", "é", "y"] {
                assert_eq!(contains(text, part), text.contains(part));
                assert_eq!(replace(text, part, "-é-"), text.replace(part, "-é-"), "{text} {part}");
            }
            for between in ['a', 'é', 'z'] {
                assert!(pieces(text, between).eq(text.split(between)), "{text} {between}");
            }
        }
        for parts in [&[][..], &["a"], &["a", ""], &["a", "b", "c"]] {
            assert_eq!(join(parts, ", "), parts.join(", "));
        }
    }
}
