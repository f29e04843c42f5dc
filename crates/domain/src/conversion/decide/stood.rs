//! What one application of a rule was granted by an earlier decision.

use std::collections::BTreeMap;

use crate::amount::{AmountError, Hundredths};
use crate::conversion::decision::DecidedLine;
use crate::conversion::rule::Effect;
use crate::ids::{EntryId, LotId};
use crate::reason::ReasonCode;

/// A course as it was granted.
#[derive(Debug, Clone, Default)]
pub(super) struct StoodCourse {
    pub(super) requested: Hundredths,
    pub(super) granted: Hundredths,
    /// Why it was not granted in full.
    pub(super) reason: Option<ReasonCode>,
    /// What was requested of each lot and granted for it, in the order of the lots.
    pub(super) shares: Vec<(Hundredths, Hundredths)>,
}

/// The application as it stands, with its lots in the order of their lines.
#[derive(Debug, Clone, Default)]
pub(super) struct Stood {
    pub(super) lots: Vec<LotId>,
    courses: BTreeMap<EntryId, StoodCourse>,
}

impl Stood {
    pub(super) fn of_lines(lines: &[DecidedLine]) -> Result<Self, AmountError> {
        let mut stood = Self::default();
        for line in lines {
            if !stood.lots.contains(&line.lot_id) {
                stood.lots.push(line.lot_id);
            }
        }
        for line in lines {
            let Some(target) = line.target else { continue };
            let course = stood.courses.entry(target).or_default();
            course.requested = course.requested.plus(line.requested)?;
            course.granted = course.granted.plus(line.granted)?;
            course.reason = course.reason.or(line.verdict.reason());
            let nothing = (Hundredths::ZERO, Hundredths::ZERO);
            course.shares.resize(stood.lots.len(), nothing);
            let place = stood.lots.iter().position(|lot| *lot == line.lot_id);
            if let Some(share) = place.and_then(|place| course.shares.get_mut(place)) {
                *share = (line.requested, line.granted);
            }
        }
        Ok(stood)
    }

    /// The course of an effect, where something of it was granted.
    pub(super) fn of(&self, effect: &Effect) -> Option<&StoodCourse> {
        let course = self.courses.get(&effect.course);
        course.filter(|course| !course.granted.is_zero())
    }
}
