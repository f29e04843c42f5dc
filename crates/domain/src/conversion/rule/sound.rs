//! What makes a rule set unusable.

use std::collections::{BTreeMap, BTreeSet};

use super::{ArticulationRule, CapShape, Condition, Gives, Most, RuleSet};
use crate::amount::{Hundredths, Unit};
use crate::ids::EntryId;

/// What makes a rule set unusable, with its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleSetFault {
    /// Two rules, two caps or two parts of one code.
    #[error("{place} stands twice")]
    Twice {
        /// Which.
        place: Place,
    },
    /// A set that can never grant anything.
    #[error("the rule set has no rules")]
    Empty,
    /// More than all of it.
    #[error("{place} has a share of {share}, which is more than 100.00")]
    ShareTooLarge {
        /// Which cap.
        place: Place,
        /// The share as given.
        share: Hundredths,
    },
    /// Two rules give one course with different credits.
    #[error("{place} gives a course other credits than an earlier rule")]
    OtherCredits {
        /// The later of the two.
        place: Place,
    },
    /// One rule gives a course twice.
    #[error("{place} gives a course twice")]
    CourseTwice {
        /// Which rule.
        place: Place,
    },
    /// A course without credits, or a grant of nothing.
    #[error("{place} grants no credits")]
    NoCredits {
        /// Which rule.
        place: Place,
    },
    /// A rule that gives nothing at all.
    #[error("{place} gives no course")]
    NoEffects {
        /// Which rule.
        place: Place,
    },
    /// A course is given that is never replaced.
    #[error("{place} gives a course of {part}, which is never replaced")]
    NeverReplaced {
        /// Which rule.
        place: Place,
        /// The part.
        part: Place,
    },
    /// A condition asks for none, or for more than it names.
    #[error("{place} asks for {needed} of {count}")]
    Needed {
        /// Which rule.
        place: Place,
        /// So many.
        needed: u32,
        /// Of so many.
        count: usize,
    },
    /// A condition that nothing is asked in.
    #[error("{place} has a condition of no parts")]
    NoSources {
        /// Which rule.
        place: Place,
    },
    /// Conditions stand too deep in each other.
    #[error("{place} has conditions more than {} deep", Condition::DEPTH_MAX)]
    TooDeep {
        /// Which rule.
        place: Place,
    },
    /// A condition names too many outcomes.
    #[error("{place} asks for more than {} outcomes", Condition::SOURCES_MAX)]
    TooManySources {
        /// Which rule.
        place: Place,
    },
    /// A source that any outcome of its unit satisfies.
    #[error("{place} has a source that names neither an entry, a category nor an issuer")]
    AnySource {
        /// Which rule.
        place: Place,
    },
    /// A part is taken of amounts of different units, which cannot be added.
    #[error("{place} takes a part of amounts of different units")]
    MixedUnits {
        /// Which rule.
        place: Place,
    },
    /// A cap names a part that is not there.
    #[error("{place} names {part}, which is not there")]
    UnknownPart {
        /// Which cap.
        place: Place,
        /// The part.
        part: Place,
    },
    /// A cap rests on the credits of a part that does not say how many it has.
    #[error("{place} needs the credits of {part}")]
    PartWithoutCredits {
        /// Which cap.
        place: Place,
        /// The part.
        part: Place,
    },
    /// A cap by period without the days on which they begin.
    #[error("{place} names no day on which a period begins")]
    NoPeriods {
        /// Which cap.
        place: Place,
    },
    /// A cap by kind of source that names none.
    #[error("{place} names neither a category nor an institution")]
    NoFilter {
        /// Which cap.
        place: Place,
    },
    /// Its last day lies before its first.
    #[error("the rule set ends before it begins")]
    EndsBeforeItBegins,
}

/// Where in a rule set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A rule, by its code.
    Rule(String),
    /// A cap, by its code.
    Cap(String),
    /// A part, by its code.
    Part(String),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rule(code) => write!(f, "rule {code}"),
            Self::Cap(code) => write!(f, "cap {code}"),
            Self::Part(code) => write!(f, "part {code}"),
        }
    }
}

impl RuleSet {
    /// Every [`RuleSetFault`] of the set as a whole, in the order in which it is written; nothing
    /// where it is sound.
    #[must_use]
    pub fn check(&self) -> Vec<RuleSetFault> {
        let mut faults = Vec::new();
        if self.valid_to.is_some_and(|last| last < self.valid_from) {
            faults.push(RuleSetFault::EndsBeforeItBegins);
        }
        self.check_codes(&mut faults);
        self.check_caps(&mut faults);
        self.check_rules(&mut faults);
        faults
    }

    fn check_codes(&self, faults: &mut Vec<RuleSetFault>) {
        let parts = self.parts.iter().map(|part| Place::Part(part.code.clone()));
        let caps = self.caps.iter().map(|cap| Place::Cap(cap.code.clone()));
        let rules = self.rules.iter().map(|rule| Place::Rule(rule.code.clone()));
        let mut seen = BTreeSet::new();
        for place in parts.chain(caps).chain(rules) {
            if !seen.insert(place.clone()) {
                faults.push(RuleSetFault::Twice { place });
            }
        }
    }

    fn check_caps(&self, faults: &mut Vec<RuleSetFault>) {
        for cap in &self.caps {
            let place = || Place::Cap(cap.code.clone());
            let share = match cap.most {
                Most::Share(share) => Some(share),
                Most::Credits(_) => None,
            };
            if let Some(share) = share.filter(|share| share.get() > 10_000) {
                let place = place();
                faults.push(RuleSetFault::ShareTooLarge { place, share });
            }
            if let Some(code) = &cap.part {
                let (place, part) = (place(), Place::Part(code.clone()));
                let needs_base = share.is_some() || cap.shape == CapShape::Inside;
                match self.part(code) {
                    None => faults.push(RuleSetFault::UnknownPart { place, part }),
                    Some(found) if needs_base && found.credits.is_none() => {
                        faults.push(RuleSetFault::PartWithoutCredits { place, part });
                    }
                    Some(_) => {}
                }
            }
            if matches!(&cap.shape, CapShape::Period(begins) if begins.is_empty()) {
                faults.push(RuleSetFault::NoPeriods { place: place() });
            }
            let unfiltered = cap.categories.is_empty() && cap.institutions.is_empty();
            if cap.shape == CapShape::Source && unfiltered {
                faults.push(RuleSetFault::NoFilter { place: place() });
            }
        }
    }

    fn check_rules(&self, faults: &mut Vec<RuleSetFault>) {
        if self.rules.is_empty() {
            faults.push(RuleSetFault::Empty);
        }
        let mut credits: BTreeMap<EntryId, Hundredths> = BTreeMap::new();
        for rule in &self.rules {
            let place = || Place::Rule(rule.code.clone());
            check_condition(&rule.condition, &place, faults);
            if rule.effects.is_empty() {
                faults.push(RuleSetFault::NoEffects { place: place() });
            }
            if takes_parts_of_several_units(rule) {
                faults.push(RuleSetFault::MixedUnits { place: place() });
            }
            let mut courses = BTreeSet::new();
            for effect in &rule.effects {
                let nothing = matches!(effect.gives, Gives::Fixed(fixed) if fixed.is_zero());
                if effect.credits.is_zero() || nothing {
                    faults.push(RuleSetFault::NoCredits { place: place() });
                }
                if !courses.insert(effect.course) {
                    faults.push(RuleSetFault::CourseTwice { place: place() });
                }
                if *credits.entry(effect.course).or_insert(effect.credits) != effect.credits {
                    faults.push(RuleSetFault::OtherCredits { place: place() });
                }
                if let Some(part) = self.never_replaced(effect.course) {
                    let part = Place::Part(part.code.clone());
                    let place = place();
                    faults.push(RuleSetFault::NeverReplaced { place, part });
                }
            }
        }
    }
}

fn takes_parts_of_several_units(rule: &ArticulationRule) -> bool {
    let mut effects = rule.effects.iter();
    let parts = effects.any(|effect| matches!(effect.gives, Gives::Proportional { .. }));
    let units: BTreeSet<Unit> = rule.condition.sources().map(|source| source.unit).collect();
    parts && units.len() > 1
}

fn check_condition(
    condition: &Condition,
    place: &impl Fn() -> Place,
    faults: &mut Vec<RuleSetFault>,
) {
    if depth(condition) > Condition::DEPTH_MAX {
        faults.push(RuleSetFault::TooDeep { place: place() });
        return;
    }
    let mut sources = condition.sources();
    if sources.by_ref().nth(Condition::SOURCES_MAX).is_some() {
        faults.push(RuleSetFault::TooManySources { place: place() });
        return;
    }
    check_parts(condition, place, faults);
}

/// What is wrong inside a condition, from left to right.
fn check_parts(condition: &Condition, place: &impl Fn() -> Place, faults: &mut Vec<RuleSetFault>) {
    let of = match condition {
        Condition::Source(source) => {
            let named = !(source.entries.is_empty()
                && source.categories.is_empty()
                && source.issuers.is_empty());
            if !named {
                faults.push(RuleSetFault::AnySource { place: place() });
            }
            return;
        }
        Condition::AllOf(of) | Condition::AtLeast { of, .. } => of,
    };
    if of.is_empty() {
        faults.push(RuleSetFault::NoSources { place: place() });
        return;
    }
    if let Condition::AtLeast { needed, .. } = condition {
        let possible = usize::try_from(*needed).is_ok_and(|it| (1..=of.len()).contains(&it));
        if !possible {
            faults.push(RuleSetFault::Needed {
                place: place(),
                needed: *needed,
                count: of.len(),
            });
        }
    }
    for part in of {
        check_parts(part, place, faults);
    }
}

/// How deep conditions stand in each other, a bare source being 1; stops counting where it is too
/// deep already.
fn depth(condition: &Condition) -> usize {
    fn within(condition: &Condition, left: usize) -> usize {
        match condition {
            Condition::AllOf(of) | Condition::AtLeast { of, .. } if left > 0 => {
                let deepest = of.iter().map(|part| within(part, left - 1)).max();
                1 + deepest.unwrap_or_default()
            }
            _ => 1,
        }
    }
    within(condition, Condition::DEPTH_MAX + 1)
}
