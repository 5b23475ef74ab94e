//! Barcodes, ISRCs and durations.

/// A barcode of 12, 13 or 14 digits with its check digit, from the ranges for use inside one shop.
pub(super) fn barcode(index: usize) -> String {
    match index % 5 {
        3 => checked(&format!("4{index:010}")),
        4 => checked(&format!("02{:011}", index * 7_919)),
        _ => checked(&format!("2{:011}", index * 7_919)),
    }
}

/// Weights 3 and 1 in turn, from the right (GS1).
fn checked(digits: &str) -> String {
    let values = digits.bytes().rev().map(|byte| usize::from(byte - b'0'));
    let sum: usize = values.zip([3, 1].iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// The country code XZ and the registrant SBX belong to nobody.
pub(super) fn isrc(year: usize, number: usize) -> String {
    format!("XZSBX{:02}{number:05}", year % 100)
}

/// ISO 8601, as the service writes it: no zero parts.
pub(crate) fn duration(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let mut text = String::from("PT");
    for (value, unit) in [(hours, 'H'), (minutes, 'M'), (seconds, 'S')] {
        if value > 0 {
            text.push_str(&format!("{value}{unit}"));
        }
    }
    if text == "PT" {
        text.push_str("0S");
    }
    text
}
