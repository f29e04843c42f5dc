//! What a draft of a rule set would change about a decision.

use std::collections::BTreeMap;

use super::decision::{DecidedLine, Decision, RequestResult, Verdict};
use crate::amount::Hundredths;
use crate::ids::{EntryId, LotId};

/// A lot and a course about which two decisions differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedLine {
    /// The lot.
    pub lot_id: LotId,
    /// The course; none where neither decision came to one.
    pub target: Option<EntryId>,
    /// The old verdict, where there was one.
    pub old: Option<Verdict>,
    /// The new verdict, where there is one.
    pub new: Option<Verdict>,
    /// The credits granted before.
    pub granted_before: Hundredths,
    /// The credits granted now.
    pub granted_now: Hundredths,
}

/// How two decisions about the same request differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// By lot, then course.
    pub lines: Vec<ChangedLine>,
    /// What the request came to, and what it comes to now.
    pub result: (RequestResult, RequestResult),
    /// The credits of the old decision.
    pub total_before: Hundredths,
    /// The credits of the new one.
    pub total_now: Hundredths,
}

impl Changes {
    /// Whether the two decisions are the same as far as lots, courses and credits go.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

/// How a new decision about a request differs from the old one. Texts do not count, nor does which
/// rule a grant rests on.
#[must_use]
pub fn rehearse(old: &Decision, new: &Decision) -> Changes {
    let mut pairs: BTreeMap<_, (Option<&DecidedLine>, Option<&DecidedLine>)> = BTreeMap::new();
    for line in &old.lines {
        pairs.entry((line.lot_id, line.target)).or_default().0 = Some(line);
    }
    for line in &new.lines {
        pairs.entry((line.lot_id, line.target)).or_default().1 = Some(line);
    }
    let granted = |line: Option<&DecidedLine>| line.map_or(Hundredths::ZERO, |line| line.granted);
    let verdict = |line: Option<&DecidedLine>| line.map(|line| line.verdict.clone());
    let lines = pairs
        .into_iter()
        .map(|((lot_id, target), (old, new))| ChangedLine {
            lot_id,
            target,
            old: verdict(old),
            new: verdict(new),
            granted_before: granted(old),
            granted_now: granted(new),
        })
        .filter(|line| line.old != line.new || line.granted_before != line.granted_now);
    Changes {
        lines: lines.collect(),
        result: (old.result, new.result),
        total_before: old.total,
        total_now: new.total,
    }
}
