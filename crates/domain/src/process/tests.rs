use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::calendar::parse_day;

const APPLICANT: Hand = hand(1);

const fn hand(number: u128) -> Hand {
    Hand(Uuid::from_u128(number))
}

fn day(text: &str) -> NaiveDate {
    parse_day(text).unwrap()
}

fn stage(party: Party, approvals: u16, working_days: u32) -> Stage {
    Stage {
        name_zh: "环节".to_owned(),
        name_en: "stage".to_owned(),
        party,
        approvals,
        working_days,
    }
}

/// The bank's check, an office of two, a leader.
fn chain() -> Chain {
    let stages = vec![
        stage(Party::Bank, 1, 5),
        stage(Party::Receiving, 2, 15),
        stage(Party::Receiving, 1, 3),
    ];
    Chain::new(stages, 10).unwrap()
}

/// Sent on a Monday.
fn sent() -> Process {
    Process::sent(chain(), day("2026-11-02"), vec![APPLICANT])
}

fn step(kind: StepKind, party: Party, hands: &[Hand], on: &str) -> Step {
    Step {
        kind,
        party,
        hands: hands.to_vec(),
        on: day(on),
    }
}

fn says(verdict: Verdict) -> StepKind {
    StepKind::Said(Said::Verdict(verdict))
}

fn approved(by: u128, on: &str) -> Step {
    step(says(Verdict::Approve), Party::Receiving, &[hand(by)], on)
}

fn checked(on: &str) -> Step {
    step(says(Verdict::Approve), Party::Bank, &[], on)
}

#[test]
fn three_stages_are_walked_in_their_order_and_the_last_decides() {
    let calendar = WorkCalendar::default();
    let mut process = sent();
    assert_eq!(process.due_on(&calendar), Some(day("2026-11-09")));
    let mut take = |step: &Step| process.take(&calendar, step);
    let early = take(&approved(2, "2026-11-02"));
    assert_eq!(early, Err(StepRefused::NotThisStage(Party::Bank)));
    assert_eq!(take(&checked("2026-11-03")), Ok(Progress::Open));
    assert_eq!(take(&approved(2, "2026-11-04")), Ok(Progress::Open));
    assert_eq!(
        take(&approved(2, "2026-11-04")),
        Err(StepRefused::SpokeAlready)
    );
    assert_eq!(take(&approved(1, "2026-11-04")), Err(StepRefused::Barred));
    assert_eq!(take(&approved(3, "2026-11-05")), Ok(Progress::Open));
    // Who spoke at the office is not the leader, nor is whoever stands in for one of them.
    assert_eq!(
        take(&approved(3, "2026-11-05")),
        Err(StepRefused::SpokeAlready)
    );
    let stands_in = step(
        says(Verdict::Approve),
        Party::Receiving,
        &[hand(9), hand(2)],
        "2026-11-05",
    );
    assert_eq!(take(&stands_in), Err(StepRefused::SpokeAlready));
    let decided = take(&approved(4, "2026-11-05"));
    assert_eq!(decided, Ok(Progress::Decided(Verdict::Approve)));
    assert_eq!(take(&approved(5, "2026-11-06")), Err(StepRefused::Ended));
    assert_eq!((process.turn(), process.steps()), (Turn::Nobody, 4));
}

#[test]
fn a_question_stops_the_clock_and_what_was_said_before_the_answer_is_said_again() {
    let calendar = WorkCalendar::default();
    let mut process = sent();
    let asked = |by, on| step(StepKind::Said(Said::Ask), Party::Receiving, &[hand(by)], on);
    let answered = step(
        StepKind::Answered,
        Party::Receiving,
        &[APPLICANT],
        "2026-11-20",
    );
    process.take(&calendar, &checked("2026-11-03")).unwrap();
    process.take(&calendar, &approved(2, "2026-11-04")).unwrap();
    assert_eq!(
        process.take(&calendar, &answered),
        Err(StepRefused::NothingAsked)
    );
    process.take(&calendar, &asked(3, "2026-11-05")).unwrap();
    assert_eq!(
        (process.turn(), process.due_on(&calendar)),
        (Turn::Applicant, None)
    );
    let waits = process.take(&calendar, &approved(4, "2026-11-06"));
    assert_eq!(waits, Err(StepRefused::ApplicantsTurn));
    process.take(&calendar, &answered).unwrap();
    // Two of fifteen working days were used before the question.
    assert_eq!(process.due_on(&calendar), Some(day("2026-12-09")));
    assert_eq!(process.approvals_left(), 2);
    process.take(&calendar, &approved(2, "2026-11-23")).unwrap();
    process.take(&calendar, &approved(3, "2026-11-23")).unwrap();
    assert_eq!(process.stage().working_days, 3);
}

/// A stand-in is one voice, and neither of the two is heard again.
#[test]
fn whoever_stands_in_counts_once_and_for_both() {
    let calendar = WorkCalendar::default();
    let mut process = sent();
    process.take(&calendar, &checked("2026-11-03")).unwrap();
    let by = |hands: &[Hand]| {
        step(
            says(Verdict::Approve),
            Party::Receiving,
            hands,
            "2026-11-04",
        )
    };
    process.take(&calendar, &by(&[hand(2), hand(3)])).unwrap();
    assert_eq!(process.approvals_left(), 1);
    for again in [hand(2), hand(3)] {
        let refused = process.take(&calendar, &by(&[again]));
        assert_eq!(refused, Err(StepRefused::SpokeAlready));
    }
    let nobody = process.take(&calendar, &by(&[]));
    assert_eq!(nobody, Err(StepRefused::NobodyNamed));
}

#[test]
fn the_bank_refuses_nothing_and_a_quorum_refuses_as_it_approves() {
    let calendar = WorkCalendar::default();
    let mut process = sent();
    let refused = |party, by| step(says(Verdict::Refuse), party, &[hand(by)], "2026-11-03");
    let bank = process.take(&calendar, &refused(Party::Bank, 7));
    assert_eq!(bank, Err(StepRefused::BankRefusesNothing));
    process.take(&calendar, &checked("2026-11-03")).unwrap();
    let mut take = |step: &Step| process.take(&calendar, step).unwrap();
    assert_eq!(take(&refused(Party::Receiving, 2)), Progress::Open);
    assert_eq!(take(&approved(3, "2026-11-03")), Progress::Open);
    let second = take(&refused(Party::Receiving, 4));
    assert_eq!(second, Progress::Decided(Verdict::Refuse));
}

#[test]
fn stages_that_nobody_could_walk_are_no_chain() {
    use Party::{Bank, Receiving};
    let check = |stages: Vec<Stage>, answer_days, wrong| {
        assert_eq!(Chain::new(stages, answer_days), Err(wrong));
    };
    check(vec![], 10, ChainError::Stages);
    check(vec![stage(Receiving, 1, 1); 10], 10, ChainError::Stages);
    check(vec![stage(Bank, 1, 5)], 10, ChainError::Order);
    check(
        vec![
            stage(Receiving, 1, 5),
            stage(Bank, 1, 5),
            stage(Receiving, 1, 5),
        ],
        10,
        ChainError::Order,
    );
    check(vec![stage(Receiving, 0, 5)], 10, ChainError::Approvals);
    check(vec![stage(Receiving, 100, 5)], 10, ChainError::Approvals);
    check(vec![stage(Receiving, 1, 0)], 10, ChainError::Days);
    check(vec![stage(Receiving, 1, 251)], 10, ChainError::Days);
    check(vec![stage(Receiving, 1, 5)], 0, ChainError::Days);
    assert!(Chain::new(vec![stage(Receiving, 99, 250); 9], 250).is_ok());
    let usual = Chain::usual();
    assert_eq!(Chain::new(usual.stages().cloned().collect(), 10), Ok(usual));
}

#[test]
fn the_end_leaves_time_for_every_stage_and_an_answer_at_each() {
    let calendar = WorkCalendar::default();
    let today = day("2026-11-02");
    let all = 5 + 15 + 3 + 3 * 10;
    assert_eq!(sent().ends_on(&calendar, today), calendar.after(today, all));
    let mut process = sent();
    process.take(&calendar, &checked("2026-11-02")).unwrap();
    assert_eq!(
        process.ends_on(&calendar, today),
        calendar.after(today, 15 + 3 + 2 * 10)
    );
}

#[test]
fn every_kind_of_step_is_found_by_its_name() {
    for (kind, name) in StepKind::NAMES {
        assert_eq!((kind.as_str(), StepKind::named(name)), (name, Some(kind)));
    }
    assert_eq!(StepKind::named("decided"), None);
}

fn any_step() -> impl Strategy<Value = Step> {
    // Weighted so that many stories come to a decision.
    let kinds = prop_oneof![
        30 => Just(says(Verdict::Approve)),
        5 => Just(says(Verdict::Refuse)),
        3 => Just(StepKind::Said(Said::Ask)),
        9 => Just(StepKind::Answered),
        1 => Just(StepKind::Withdrawn),
        1 => Just(StepKind::Lapsed),
    ];
    let party = prop::sample::select(Party::ALL.to_vec());
    (
        kinds,
        party,
        prop::collection::vec(1_u128..8, 0..3),
        0_u64..40,
    )
        .prop_map(|(kind, party, hands, later)| Step {
            kind,
            party,
            hands: hands.into_iter().map(hand).collect(),
            on: day("2026-11-02") + chrono::Days::new(later),
        })
}

proptest! {
    /// Whatever is tried in whatever order: only what the chain asks for grants something.
    #[test]
    fn nothing_is_granted_without_every_stage_and_different_people(
        steps in prop::collection::vec(any_step(), 0..60)
    ) {
        let calendar = WorkCalendar::default();
        let mut process = sent();
        let mut taken: Vec<Step> = Vec::new();
        let mut end = None;
        for step in &steps {
            let before = process.clone();
            match process.take(&calendar, step) {
                Ok(progress) => {
                    prop_assert_eq!(end, None);
                    end = Some(progress).filter(|it| *it != Progress::Open);
                    taken.push(step.clone());
                }
                Err(_) => prop_assert_eq!(&process, &before),
            }
        }
        prop_assert_eq!(&sent().replayed(&calendar, &taken).unwrap(), &process);
        let Some(Progress::Decided(verdict)) = end else { return Ok(()); };
        let verdicts = taken.iter().filter(|step| step.kind == says(verdict));
        let speakers: Vec<&Vec<Hand>> = verdicts.map(|step| &step.hands).collect();
        prop_assert!(speakers.iter().all(|hands| !hands.contains(&APPLICANT)));
        if verdict == Verdict::Approve {
            // The bank, two of the office and a leader, and nobody of these twice.
            let receiving = |step: &&Step| step.party == Party::Receiving;
            let last = taken.iter().rev().filter(receiving).filter(|it| it.kind == says(verdict));
            let people: Vec<&Vec<Hand>> = last.take(3).map(|step| &step.hands).collect();
            prop_assert_eq!(people.len(), 3);
            for (at, hands) in people.iter().enumerate() {
                let others = people.iter().skip(at + 1);
                prop_assert!(!hands.is_empty());
                prop_assert!(others.clone().all(|other| hands.iter().all(|it| !other.contains(it))));
            }
            let checked = |step: &Step| step.party == Party::Bank && step.kind == says(verdict);
            prop_assert!(taken.iter().any(checked));
        }
    }
}
