//! Searching in texts and putting them together, compiled once: what std searches a text for a text with is long, and would be compiled
//! in every unit that uses it.

/// Where `part` is first.
#[inline(never)]
pub(crate) fn find(text: &str, part: &str) -> Option<usize> {
    text.find(part)
}

pub(crate) fn contains(text: &str, part: &str) -> bool {
    find(text, part).is_some()
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
        }
        for parts in [&[][..], &["a"], &["a", ""], &["a", "b", "c"]] {
            assert_eq!(join(parts, ", "), parts.join(", "));
        }
    }
}
