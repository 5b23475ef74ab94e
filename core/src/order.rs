//! Sorting, compiled once for whatever is sorted.

use std::cmp::Ordering;

/// The places of `len` things in the order in which `compare` puts them; equal ones stay in the order of their places.
pub(crate) fn order(len: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..len).collect();
    places.sort_unstable_by(|&a, &b| compare(a, b).then(a.cmp(&b)));
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_ones_stay_in_the_order_of_their_places() {
        let names = ["b", "a", "b", "c", "a"];
        assert_eq!(order(names.len(), &|a, b| names[a].cmp(names[b])), [1, 4, 0, 2, 3]);
        assert!(order(0, &|_, _| Ordering::Equal).is_empty());
    }
}
