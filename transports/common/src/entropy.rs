//! Entropy from the operating system.

/// A seed for a session, from the operating system's generator.
///
/// # Panics
/// If the operating system has no randomness to give: nothing secret could be made then.
#[must_use]
pub fn seed() -> [u8; 32] {
    let mut seed = [0; 32];
    if let Err(error) = getrandom::fill(&mut seed) {
        panic!("the operating system gives no randomness: {error}");
    }
    seed
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_two_seeds_are_equal() {
        assert_ne!(super::seed(), super::seed());
    }
}
