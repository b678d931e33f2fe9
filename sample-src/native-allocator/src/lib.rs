//! The global allocator of the native baseline: dlmalloc over one growing range of addresses,
//! as wasm32's std has it over linear memory. Without a lock, as there, since a sample's
//! library is only ever called from one thread.

use dlmalloc::{Allocator, Dlmalloc};
use std::alloc::{GlobalAlloc, Layout};
use std::cell::{Cell, UnsafeCell};
use std::ptr;

/// What a 32-bit linear memory can grow to; only addresses are reserved.
const RESERVED: usize = 1 << 32;

/// The wasm page, so that dlmalloc rounds as it does on wasm32.
const PAGE: usize = 64 * 1024;

#[global_allocator]
static ALLOCATOR: Global = Global(UnsafeCell::new(Dlmalloc::new_with_allocator(Linear)));

static RANGE: Range = Range { start: Cell::new(ptr::null_mut()), used: Cell::new(0) };

struct Global(UnsafeCell<Dlmalloc<Linear>>);

// SAFETY: a sample's library is called from one thread at a time and starts none itself.
unsafe impl Sync for Global {}

impl Global {
    /// The one allocator.
    #[expect(clippy::mut_from_ref, reason = "what a global allocator has is a shared reference")]
    fn dlmalloc(&self) -> &mut Dlmalloc<Linear> {
        // SAFETY: no two calls overlap: there is one thread, and dlmalloc does not call back.
        unsafe { &mut *self.0.get() }
    }
}

// SAFETY: dlmalloc keeps the contract; sizes and alignments are handed on as they come.
unsafe impl GlobalAlloc for Global {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `GlobalAlloc`, which is dlmalloc's.
        unsafe { self.dlmalloc().malloc(layout.size(), layout.align()) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { self.dlmalloc().calloc(layout.size(), layout.align()) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { self.dlmalloc().free(block, layout.size(), layout.align()) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        unsafe { self.dlmalloc().realloc(block, layout.size(), layout.align(), size) }
    }
}

/// The addresses that stand for linear memory: reserved once, used from the bottom up.
struct Range {
    start: Cell<*mut u8>,
    used: Cell<usize>,
}

// SAFETY: as for `Global`.
unsafe impl Sync for Range {}

/// dlmalloc's view of [`RANGE`]: like linear memory it only grows, is contiguous and starts as
/// zeros.
struct Linear;

// SAFETY: every range handed out is mapped, disjoint from all others and never given back
// before the library is unloaded.
unsafe impl Allocator for Linear {
    fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
        const FAILED: (*mut u8, usize, u32) = (ptr::null_mut(), 0, 0);
        if RANGE.start.get().is_null() {
            RANGE.start.set(reserve());
        }
        let (start, used, size) = (RANGE.start.get(), RANGE.used.get(), size.next_multiple_of(PAGE));
        if start.is_null() || size > RESERVED - used {
            return FAILED;
        }
        RANGE.used.set(used + size);
        (start.wrapping_add(used), size, 0)
    }

    fn remap(&self, _: *mut u8, _: usize, _: usize, _: bool) -> *mut u8 {
        ptr::null_mut()
    }

    fn free_part(&self, _: *mut u8, _: usize, _: usize) -> bool {
        false
    }

    fn free(&self, _: *mut u8, _: usize) -> bool {
        false
    }

    fn can_release_part(&self, _: u32) -> bool {
        false
    }

    fn allocates_zeros(&self) -> bool {
        true
    }

    fn page_size(&self) -> usize {
        PAGE
    }
}

/// Reserves the addresses, or returns null. The kernel provides memory at the first touch.
fn reserve() -> *mut u8 {
    let (access, flags) =
        (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE);
    // SAFETY: a fresh anonymous mapping at an address of the kernel's choice touches nothing.
    let start = unsafe { libc::mmap(ptr::null_mut(), RESERVED, access, flags, -1, 0) };
    if start == libc::MAP_FAILED { ptr::null_mut() } else { start.cast() }
}

/// Gives everything back when the library is unloaded, as dropping an instance does.
extern "C" fn unload() {
    if !RANGE.start.get().is_null() {
        // SAFETY: nothing of an unloaded library is used any more, so neither is its heap.
        unsafe { libc::munmap(RANGE.start.get().cast(), RESERVED) };
    }
}

#[used]
#[unsafe(link_section = ".fini_array")]
static UNLOAD: extern "C" fn() = unload;
