//! The same for many things at once.

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

/// `one` of each item, in the items' order, on so many threads or one per core.
pub fn each<T: Sync, R: Send>(threads: Option<usize>, items: &[T], one: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let pool = match items.len() {
        0 | 1 => None,
        _ => ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0)).build().ok(),
    };
    match pool {
        // one by one: they are few and long
        Some(pool) => pool.install(|| items.par_iter().with_max_len(1).map(&one).collect()),
        None => items.iter().map(&one).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::each;

    #[test]
    fn everything_comes_in_order() {
        let items: Vec<usize> = (0..100).collect();
        for threads in [None, Some(1), Some(3)] {
            assert_eq!(each(threads, &items, |x| x * 2), items.iter().map(|x| x * 2).collect::<Vec<_>>());
        }
        assert_eq!(each(None, &[7], |x| x + 1), [8]);
        assert!(each(None, &[], |x: &usize| *x).is_empty());
    }
}
