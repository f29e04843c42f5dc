//! What can happen, at random. Numbers count back from what was there last, wrapping around, so that
//! any operation means something after any other, most of them concern what happened just before,
//! and a failing story stays one while it shrinks.

use std::fmt;

use creditbank_domain::grade::Attempt;
use kit::{RECEIVING, SCHOOL, UNIVERSITY};
use proptest::prelude::*;
use proptest::sample::select;

use super::world::{ENTRIES, WAYS, decimal};

/// One step.
#[derive(Debug, Clone)]
pub(crate) enum Operation {
    /// A new report, of an entry of the institution's own or, rarely, of another's.
    Post {
        entry: usize,
        by: Option<&'static str>,
        learner: usize,
        score: i64,
        attempt: Attempt,
        days_ago: i64,
        stated: i64,
    },
    /// A report once more, as it was sent first or as it stands now, with a change or without.
    Replay {
        source: usize,
        as_it_stands: bool,
        change: Option<Change>,
    },
    /// A correction, or a withdrawal where nothing is said to be otherwise.
    Correct {
        source: usize,
        by_another: bool,
        change: Option<Change>,
    },
    Undo {
        correction: usize,
    },
    Ask {
        way: usize,
        learner: usize,
    },
    Decide {
        request: usize,
        refuse: bool,
    },
    ReverseConversion {
        request: usize,
    },
    Hold {
        lot: usize,
        by_another: bool,
        amount: i64,
    },
    Settle {
        hold: usize,
        amount: i64,
    },
    Release {
        hold: usize,
    },
    ReverseHold {
        hold: usize,
    },
    /// Two accounts turn out to be one person's.
    Merge {
        survivor: usize,
        absorbed: usize,
    },
    /// They did not.
    Unmerge {
        merge: usize,
    },
    Expire,
    KeepHouse,
    WaitTwoHours,
    WaitDays(i64),
}

/// What is otherwise in a report.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change {
    Score(i64),
    Attempt(Attempt),
    DaysAgo(i64),
    Stated(i64),
    Learner(usize),
}

/// How many entries a story is about.
pub(crate) const THEME: usize = 4;

/// How many accounts a story has: few, so that they meet; three, so that one that is merged already
/// can be merged with another.
pub(crate) const LEARNERS: usize = 3;

fn score() -> impl Strategy<Value = i64> {
    prop_oneof![
        3 => select(vec![7_000, 8_550, 10_000]),
        2 => select(vec![4_000, 5_999, 6_000, 6_500]),
    ]
}

fn attempt() -> impl Strategy<Value = Attempt> {
    prop_oneof![3 => Just(Attempt::First), 1 => Just(Attempt::Resit)]
}

/// Mostly within the last two years; sometimes tomorrow, or before any catalogue.
fn days_ago() -> impl Strategy<Value = i64> {
    prop_oneof![30 => 0..500_i64, 1 => Just(-1), 1 => Just(40_000)]
}

fn stated() -> impl Strategy<Value = i64> {
    prop_oneof![8 => 1..=800_i64, 1 => Just(0), 1 => Just(801)]
}

fn learner() -> impl Strategy<Value = usize> {
    prop_oneof![3 => Just(0), 2 => 0..LEARNERS]
}

fn nth() -> impl Strategy<Value = usize> {
    prop_oneof![4 => Just(0), 2 => Just(1), 2 => 0..12_usize]
}

fn rarely() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.05)
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => score().prop_map(Change::Score),
        1 => attempt().prop_map(Change::Attempt),
        2 => days_ago().prop_map(Change::DaysAgo),
        2 => stated().prop_map(Change::Stated),
        2 => (0..LEARNERS).prop_map(Change::Learner),
    ]
}

fn post() -> impl Strategy<Value = Operation> {
    let by = prop_oneof![
        30 => Just(None),
        1 => select(vec![UNIVERSITY, RECEIVING, SCHOOL]).prop_map(Some),
    ];
    let parts = (
        0..THEME,
        by,
        learner(),
        score(),
        attempt(),
        days_ago(),
        stated(),
    );
    parts.prop_map(
        |(entry, by, learner, score, attempt, days_ago, stated)| Operation::Post {
            entry,
            by,
            learner,
            score,
            attempt,
            days_ago,
            stated,
        },
    )
}

fn posting() -> impl Strategy<Value = Operation> {
    let replay = (nth(), any::<bool>(), prop::option::of(change()));
    prop_oneof![
        5 => post(),
        1 => replay.prop_map(|(source, as_it_stands, change)| Operation::Replay {
            source,
            as_it_stands,
            change,
        }),
    ]
}

fn correcting() -> impl Strategy<Value = Operation> {
    let correct = |(source, by_another, change)| Operation::Correct {
        source,
        by_another,
        change,
    };
    prop_oneof![
        3 => (nth(), rarely(), change().prop_map(Some)).prop_map(correct),
        2 => (nth(), rarely(), Just(None)).prop_map(correct),
        2 => nth().prop_map(|correction| Operation::Undo { correction }),
    ]
}

fn converting() -> impl Strategy<Value = Operation> {
    let ask = (prop_oneof![2 => Just(0), 1 => 0..WAYS.len()], learner());
    let decide = (nth(), prop::bool::weighted(0.1));
    prop_oneof![
        3 => ask.prop_map(|(way, learner)| Operation::Ask { way, learner }),
        3 => decide.prop_map(|(request, refuse)| Operation::Decide { request, refuse }),
        1 => nth().prop_map(|request| Operation::ReverseConversion { request }),
    ]
}

fn holding() -> impl Strategy<Value = Operation> {
    let amount = || prop_oneof![10 => 1..=300_i64, 1 => Just(0), 1 => Just(700)];
    prop_oneof![
        3 => (nth(), rarely(), amount()).prop_map(|(lot, by_another, amount)| Operation::Hold {
            lot,
            by_another,
            amount,
        }),
        3 => (nth(), amount()).prop_map(|(hold, amount)| Operation::Settle { hold, amount }),
        1 => nth().prop_map(|hold| Operation::Release { hold }),
        2 => nth().prop_map(|hold| Operation::ReverseHold { hold }),
    ]
}

fn merging() -> impl Strategy<Value = Operation> {
    let merge = |(survivor, absorbed)| Operation::Merge { survivor, absorbed };
    prop_oneof![
        3 => (0..LEARNERS, 0..LEARNERS).prop_map(merge),
        2 => nth().prop_map(|merge| Operation::Unmerge { merge }),
    ]
}

fn passing() -> impl Strategy<Value = Operation> {
    prop_oneof![
        2 => Just(Operation::Expire),
        2 => Just(Operation::KeepHouse),
        1 => Just(Operation::WaitTwoHours),
        2 => select(vec![1, 30, 61, 200]).prop_map(Operation::WaitDays),
    ]
}

/// A story of up to so many steps, about a few entries, with a leaning towards some operations.
pub(crate) fn story(steps: usize) -> impl Strategy<Value = Story> {
    let leaning = |[post, correct, convert, hold, merge, pass]: [u32; 6]| {
        let operation = prop_oneof![
            post => posting(),
            correct => correcting(),
            convert => converting(),
            hold => holding(),
            merge => merging(),
            pass => passing(),
        ];
        prop::collection::vec(operation, 1..=steps)
    };
    let operations = prop_oneof![
        leaning([5, 4, 6, 4, 1, 3]),
        leaning([3, 8, 3, 1, 1, 1]),
        leaning([3, 4, 9, 1, 1, 2]),
        leaning([2, 2, 1, 9, 1, 2]),
        leaning([5, 5, 5, 1, 5, 1]),
    ];
    // Half of what a story is about can be converted.
    let theme = (0..4_usize, 5..8_usize, 0..ENTRIES.len(), 0..ENTRIES.len());
    let theme = theme.prop_map(|(a, b, c, d)| vec![a, b, c, d]);
    let beginning = prop::collection::vec(post(), 0..=4);
    (theme, beginning, operations).prop_map(|(theme, beginning, operations)| Story {
        theme,
        operations: [beginning, operations].concat(),
    })
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Score(score) => write!(f, "grade {}", decimal(*score)),
            Self::Attempt(attempt) => write!(f, "attempt {attempt}"),
            Self::DaysAgo(days) => write!(f, "{days} days ago"),
            Self::Stated(amount) => write!(f, "stated {}", decimal(*amount)),
            Self::Learner(learner) => write!(f, "learner L{learner}"),
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = |change: &Option<Change>| {
            change.map_or_else(|| "nothing".to_owned(), |change| change.to_string())
        };
        match self {
            Self::Post {
                entry,
                by,
                learner,
                score,
                attempt,
                days_ago,
                stated,
            } => {
                let by = by.unwrap_or("its owner");
                let (score, stated) = (decimal(*score), decimal(*stated));
                write!(
                    f,
                    "{by} posts entry {entry} for L{learner}: grade {score}, {attempt}, \
                     {days_ago} days ago, stating {stated} if anything"
                )
            }
            Self::Replay {
                source,
                as_it_stands,
                change,
            } => {
                let form = if *as_it_stands { "stands" } else { "was sent" };
                let change = said(change);
                write!(f, "source {source} again as it {form}, changing {change}")
            }
            Self::Correct {
                source,
                by_another,
                change,
            } => {
                let by = if *by_another { " by another" } else { "" };
                match change {
                    Some(change) => write!(f, "source {source} corrected{by}: {change}"),
                    None => write!(f, "source {source} withdrawn{by}"),
                }
            }
            Self::Undo { correction } => write!(f, "correction {correction} undone"),
            Self::Ask { way, learner } => {
                write!(
                    f,
                    "{} asks {} for L{learner}",
                    WAYS[*way].asks, WAYS[*way].grants
                )
            }
            Self::Decide { request, refuse } => {
                let how = if *refuse {
                    "refused"
                } else {
                    "decided by the rules"
                };
                write!(f, "request {request} {how}")
            }
            Self::ReverseConversion { request } => write!(f, "conversion {request} reversed"),
            Self::Hold {
                lot,
                by_another,
                amount,
            } => {
                let by = if *by_another { " by another" } else { "" };
                write!(f, "{} of lot {lot} held{by}", decimal(*amount))
            }
            Self::Settle { hold, amount } => {
                write!(f, "{} of hold {hold} settled", decimal(*amount))
            }
            Self::Release { hold } => write!(f, "hold {hold} released"),
            Self::ReverseHold { hold } => write!(f, "hold {hold} reversed"),
            Self::Merge { survivor, absorbed } => write!(f, "L{absorbed} merged into L{survivor}"),
            Self::Unmerge { merge } => write!(f, "merge {merge} taken back"),
            Self::Expire => f.write_str("lots expire"),
            Self::KeepHouse => f.write_str("house is kept"),
            Self::WaitTwoHours => f.write_str("two hours pass"),
            Self::WaitDays(days) => write!(f, "{days} days pass"),
        }
    }
}

/// What happened, a line each.
#[derive(Clone)]
pub(crate) struct Story {
    /// What is learned in it: places in [`ENTRIES`].
    pub(crate) theme: Vec<usize>,
    pub(crate) operations: Vec<Operation>,
}

impl fmt::Debug for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let theme = self.theme.iter().map(|entry| ENTRIES[*entry].code);
        writeln!(f, "about {}", theme.collect::<Vec<_>>().join(", "))?;
        for (number, operation) in (1..).zip(&self.operations) {
            writeln!(f, "{number:3}. {operation}")?;
        }
        Ok(())
    }
}
