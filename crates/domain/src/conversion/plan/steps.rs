//! How much work a search may still do, counted so that every machine stops at the same place.

/// A count of steps that runs out.
#[derive(Debug)]
pub(super) struct Steps {
    left: u64,
}

impl Steps {
    pub(super) const fn new(left: u64) -> Self {
        Self { left }
    }

    /// Lends a number of steps, or all that are left.
    pub(super) fn lend(&mut self, most: u64) -> Self {
        let lent = self.left.min(most);
        self.left -= lent;
        Self { left: lent }
    }

    /// Takes back what is left of lent steps.
    pub(super) const fn take_back(&mut self, rest: &Self) {
        self.left = self.left.saturating_add(rest.left);
    }

    /// Takes one step; false where there is none left.
    pub(super) const fn take(&mut self) -> bool {
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }
}
