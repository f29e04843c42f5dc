//! What one application of a rule was granted by an earlier decision.

use std::collections::BTreeMap;

use crate::amount::Hundredths;
use crate::conversion::decision::DecidedLine;
use crate::conversion::rule::Effect;
use crate::ids::{EntryId, LotId};
use crate::reason::ReasonCode;

/// A course as it was granted.
#[derive(Debug, Clone, Default)]
pub(super) struct StoodCourse {
    /// Why it was not granted in full.
    pub(super) reason: Option<ReasonCode>,
    /// What was requested of each lot and granted for it, in the order of the lots.
    shares: Vec<Share>,
}

/// What was requested of a lot and granted for it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Share {
    pub(super) requested: Hundredths,
    pub(super) granted: Hundredths,
}

impl StoodCourse {
    /// The shares of lots by their places among the candidates.
    pub(super) fn shares(&self, places: impl IntoIterator<Item = usize>) -> Vec<Share> {
        let share = |place| self.shares.get(place).copied().unwrap_or_default();
        places.into_iter().map(share).collect()
    }
}

/// The application as it stands, with its lots in the order of their lines.
#[derive(Debug, Clone, Default)]
pub(super) struct Stood {
    pub(super) lots: Vec<LotId>,
    courses: BTreeMap<EntryId, StoodCourse>,
}

impl Stood {
    pub(super) fn of_lines(lines: &[DecidedLine]) -> Self {
        let mut stood = Self::default();
        for line in lines {
            if !stood.lots.contains(&line.lot_id) {
                stood.lots.push(line.lot_id);
            }
        }
        for line in lines {
            let Some(target) = line.target else { continue };
            let course = stood.courses.entry(target).or_default();
            course.reason = course.reason.or(line.verdict.reason());
            course.shares.resize(stood.lots.len(), Share::default());
            let place = stood.lots.iter().position(|lot| *lot == line.lot_id);
            if let Some(share) = place.and_then(|place| course.shares.get_mut(place)) {
                *share = Share {
                    requested: line.requested,
                    granted: line.granted,
                };
            }
        }
        stood
    }

    /// The course of an effect, where something of it was granted.
    pub(super) fn of(&self, effect: &Effect) -> Option<&StoodCourse> {
        let course = self.courses.get(&effect.course);
        course.filter(|course| course.shares.iter().any(|share| !share.granted.is_zero()))
    }
}
