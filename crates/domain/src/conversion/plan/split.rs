//! Reads the caller's problem and takes it apart into parts that share no lot, course or cap.

use std::collections::BTreeMap;

use super::model::{Choice, Part};
use super::{PlanOption, PlanProblem};

/// Amounts are read up to this many hundredths.
const AMOUNT_MAX: i64 = 10_000_000_000;

/// The parts of a problem; each can be planned by itself, since totals and counts of lots add up.
pub(super) fn parts(problem: &PlanProblem) -> Vec<Part> {
    let options = problem.options.iter().enumerate();
    let mut choices: Vec<Choice> = options
        .filter(|(_, option)| stands(problem, option))
        .map(|(source, option)| choice(source, option))
        .collect();
    choices.sort_by(|a, b| {
        let key = |choice: &Choice| (choice.course, choice.source);
        a.lots.cmp(&b.lots).then_with(|| key(a).cmp(&key(b)))
    });
    let rooms = problem.room.iter().map(|room| room.get().min(AMOUNT_MAX));
    let mut whole = Part {
        choices,
        rooms: rooms.collect(),
    };
    whole.tidy();
    separate(whole)
}

fn stands(problem: &PlanProblem, option: &PlanOption) -> bool {
    option.course < problem.course_count
        && option.lots.iter().all(|lot| *lot < problem.lot_count)
        && option.caps.iter().all(|cap| *cap < problem.room.len())
}

fn choice(source: usize, option: &PlanOption) -> Choice {
    Choice {
        source,
        application: option.application,
        lots: ascending(&option.lots),
        course: option.course,
        gross: option.gross.get().min(AMOUNT_MAX),
        caps: ascending(&option.caps),
    }
}

fn ascending(places: &[usize]) -> Vec<usize> {
    let mut places = places.to_vec();
    places.sort_unstable();
    places.dedup();
    places
}

/// What ties two options together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tie {
    Lot(usize),
    Course(usize),
    Cap(usize),
    Application(usize),
}

fn ties(choice: &Choice) -> impl Iterator<Item = Tie> {
    let lots = choice.lots.iter().copied().map(Tie::Lot);
    let caps = choice.caps.iter().copied().map(Tie::Cap);
    let others = [
        Tie::Course(choice.course),
        Tie::Application(choice.application),
    ];
    lots.chain(caps).chain(others)
}

/// Groups the choices that are tied together, in the order of their first choice.
fn separate(whole: Part) -> Vec<Part> {
    let mut group_of: BTreeMap<Tie, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<Tie>> = Vec::new();
    for choice in &whole.choices {
        let mine: Vec<Tie> = ties(choice).collect();
        let mut joined: Vec<usize> = mine
            .iter()
            .filter_map(|t| group_of.get(t))
            .copied()
            .collect();
        joined.sort_unstable();
        joined.dedup();
        let home = joined.first().copied().unwrap_or(groups.len());
        if home == groups.len() {
            groups.push(Vec::new());
        }
        let mut moved = mine;
        for other in joined.into_iter().skip(1) {
            moved.extend(
                groups
                    .get_mut(other)
                    .map(std::mem::take)
                    .unwrap_or_default(),
            );
        }
        for tie in moved {
            group_of.insert(tie, home);
            super::list::push(&mut groups, home, tie);
        }
    }
    let mut parts: BTreeMap<usize, Part> = BTreeMap::new();
    for choice in whole.choices {
        let home = group_of.get(&Tie::Course(choice.course));
        let part = parts.entry(home.copied().unwrap_or(0)).or_default();
        part.choices.push(choice);
    }
    let mut parts: Vec<Part> = parts.into_values().collect();
    for part in &mut parts {
        part.rooms.clone_from(&whole.rooms);
    }
    parts
}
