use std::ops::{Deref, DerefMut};

/// In bytes: a cache line, and the widest vector.
const LINE: usize = 64;

/// Samples that begin where a cache line does, all zero at first: vectors of them that lie side by side never touch two lines, and a store into two
/// takes twice as long.
#[derive(Debug, Default)]
pub struct Aligned<T> {
    data: Vec<T>,
    start: usize,
    length: usize,
}

impl<T: Copy + Default> Aligned<T> {
    pub fn new(length: usize) -> Aligned<T> {
        let more = LINE / size_of::<T>().max(1);
        let data = vec![T::default(); length + more];
        // where that can't be known they begin anywhere
        let start = data.as_ptr().align_offset(LINE);
        Aligned { start: if start <= more { start } else { 0 }, data, length }
    }
}

impl<T: Copy + Default> Clone for Aligned<T> {
    fn clone(&self) -> Aligned<T> {
        let mut copy = Aligned::new(self.length);
        copy.copy_from_slice(self);
        copy
    }
}

impl<T> Deref for Aligned<T> {
    type Target = [T];

    #[inline(always)]
    fn deref(&self) -> &[T] {
        &self.data[self.start..][..self.length]
    }
}

impl<T> DerefMut for Aligned<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.data[self.start..][..self.length]
    }
}

/// A value that begins where a cache line does.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub struct OnLine<T>(pub T);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_begin_on_a_line_and_are_all_there() {
        for length in [0, 1, 7, 64, 1000, 100_000] {
            let mut wide: Aligned<f64> = Aligned::new(length);
            wide.iter_mut().enumerate().for_each(|(i, x)| *x = i as f64);
            let copy = wide.clone();
            assert!(wide.len() == length && *wide == *copy);
            assert_eq!(copy.as_ptr() as usize % LINE, 0);
            assert_eq!(Aligned::<f32>::new(length).as_ptr() as usize % LINE, 0);
        }
        assert_eq!(&raw const *Box::new(OnLine([0.0; 3])) as usize % LINE, 0);
    }
}
