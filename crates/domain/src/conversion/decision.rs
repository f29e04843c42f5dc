//! What a request came to, line by line.

use crate::amount::Hundredths;
use crate::ids::{EntryId, LotId, OutcomeId};
use crate::reason::ReasonCode;

use super::explain::Explanation;
use super::rule::BookedGrade;

/// What becomes of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The whole of what was requested.
    Granted,
    /// A part; the rest goes back to the learner.
    Cut(ReasonCode),
    /// Nothing.
    Refused(ReasonCode),
}

impl Verdict {
    /// The verdict on so much of so much; the reason is for what is missing.
    pub(super) fn of(granted: Hundredths, requested: Hundredths, reason: ReasonCode) -> Self {
        if granted.is_zero() {
            Self::Refused(reason)
        } else if granted == requested {
            Self::Granted
        } else {
            Self::Cut(reason)
        }
    }

    /// The name used in tables and on the wire.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Cut(_) => "cut",
            Self::Refused(_) => "refused",
        }
    }

    /// The coded reason of what was not granted.
    #[must_use]
    pub const fn reason(&self) -> Option<ReasonCode> {
        match self {
            Self::Granted => None,
            Self::Cut(reason) | Self::Refused(reason) => Some(*reason),
        }
    }
}

/// A line with its decision: what one lot carries of one course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidedLine {
    /// The lot that it would use.
    pub lot_id: LotId,
    /// The outcome behind the lot.
    pub outcome_id: OutcomeId,
    /// The rule that was applied, or the one that came nearest; none where no rule lists the lot.
    pub rule_code: Option<String>,
    /// The course that the rule gives.
    pub target: Option<EntryId>,
    /// The lot's share of the credits that the rule gives; where no rule lists the lot, all that
    /// is usable of it in its own unit.
    pub requested: Hundredths,
    /// What is used of the lot, in its unit. Above zero on every lot of a rule that granted
    /// something, even where the lot's own share of a cut grant is nothing.
    pub used: Hundredths,
    /// The credits given, at most what was requested.
    pub granted: Hundredths,
    /// The grade that is booked with the grant.
    pub books: BookedGrade,
    /// What became of it.
    pub verdict: Verdict,
    /// The arithmetic, in both languages.
    pub explanation: Explanation,
    /// What would change the answer, where something would.
    pub remedy: Option<Explanation>,
}

/// What a request as a whole came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestResult {
    /// Every line in full.
    Granted,
    /// Something, but not everything.
    Partly,
    /// Nothing.
    Refused,
}

impl RequestResult {
    /// What lines come to together.
    pub(super) fn of(lines: &[DecidedLine]) -> Self {
        if lines.iter().all(|line| line.granted.is_zero()) {
            Self::Refused
        } else if lines.iter().all(|line| line.verdict == Verdict::Granted) {
            Self::Granted
        } else {
            Self::Partly
        }
    }
}

/// The decision about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// In the order of the candidates as given; one for each course that a lot is used for.
    pub lines: Vec<DecidedLine>,
    /// What it came to.
    pub result: RequestResult,
    /// The credits of all lines.
    pub total: Hundredths,
    /// True where no other way to use the lots that were looked at grants more.
    pub proven: bool,
    /// True where every way to apply the rules was looked at.
    pub complete: bool,
    /// What no way that was looked at exceeds; the total itself where that is proven.
    pub bound: Hundredths,
}
