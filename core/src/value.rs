//! Values that are checked: ids, countries, codes, durations, dates.
/// stub
#[derive(Clone, Copy, Debug)]
pub struct Country([u8; 2]);
impl std::fmt::Display for Country {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.0[0] as char, self.0[1] as char)
    }
}
impl std::str::FromStr for Country {
    type Err = crate::Invalid;
    fn from_str(s: &str) -> Result<Self, crate::Invalid> {
        let b = s.as_bytes();
        Ok(Self([b[0], b[1]]))
    }
}
