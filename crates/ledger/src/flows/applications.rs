//! The lines of a decision by application of a rule, and what they are after a correction.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use creditbank_domain::amount::Hundredths;
use creditbank_domain::conversion::{Candidate, DecidedLine, LotState, Verdict, used_in_full};
use creditbank_domain::ids::LotId;
use creditbank_domain::reason::ReasonCode;

use crate::error::LedgerError;
use crate::flows::comparisons::Comparisons;
use crate::flows::conversion_inputs::{lot_of, state_of};
use crate::tables::conversion_lines::LineRow;
use crate::tables::hundredths;
use crate::tables::lots::ConvertibleLot;

/// The lines that used something, those of each application of a rule together. Two applications
/// share neither a lot nor a course.
pub(super) fn applications(lines: &[LineRow]) -> Vec<Vec<&LineRow>> {
    let mut applications: Vec<Vec<&LineRow>> = Vec::new();
    for line in lines.iter().filter(|line| line.used > 0) {
        let akin = |other: &&LineRow| {
            other.lot_id == line.lot_id || other.target_entry_id == line.target_entry_id
        };
        let (with, others): (Vec<_>, Vec<_>) = applications
            .into_iter()
            .partition(|application| application.iter().any(akin));
        applications = others;
        let mut joint: Vec<&LineRow> = with.into_iter().flatten().collect();
        joint.push(line);
        joint.sort_by_key(|line| line.line_no);
        applications.push(joint);
    }
    applications.sort_by_key(|application| application.first().map(|line| line.line_no));
    applications
}

/// The lot that took an old one's place, the old one as withdrawn, or as it stays.
pub(super) fn candidate_now(
    (lots, comparisons): (&[ConvertibleLot], &Comparisons),
    stood: &[DecidedLine],
    old: LotId,
    replaced: &BTreeMap<LotId, Option<LotId>>,
    day: NaiveDate,
) -> Result<Candidate, LedgerError> {
    match replaced.get(&old) {
        Some(None) => comparisons.candidate(lot_of(lots, old)?, LotState::Withdrawn),
        Some(Some(heir)) if *heir != old => {
            let lot = lot_of(lots, *heir)?;
            comparisons.candidate(lot, state_of(lot, day)?)
        }
        Some(Some(_)) | None => {
            let lot = lot_of(lots, old)?;
            let issued = hundredths(lot.issued, "lots.issued")?;
            let in_full = used_in_full(stood, old)
                .map_err(|_| LedgerError::Corrupt("a sum of credits"))?
                .min(issued);
            comparisons.candidate(lot, LotState::Usable(in_full))
        }
    }
}

/// The lines as they are to be, of the lots as they are now: never more of a lot than there is of
/// it, nor more of one that stays than it gave.
pub(super) fn lines_now(
    stood: &[DecidedLine],
    heirs: &BTreeMap<LotId, &Candidate>,
    mut lines: Vec<DecidedLine>,
) -> Result<Vec<DecidedLine>, LedgerError> {
    let mut left: BTreeMap<LotId, Hundredths> = BTreeMap::new();
    for (now, before) in lines.iter_mut().zip(stood) {
        let missing = LedgerError::Corrupt("a line's lot");
        let heir = heirs.get(&before.lot_id).ok_or(missing)?;
        (now.lot_id, now.outcome_id) = (heir.lot_id, heir.outcome_id);
        let usable = match heir.state {
            LotState::Usable(usable) => usable,
            _ => Hundredths::ZERO,
        };
        let left = left.entry(now.lot_id).or_insert(usable);
        now.used = now.used.min(*left);
        if now.lot_id == before.lot_id {
            now.used = now.used.min(before.used);
        }
        *left = left.minus(now.used).unwrap_or_default();
    }
    Ok(lines)
}

/// What of a lot's new proposal belongs to a line that was proposed: the same course, or nothing of
/// it for the reason that the lot's lines give.
pub(super) fn line_of(
    lines: &[DecidedLine],
    stood: &DecidedLine,
    candidate: &Candidate,
) -> DecidedLine {
    let of_lot = || lines.iter().filter(|line| line.lot_id == candidate.lot_id);
    if let Some(same) = of_lot().find(|line| line.target == stood.target) {
        return same.clone();
    }
    let near = of_lot().next().unwrap_or(stood);
    let reason = near.verdict.reason().unwrap_or(ReasonCode::Other);
    DecidedLine {
        lot_id: candidate.lot_id,
        outcome_id: candidate.outcome_id,
        rule_code: stood.rule_code.clone(),
        target: stood.target,
        requested: stood.requested,
        used: Hundredths::ZERO,
        granted: Hundredths::ZERO,
        verdict: Verdict::Refused(reason),
        ..near.clone()
    }
}
