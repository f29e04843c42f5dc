//! What the plan grants, with what it leaves under each cap.

use std::collections::{BTreeMap, BTreeSet};

use super::limits::{Group, Limit};
use super::ways::{Way, Ways};
use crate::amount::{AmountError, Hundredths};
use crate::conversion::explain::Explanation;
use crate::conversion::plan::Plan;
use crate::ids::EntryId;

/// One grant of the plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given {
    pub(super) way: usize,
    pub(super) application: usize,
    pub(super) effect: usize,
    pub(super) course: EntryId,
    pub(super) granted: Hundredths,
}

/// A limit with what is used of it.
pub(super) struct Standing<'s, 'a> {
    pub(super) limit: &'s Limit<'a>,
    pub(super) used: Hundredths,
}

impl Standing<'_, '_> {
    pub(super) fn left(&self) -> Hundredths {
        self.limit.left(self.used)
    }

    /// What would leave room for so much more.
    pub(super) fn remedy(&self, missing: Hundredths) -> Explanation {
        let code = &self.limit.cap.code;
        if let Group::Period { until, .. } = self.limit.group {
            return Explanation::new(
                format!("上限 {code} 对 {until} 起取得的成果重新计算"),
                format!("the cap {code} has room again for what is achieved from {until}"),
            );
        }
        Explanation::new(
            format!("上限 {code} 还需 {missing} 学分余额"),
            format!("{missing} credits more room under {code}"),
        )
    }
}

/// All grants of the plan, those of the oldest lots first.
pub(super) struct Settled<'s, 'a> {
    pub(super) ways: &'s Ways<'a>,
    pub(super) given: Vec<Given>,
    /// The application that uses a lot, by the lot's rank.
    by_rank: BTreeMap<usize, usize>,
}

impl<'s, 'a> Settled<'s, 'a> {
    pub(super) fn of(ways: &'s Ways<'a>, plan: &Plan) -> Self {
        let mut given: Vec<Given> = plan
            .grants
            .iter()
            .filter(|grant| !grant.granted.is_zero())
            .filter_map(|grant| {
                let way = ways.ways.get(grant.option)?;
                let (_, effect) = ways.parts(way)?;
                Some(Given {
                    way: grant.option,
                    application: way.application,
                    effect: way.effect,
                    course: effect.course,
                    granted: grant.granted,
                })
            })
            .collect();
        let lots = |given: &Given| ways.applications.get(given.application).map(|a| &a.lots);
        given.sort_by(|one, two| (lots(one), one.effect).cmp(&(lots(two), two.effect)));
        let by_rank = given
            .iter()
            .flat_map(|given| {
                let ranks = lots(given).into_iter().flatten();
                ranks.map(|rank| (*rank, given.application))
            })
            .collect();
        Self {
            ways,
            given,
            by_rank,
        }
    }

    /// The applications that grant something.
    pub(super) fn applied(&self) -> BTreeSet<usize> {
        self.given.iter().map(|given| given.application).collect()
    }

    /// The application that uses the lot of a rank.
    pub(super) fn application_of(&self, rank: usize) -> Option<usize> {
        self.by_rank.get(&rank).copied()
    }

    /// Whether the outcome of a lot is used, by this lot or another.
    pub(super) fn user_of_outcome(&self, rank: usize) -> Option<usize> {
        let outcome = |rank: usize| self.ways.lots.get(rank).map(|lot| lot.candidate.outcome_id);
        let wanted = outcome(rank)?;
        let mut used = self.by_rank.keys();
        used.find(|other| outcome(**other) == Some(wanted)).copied()
    }

    /// What an effect of an application is granted.
    pub(super) fn granted(&self, application: usize, effect: usize) -> Option<&Given> {
        let mut given = self.given.iter();
        given.find(|given| (given.application, given.effect) == (application, effect))
    }

    /// Who is granted a course.
    pub(super) fn winner_of(&self, course: EntryId) -> Option<&Given> {
        self.given.iter().find(|given| given.course == course)
    }

    /// The limits that count a way, the tightest first, with what is used of them.
    ///
    /// For a grant in full that is what stood before and what older lots take. What is cut or left
    /// out entirely is measured against everything else, since that is what leaves it no room.
    pub(super) fn standings(
        &self,
        way: &Way,
        number: Option<usize>,
        in_full: bool,
    ) -> Result<Vec<Standing<'s, 'a>>, AmountError> {
        let mut standings = Vec::new();
        for limit_number in &way.limits {
            let Some(limit) = self.ways.limits.get(*limit_number) else {
                continue;
            };
            let mut used = limit.before;
            for given in &self.given {
                if Some(given.way) == number {
                    if in_full {
                        break;
                    }
                    continue;
                }
                let counts = self.ways.ways.get(given.way);
                if counts.is_some_and(|way| way.limits.contains(limit_number)) {
                    used = used.plus(given.granted)?;
                }
            }
            standings.push(Standing { limit, used });
        }
        standings.sort_by_key(Standing::left);
        Ok(standings)
    }
}
