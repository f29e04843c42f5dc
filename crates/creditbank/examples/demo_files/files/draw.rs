//! Draws that are the same every time and everywhere.

/// SplitMix64.
pub(super) struct Draw(u64);

impl Draw {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to `bound`, which is left out.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        let bounded = self.next() % u64::from(bound.max(1));
        u32::try_from(bounded).unwrap_or(0)
    }

    /// One of `all`.
    pub(super) fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        let bound = u32::try_from(all.len()).unwrap_or(1);
        let index = usize::try_from(self.below(bound)).unwrap_or(0);
        all.get(index).copied().unwrap_or_default()
    }

    /// True once in `n` draws.
    pub(super) fn once_in(&mut self, n: u32) -> bool {
        self.below(n) == 0
    }
}
