//! Sorting, compiled once for whatever is sorted.
//!
//! A merge sort of a few lines: std's sorts choose between several algorithms, all of which would be compiled with the core.

use std::cmp::Ordering;

/// The places of `len` things in the order in which `compare` puts them; equal ones stay in the order of their places.
pub(crate) fn order(len: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..len).collect();
    let mut merged = Vec::with_capacity(len);
    let mut run = 1;
    while run < len {
        for pair in places.chunks(run * 2) {
            let (mut left, mut right) = pair.split_at(run.min(pair.len()));
            while let ([first, lefts @ ..], [second, rights @ ..]) = (left, right) {
                if compare(*second, *first) == Ordering::Less {
                    merged.push(*second);
                    right = rights;
                } else {
                    merged.push(*first);
                    left = lefts;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        std::mem::swap(&mut places, &mut merged);
        merged.clear();
        run *= 2;
    }
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

    #[test]
    fn it_is_the_order_that_a_stable_sort_makes_however_many_there_are() {
        for len in 0..70_usize {
            let keys: Vec<usize> = (0..len).map(|at| at * 7919 % 31 % 13).collect();
            let mut sorted: Vec<usize> = (0..len).collect();
            sorted.sort_by_key(|at| keys[*at]);
            assert_eq!(order(len, &|a, b| keys[a].cmp(&keys[b])), sorted, "{len}");
        }
    }
}
