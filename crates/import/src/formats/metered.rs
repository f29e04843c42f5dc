//! Bytes that are counted, and of which no more than a limit may come at a time.

use std::cell::Cell;
use std::io::{Error, Read, Result};
use std::rc::Rc;

/// What is known of the bytes that went by.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meter {
    total: Rc<Cell<u64>>,
    since: Rc<Cell<u64>>,
}

impl Meter {
    /// All bytes so far.
    pub(crate) fn total(&self) -> u64 {
        self.total.get()
    }

    /// Begins counting the next piece.
    pub(crate) fn next_piece(&self) {
        self.since.set(0);
    }
}

/// A source that refuses to give more than `piece_max` bytes for one piece.
pub(crate) struct Metered<R> {
    source: R,
    meter: Meter,
    piece_max: u64,
}

impl<R: Read> Metered<R> {
    /// Nothing has gone by yet.
    pub(crate) fn new(source: R, piece_max: u64) -> (Self, Meter) {
        let meter = Meter::default();
        let metered = Self {
            source,
            meter: meter.clone(),
            piece_max,
        };
        (metered, meter)
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let Meter { total, since } = &self.meter;
        if since.get() > self.piece_max {
            return Err(Error::other("one piece is larger than may be"));
        }
        let read = self.source.read(buffer)?;
        let count = u64::try_from(read).unwrap_or(u64::MAX);
        total.set(total.get().saturating_add(count));
        since.set(since.get().saturating_add(count));
        Ok(read)
    }
}
