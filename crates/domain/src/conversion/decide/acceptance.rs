//! What somebody accepts of an outcome where that is not all: a cap for one request.

use crate::amount::Hundredths;
use crate::conversion::rule::{Cap, CapShape, Most};
use crate::ids::OutcomeId;
use crate::reason::ReasonCode;

/// The most that may be granted on an outcome, and why not more.
pub(in crate::conversion) struct Acceptance {
    pub(super) outcome: OutcomeId,
    pub(super) reason: ReasonCode,
    /// As the rules would say it, for everything that counts and explains caps.
    pub(super) cap: Cap,
}

impl Acceptance {
    pub(in crate::conversion) fn new(
        outcome: OutcomeId,
        most: Hundredths,
        reason: ReasonCode,
    ) -> Self {
        let cap = Cap {
            code: reason.as_str().to_owned(),
            shape: CapShape::Certificate,
            part: None,
            categories: Vec::new(),
            institutions: Vec::new(),
            most: Most::Credits(most),
        };
        Self {
            outcome,
            reason,
            cap,
        }
    }
}
