//! Memory that is needed soon, asked for before it is: the taps of all strips are more than the second cache holds, and the machine itself foresees no
//! further than a page.

/// Samples in a line of the cache.
const LINE: usize = 16;

/// Asks for samples that will soon be read or written over. A hint: it changes nothing.
#[inline]
#[allow(unsafe_code, reason = "a hint about an address reads and writes nothing")]
pub fn fetch(samples: &[f32]) {
    #[cfg(target_arch = "x86_64")]
    for line in samples.chunks(LINE) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: every machine of the architecture has it, and no address is wrong for it
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = samples;
}
