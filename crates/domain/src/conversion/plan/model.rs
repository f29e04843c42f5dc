//! The problem as the search sees it: what cannot matter is gone, the rest is numbered densely.

use std::collections::{BTreeMap, BTreeSet};

use super::list::{at, push, put, row};

/// An option as the caller numbered it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    /// Its place in the caller's list.
    pub(super) source: usize,
    pub(super) application: usize,
    pub(super) lots: Vec<usize>,
    pub(super) course: usize,
    pub(super) gross: i64,
    pub(super) caps: Vec<usize>,
}

/// A problem, or a part that shares nothing with the rest of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    /// In the order in which equal plans are told apart: (lots, course, source).
    pub(super) choices: Vec<Choice>,
    pub(super) rooms: Vec<i64>,
}

impl Part {
    /// Takes away what caps leave no room for, and caps that can never be reached.
    pub(super) fn tidy(&mut self) {
        let Self { choices, rooms } = self;
        for choice in choices.iter_mut() {
            let room = choice.caps.iter().map(|cap| at(rooms, *cap)).min();
            choice.gross = choice.gross.min(room.unwrap_or(i64::MAX));
        }
        choices.retain(|choice| choice.gross > 0);
        let reachable: Vec<bool> = rooms
            .iter()
            .enumerate()
            .map(|(cap, room)| most_under(choices, cap) > *room)
            .collect();
        for choice in choices.iter_mut() {
            choice.caps.retain(|cap| at(&reachable, *cap));
        }
    }
}

/// At least what any plan counts against a cap.
fn most_under(choices: &[Choice], cap: usize) -> i64 {
    most(choices.iter().filter(|choice| choice.caps.contains(&cap)))
}

/// At least what any plan grants.
pub(super) fn most_in_all(choices: &[Choice]) -> i64 {
    most(choices.iter())
}

/// At least what any plan grants of some choices: one for a course, one application for a lot.
fn most<'a>(choices: impl Iterator<Item = &'a Choice>) -> i64 {
    let mut by_course: BTreeMap<usize, i64> = BTreeMap::new();
    let mut by_application: BTreeMap<(usize, &[usize]), i64> = BTreeMap::new();
    for choice in choices {
        let course = by_course.entry(choice.course).or_default();
        *course = (*course).max(choice.gross);
        let key = (choice.application, choice.lots.as_slice());
        let application = by_application.entry(key).or_default();
        *application = application.saturating_add(choice.gross);
    }
    let mut by_lot: BTreeMap<(Option<usize>, Option<usize>), i64> = BTreeMap::new();
    for ((application, lots), gross) in by_application {
        let oldest = lots.first().copied();
        let alone = oldest.is_none().then_some(application);
        let lot = by_lot.entry((oldest, alone)).or_default();
        *lot = (*lot).max(gross);
    }
    let sum = |total: i64, gross: &i64| total.saturating_add(*gross);
    by_course
        .values()
        .fold(0, sum)
        .min(by_lot.values().fold(0, sum))
}

/// An option, with everything by its number in the [`Model`].
#[derive(Debug, Clone)]
pub(super) struct ModelOption {
    pub(super) source: usize,
    pub(super) application: usize,
    pub(super) course: usize,
    pub(super) gross: i64,
    pub(super) caps: Vec<usize>,
}

/// A rule applied to lots.
#[derive(Debug, Clone, Default)]
pub(super) struct Application {
    pub(super) lots: Vec<usize>,
    pub(super) options: Vec<usize>,
}

/// A part, numbered densely. Lots, options and caps keep their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    pub(super) options: Vec<ModelOption>,
    pub(super) applications: Vec<Application>,
    pub(super) rooms: Vec<i64>,
    /// The applications that use a lot.
    pub(super) by_lot: Vec<Vec<usize>>,
    /// The options that grant a course.
    pub(super) by_course: Vec<Vec<usize>>,
    /// Lots that count against one cap, each set once: how many of them a plan uses is a good
    /// question where few may be used.
    pub(super) groups: Vec<Vec<usize>>,
    /// The groups that a lot is in.
    pub(super) groups_of: Vec<Vec<usize>>,
    /// By cap, where its lots are a group: which, and the most that one lot, two lots and so on of
    /// the group bring under the cap.
    pub(super) most_of: Vec<Option<(usize, Vec<i64>)>>,
}

impl Model {
    /// Numbers what is left of a part.
    pub(super) fn new(part: &Part) -> Self {
        let choices = &part.choices;
        let lots = places(
            choices
                .iter()
                .flat_map(|choice| choice.lots.iter().copied()),
        );
        let caps = places(
            choices
                .iter()
                .flat_map(|choice| choice.caps.iter().copied()),
        );
        let courses = places(choices.iter().map(|choice| choice.course));
        let mut model = Self {
            rooms: caps.keys().map(|cap| at(&part.rooms, *cap)).collect(),
            by_lot: vec![Vec::new(); lots.len()],
            by_course: vec![Vec::new(); courses.len()],
            ..Self::default()
        };
        let mut applications: BTreeMap<(usize, &[usize]), usize> = BTreeMap::new();
        let place = |of: &BTreeMap<usize, usize>, name: usize| of.get(&name).copied().unwrap_or(0);
        for (option, choice) in choices.iter().enumerate() {
            let key = (choice.application, choice.lots.as_slice());
            let application = *applications.entry(key).or_insert_with(|| {
                let number = model.applications.len();
                let its: Vec<_> = choice.lots.iter().map(|lot| place(&lots, *lot)).collect();
                for lot in &its {
                    push(&mut model.by_lot, *lot, number);
                }
                model.applications.push(Application {
                    lots: its,
                    options: Vec::new(),
                });
                number
            });
            if let Some(application) = model.applications.get_mut(application) {
                application.options.push(option);
            }
            let course = place(&courses, choice.course);
            push(&mut model.by_course, course, option);
            model.options.push(ModelOption {
                source: choice.source,
                application,
                course,
                gross: choice.gross,
                caps: choice.caps.iter().map(|cap| place(&caps, *cap)).collect(),
            });
        }
        model.group();
        model
    }

    /// Groups the lots by cap. Whatever counts against the cap uses a lot of its group; lots that
    /// merely stand beside those in an application are left out, so that groups of caps that share
    /// nothing share no lots either.
    fn group(&mut self) {
        let mut under: Vec<Vec<usize>> = vec![Vec::new(); self.rooms.len()];
        for option in &self.options {
            for cap in &option.caps {
                push(&mut under, *cap, option.application);
            }
        }
        let some = |lots: &Vec<usize>| lots.len() > 1 && lots.len() < self.by_lot.len();
        let hitting: Vec<Vec<usize>> = under.into_iter().map(|its| self.hitting(its)).collect();
        let groups: BTreeSet<&Vec<usize>> = hitting.iter().filter(|lots| some(lots)).collect();
        self.groups = groups.into_iter().cloned().collect();
        self.groups_of = vec![Vec::new(); self.by_lot.len()];
        for (group, lots) in self.groups.iter().enumerate() {
            for lot in lots {
                push(&mut self.groups_of, *lot, group);
            }
        }
        let caps = hitting.iter().enumerate().map(|(cap, lots)| {
            let group = self.groups.binary_search(lots).ok()?;
            Some((group, self.most_under(cap, lots)))
        });
        self.most_of = caps.collect();
    }

    /// The most that so many of these lots bring under a cap.
    fn most_under(&self, cap: usize, lots: &[usize]) -> Vec<i64> {
        let brings = |application: usize| {
            let options = self.options_of(application).iter();
            let options = options.filter_map(|place| self.options.get(*place));
            let counted = options.filter(|option| option.caps.contains(&cap));
            counted.fold(0_i64, |sum, option| sum.saturating_add(option.gross))
        };
        let mut most: Vec<i64> = lots
            .iter()
            .map(|lot| {
                let applications = row(&self.by_lot, *lot).iter();
                applications.map(|a| brings(*a)).max().unwrap_or(0)
            })
            .collect();
        most.sort_unstable_by_key(|most| std::cmp::Reverse(*most));
        let mut sum = 0_i64;
        for most in &mut most {
            sum = sum.saturating_add(*most);
            *most = sum;
        }
        most
    }

    /// A few lots of which each of these applications uses one: those that stand for nothing else
    /// first, then whatever is missing.
    fn hitting(&self, applications: Vec<usize>) -> Vec<usize> {
        let mine: BTreeSet<usize> = applications.into_iter().collect();
        let own = |lot: &usize| row(&self.by_lot, *lot).iter().all(|a| mine.contains(a));
        let mut hit: BTreeSet<usize> = (0..self.by_lot.len()).filter(own).collect();
        for application in &mine {
            let lots = self.lots_of(*application);
            if !lots.iter().any(|lot| hit.contains(lot)) {
                hit.extend(lots.first());
            }
        }
        hit.into_iter().collect()
    }

    /// Which lots amounts use.
    pub(super) fn used(&self, amounts: &[i64]) -> Vec<bool> {
        let mut used = vec![false; self.by_lot.len()];
        for (option, _) in granted(&self.options, amounts) {
            for lot in self.lots_of(option.application) {
                put(&mut used, *lot, true);
            }
        }
        used
    }

    /// The amounts by the caller's numbers, without those of nothing.
    pub(super) fn named(&self, amounts: &[i64]) -> Vec<(usize, i64)> {
        granted(&self.options, amounts)
            .map(|(option, amount)| (option.source, amount))
            .collect()
    }

    /// The lots of an application.
    pub(super) fn lots_of(&self, application: usize) -> &[usize] {
        self.applications
            .get(application)
            .map_or(&[], |application| application.lots.as_slice())
    }

    /// The options of an application.
    pub(super) fn options_of(&self, application: usize) -> &[usize] {
        self.applications
            .get(application)
            .map_or(&[], |application| application.options.as_slice())
    }

    /// The applications that cannot stand beside this one.
    pub(super) fn rivals(&self, application: usize) -> BTreeSet<usize> {
        self.lots_of(application)
            .iter()
            .flat_map(|lot| super::list::row(&self.by_lot, *lot))
            .copied()
            .filter(|rival| *rival != application)
            .collect()
    }
}

/// The options that are granted something.
fn granted<'a>(
    options: &'a [ModelOption],
    amounts: &'a [i64],
) -> impl Iterator<Item = (&'a ModelOption, i64)> {
    let all = options.iter().zip(amounts.iter().copied());
    all.filter(|(_, amount)| *amount > 0)
}

/// Dense numbers for names, in the order of the names.
fn places(names: impl Iterator<Item = usize>) -> BTreeMap<usize, usize> {
    let names: BTreeSet<usize> = names.collect();
    names.into_iter().zip(0..).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cap_that_cannot_be_reached_is_no_cap() {
        let choice = |source, lot: usize, course, gross| Choice {
            source,
            application: source,
            lots: vec![lot],
            course,
            gross,
            caps: vec![0],
        };
        let check = |room: i64, expected: &[usize]| {
            let mut part = Part {
                choices: vec![choice(0, 0, 0, 3), choice(1, 0, 1, 4), choice(2, 1, 1, 2)],
                rooms: vec![room],
            };
            part.tidy();
            assert_eq!(part.choices[0].caps, expected, "{room}");
        };
        // At most 4 from lot 0 and 2 from lot 1.
        check(6, &[]);
        check(5, &[0]);
    }
}
