//! What stands granted once a decision has been carried out.

use super::super::candidate::{Candidate, History, PastGrant, PastSource};
use super::super::decision::DecidedLine;
use super::shares::part_up;
use crate::amount::{AmountError, Hundredths};
use crate::ids::{EntryId, LotId};

impl History {
    /// Adds what these lines grant, with the lots they rest on: what the next request of the same
    /// learner in the same programme finds.
    ///
    /// # Errors
    /// [`AmountError::Overflow`] where sums leave 64 bits.
    pub fn add(
        &mut self,
        lines: &[DecidedLine],
        candidates: &[Candidate],
    ) -> Result<(), AmountError> {
        for line in lines.iter().filter(|line| !line.used.is_zero()) {
            let Some(course) = line.target else { continue };
            let candidate = candidates.iter().find(|one| one.lot_id == line.lot_id);
            self.grant(course, line.granted, candidate.map(Candidate::source))?;
        }
        Ok(())
    }

    /// Adds a line's part of what stands granted of a course, with the outcome it rests on.
    ///
    /// # Errors
    /// [`AmountError::Overflow`] where sums leave 64 bits.
    pub fn grant(
        &mut self,
        course: EntryId,
        granted: Hundredths,
        source: Option<PastSource>,
    ) -> Result<(), AmountError> {
        if let Some(past) = self.grants.iter_mut().find(|past| past.course == course) {
            past.granted = past.granted.plus(granted)?;
            past.sources.extend(source);
        } else {
            self.grants.push(PastGrant {
                course,
                granted,
                sources: source.into_iter().collect(),
            });
        }
        Ok(())
    }

    /// Takes out what stands granted of some courses: what there is beside them.
    ///
    /// For judging again what was granted of these courses. Of accounts that were merged another one's
    /// grant of the same course goes out with it: that collision is the merge's and is settled there,
    /// and whoever judges again only lowers, so nothing comes to exceed what stood before.
    pub fn without(&mut self, courses: &[EntryId]) {
        self.grants.retain(|past| !courses.contains(&past.course));
        self.courses.retain(|course| !courses.contains(course));
    }
}

/// What one application's lines would use of a lot had everything been granted: the most that a
/// lot which stays is asked for when the application is judged again.
///
/// # Errors
/// [`AmountError::Overflow`] where sums leave 64 bits.
pub fn used_in_full(application: &[DecidedLine], lot: LotId) -> Result<Hundredths, AmountError> {
    let of_lot = application.iter().filter(|line| line.lot_id == lot);
    let used = Hundredths::sum(of_lot.map(|line| line.used))?;
    let granted = Hundredths::sum(application.iter().map(|line| line.granted))?;
    let requested = Hundredths::sum(application.iter().map(|line| line.requested))?;
    part_up(used, requested, granted)
}
