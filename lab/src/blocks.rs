//! The module's memory: blocks of a few sizes, and for each size a list of those that are free. The standard library's
//! allocator puts neighbours together again, at many times the code; here the same few sizes come again with every run. The
//! price is memory: up to three times as much where candles are many, since what was one size never becomes another.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;
use std::ptr;

/// Every block begins at a multiple of it, and its size is one.
const GRAIN: usize = 16;

/// Four sizes between one power of two and the next, up to the whole memory.
const SIZES: usize = 112;

/// An allocator for one thread.
pub struct Blocks {
    /// By size, the first of the free blocks; each holds the address of the next. 0: there is none.
    free: [Cell<usize>; SIZES],
    /// What was never handed out.
    fresh: Cell<(usize, usize)>,
    /// Gets at least as many bytes more from the machine: where they begin and end.
    more: fn(usize) -> Option<(usize, usize)>,
}

// SAFETY: a module without threads; the tests use each from one thread.
unsafe impl Sync for Blocks {}

impl Blocks {
    /// With no memory yet.
    #[must_use]
    pub const fn new(more: fn(usize) -> Option<(usize, usize)>) -> Self {
        Self { free: [const { Cell::new(0) }; SIZES], fresh: Cell::new((0, 0)), more }
    }

    /// A block that never was one.
    fn cut(&self, size: usize) -> Option<usize> {
        let (mut start, mut end) = self.fresh.get();
        if end - start < size {
            let (from, to) = (self.more)(size)?;
            // What grew in place is one with what was left.
            start = if from == end { start } else { from };
            end = to;
        }
        self.fresh.set((start + size, end));
        Some(start)
    }
}

/// The place of the smallest size that such a block fits in, and that size.
fn size_of(bytes: usize) -> (usize, usize) {
    let grains = bytes.div_ceil(GRAIN).max(1);
    if grains < 4 {
        return (grains - 1, grains * GRAIN);
    }
    let doublings = grains.ilog2() as usize - 2;
    let quarters = grains.div_ceil(1 << doublings);
    (4 * doublings + quarters - 1, (quarters << doublings) * GRAIN)
}

// SAFETY: a block is handed out from one place only, the list of its size or what is fresh, is as large as its size, and is
// at a multiple of `GRAIN`; what would be more strictly aligned is refused.
unsafe impl GlobalAlloc for Blocks {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (place, size) = size_of(layout.size());
        let first = self.free[place].get();
        if layout.align() > GRAIN {
            ptr::null_mut()
        } else if first == 0 {
            self.cut(size).map_or(ptr::null_mut(), ptr::with_exposed_provenance_mut)
        } else {
            let block = ptr::with_exposed_provenance_mut::<u8>(first);
            // SAFETY: a free block holds the address of the next.
            self.free[place].set(unsafe { block.cast::<usize>().read() });
            block
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let (place, _) = size_of(layout.size());
        // SAFETY: it is a block of ours, which nobody uses any more, and large enough for an address.
        unsafe { block.cast::<usize>().write(self.free[place].get()) };
        self.free[place].set(block.expose_provenance());
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        if size_of(bytes).0 == size_of(layout.size()).0 {
            return block;
        }
        // SAFETY: the caller's, and both blocks are as large as what is copied.
        unsafe {
            let other = self.alloc(Layout::from_size_align_unchecked(bytes, layout.align()));
            if !other.is_null() {
                ptr::copy_nonoverlapping(block, other, bytes.min(layout.size()));
                self.dealloc(block, layout);
            }
            other
        }
    }
}

/// Memory of the module: half as much again as there is, where that is more, since a machine may copy all of it to grow.
#[cfg(target_arch = "wasm32")]
pub fn grow(bytes: usize) -> Option<(usize, usize)> {
    use core::arch::wasm32::{memory_grow, memory_size};

    const PAGE: usize = 65_536;
    let grown = |pages: usize| {
        let before = memory_grow::<0>(pages);
        (before != usize::MAX).then(|| (before * PAGE, (before + pages).saturating_mul(PAGE)))
    };
    let needed = bytes.div_ceil(PAGE);
    grown(needed.max(memory_size::<0>() / 2)).or_else(|| grown(needed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::random::Random;

    #[test]
    fn what_is_asked_for_fits_with_a_quarter_more_at_most() {
        let mut last = (0, GRAIN);
        for bytes in 0..100_000 {
            let (place, size) = size_of(bytes);
            assert!(size >= bytes && (size <= 64 || 4 * size <= 5 * (bytes + GRAIN)), "{bytes} {size}");
            assert!((place, size) == last || (place == last.0 + 1 && size > last.1), "{bytes}");
            last = (place, size);
        }
        assert!(size_of(u32::MAX as usize).0 < SIZES);
    }

    /// Memory that is never given back.
    fn lent(bytes: usize) -> Option<(usize, usize)> {
        let memory = Box::leak(vec![0_u128; bytes.div_ceil(16) + 4].into_boxed_slice()).as_mut_ptr_range();
        Some((memory.start.expose_provenance(), memory.end.expose_provenance()))
    }

    #[test]
    fn no_block_is_handed_out_twice_and_each_keeps_what_is_in_it() {
        let (blocks, mut random) = (Blocks::new(lent), Random::new(7));
        let mut held: Vec<(*mut u8, Layout, u8)> = Vec::new();
        for step in 0..20_000 {
            let layout = Layout::from_size_align(1 + random.below(700), 8).unwrap();
            let mark = step as u8;
            // SAFETY: each block is used in its size only, and given back once.
            unsafe {
                match random.below(3) {
                    0 if !held.is_empty() => {
                        let (block, layout, mark) = held.swap_remove(random.below(held.len()));
                        assert!(std::slice::from_raw_parts(block, layout.size()).iter().all(|byte| *byte == mark));
                        blocks.dealloc(block, layout);
                    }
                    1 if !held.is_empty() => {
                        let at = random.below(held.len());
                        let (block, old, mark) = held[at];
                        let block = blocks.realloc(block, old, layout.size());
                        let kept = old.size().min(layout.size());
                        assert!(std::slice::from_raw_parts(block, kept).iter().all(|byte| *byte == mark));
                        block.write_bytes(mark, layout.size());
                        held[at] = (block, layout, mark);
                    }
                    _ => {
                        let block = blocks.alloc(layout);
                        assert_eq!(block.addr() % GRAIN, 0);
                        block.write_bytes(mark, layout.size());
                        held.push((block, layout, mark));
                    }
                }
            }
        }
    }

    #[test]
    fn what_was_given_back_comes_again() {
        let blocks = Blocks::new(lent);
        let layout = Layout::from_size_align(1_000, 8).unwrap();
        // SAFETY: each block is given back once.
        unsafe {
            let first = blocks.alloc(layout);
            blocks.dealloc(first, layout);
            assert_eq!(blocks.alloc(layout), first);
            assert!(blocks.alloc(Layout::from_size_align(8, 64).unwrap()).is_null());
        }
    }
}
