//! Where a string ends: eight bytes at a time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The first place at or after `from` with a quote, a backslash or a control character, or the end.
#[inline]
pub(super) fn string_end(bytes: &[u8], mut from: usize) -> usize {
    while let Some(chunk) = bytes.get(from..).and_then(|rest| rest.first_chunk::<8>()) {
        let found = special(u64::from_le_bytes(*chunk));
        if found != 0 {
            return from + (found.trailing_zeros() / 8) as usize;
        }
        from += 8;
    }
    while let Some(&byte) = bytes.get(from) {
        if byte < 0x20 || byte == b'"' || byte == b'\\' {
            break;
        }
        from += 1;
    }
    from
}

/// The high bit of each byte that ends a plain run. Bytes above the first such one may be marked wrongly.
#[inline]
fn special(word: u64) -> u64 {
    // A flip of the second bit makes a quote 0x20, and leaves control characters below it: one comparison for both.
    let flipped = word ^ (ONES * 2);
    let backslash = word ^ (ONES * b'\\' as u64);
    let is_quote_or_control = flipped.wrapping_sub(ONES * 0x21) & !flipped;
    let is_backslash = backslash.wrapping_sub(ONES) & !backslash;
    (is_quote_or_control | is_backslash) & HIGHS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_told_at_every_place() {
        for byte in 0..=255 {
            for place in 0..20 {
                let mut bytes = [b'x'; 20];
                bytes[place] = byte;
                let ends = byte < 0x20 || byte == b'"' || byte == b'\\';
                assert_eq!(string_end(&bytes, 0), if ends { place } else { 20 }, "{byte} at {place}");
            }
        }
    }
}
