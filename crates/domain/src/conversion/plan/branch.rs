//! Which question divides a node of the search, and into what.

use super::list::{at, put, row};
use super::lp::{BITS, ONE};
use super::model::Model;
use super::relax::{Point, SOME};
use super::search::{Node, Task};

/// A question that divides a node.
#[derive(Debug, Clone, Copy)]
enum Question {
    /// Is this application chosen?
    Application(usize),
    /// Does this option grant its course?
    Option(usize),
    /// Is this lot used?
    Lot(usize),
    /// Are more than so many lots of this group used?
    Group(usize, usize),
}

/// Divides a node by its most open question; `None` where all that is allowed fits together.
pub(super) fn branch(model: &Model, task: &Task, node: &Node, point: &Point) -> Option<[Node; 2]> {
    let open = |application: &usize| {
        let mut options = model.options_of(*application).iter();
        options.any(|option| at(&node.allowed, *option))
    };
    let mut best: Option<(i64, Question)> = None;
    let mut ask = |weight: i64, question: Question| {
        if best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, question));
        }
    };
    let share = |a: &usize| at(&point.applications, *a);
    for applications in &model.by_lot {
        let open = applications.iter().copied().filter(open);
        if let Some((first, second)) = two_largest(open, share) {
            ask(score(3, share(&second)), Question::Application(first));
        }
    }
    let share = |o: &usize| at(&point.options, *o);
    for options in &model.by_course {
        let open = options.iter().copied().filter(|o| at(&node.allowed, *o));
        if let Some((first, second)) = two_largest(open, share) {
            ask(score(3, share(&second)), Question::Option(first));
        }
    }
    let usable = |lot: &usize| row(&model.by_lot, *lot).iter().any(open);
    let undecided = |lot: &usize| !at(&node.forced, *lot) && usable(lot);
    let lots: Vec<usize> = (0..model.by_lot.len()).filter(undecided).collect();
    let forced = node.forced.iter().filter(|forced| **forced).count();
    if lots.len() + forced > task.count_max {
        for lot in lots {
            let used = at(&point.lots, lot);
            let broken = used.min(ONE.saturating_sub(used));
            ask(score(1, broken), Question::Lot(lot));
        }
        for (group, lots) in model.groups.iter().enumerate() {
            let used = used_of(lots, point);
            if let Some(question) = count_question(model, point, group) {
                let broken = used & (ONE - 1);
                ask(score(4, broken.min(ONE - broken)), question);
            }
        }
    }
    best.map(|(_, question)| divide(model, node, question))
}

/// How many lots of a group the relaxation uses.
fn used_of(group: &[usize], point: &Point) -> i64 {
    let used = group.iter().map(|lot| at(&point.lots, *lot));
    used.fold(0, i64::saturating_add)
}

/// Asks for the count of a group, where the relaxation gives no whole number.
fn count_question(model: &Model, point: &Point, group: usize) -> Option<Question> {
    if point.prices.groups.is_empty() {
        return None;
    }
    let used = used_of(row(&model.groups, group), point);
    let broken = used & (ONE - 1);
    let count = usize::try_from(used >> BITS).ok()?;
    (broken.min(ONE - broken) >= SOME).then_some(Question::Group(group, count))
}

/// Questions on which the relaxation is undecided come first, by rank and then by how undecided.
fn score(rank: i64, share: i64) -> i64 {
    if share < SOME {
        0
    } else {
        rank.saturating_mul(ONE << 2).saturating_add(share)
    }
}

/// The two with the largest shares, the first of equals first.
fn two_largest(
    all: impl Iterator<Item = usize>,
    share: impl Fn(&usize) -> i64,
) -> Option<(usize, usize)> {
    let mut first: Option<usize> = None;
    let mut second: Option<usize> = None;
    for one in all {
        if first.is_none_or(|f| share(&one) > share(&f)) {
            second = first;
            first = Some(one);
        } else if second.is_none_or(|s| share(&one) > share(&s)) {
            second = Some(one);
        }
    }
    first.zip(second)
}

/// The two answers: yes, then no.
fn divide(model: &Model, node: &Node, question: Question) -> [Node; 2] {
    let (mut yes, mut no) = (node.clone(), node.clone());
    match question {
        Question::Application(application) => {
            for rival in model.rivals(application) {
                forbid_application(model, &mut yes, rival);
            }
            for lot in model.lots_of(application) {
                put(&mut yes.forced, *lot, true);
            }
            forbid_application(model, &mut no, application);
        }
        Question::Option(option) => {
            let course = model.options.get(option).map_or(0, |o| o.course);
            for other in row(&model.by_course, course) {
                put(
                    &mut yes.allowed,
                    *other,
                    *other == option && at(&node.allowed, option),
                );
            }
            put(&mut no.allowed, option, false);
        }
        Question::Group(group, count) => {
            let (least, most) = at(&node.counts, group);
            put(&mut yes.counts, group, (least.max(count + 1), most));
            put(&mut no.counts, group, (least, most.min(count)));
        }
        Question::Lot(lot) => {
            put(&mut yes.forced, lot, true);
            forbid_lot(model, &mut no, lot);
        }
    }
    [yes, no]
}

pub(super) fn forbid_application(model: &Model, node: &mut Node, application: usize) {
    for option in model.options_of(application) {
        put(&mut node.allowed, *option, false);
    }
}

/// Forbids everything that uses a lot.
pub(super) fn forbid_lot(model: &Model, node: &mut Node, lot: usize) {
    for application in row(&model.by_lot, lot) {
        forbid_application(model, node, *application);
    }
}

/// Grants an option in full, and forbids everything that cannot stand beside it.
pub(super) fn grant_in_full(model: &Model, node: &mut Node, place: usize) {
    let Some(option) = model.options.get(place) else {
        return;
    };
    for rival in model.rivals(option.application) {
        forbid_application(model, node, rival);
    }
    for other in row(&model.by_course, option.course) {
        if *other != place {
            put(&mut node.allowed, *other, false);
        }
    }
    put(&mut node.full, place, true);
}
