//! Random histories of a few learners: postings, conversions, merges and separations in any order.
//! Whatever happens, each learner's accounts together have what was recorded under them.

use std::collections::BTreeMap;

use creditbank_domain::correction::Change;
use creditbank_domain::ids::{CohortId, RequestId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{DecisionOrder, PostAnswer};
use creditbank_ledger::reads::MergeView;
use kit::{SCHOOL, TestBank, outcome};
use proptest::prelude::*;

const LEARNERS: usize = 4;
const CERTIFICATES: [&str; 5] = ["CERT-A", "CERT-B", "CERT-C", "CERT-D", "CERT-LOW"];

#[derive(Debug, Clone)]
enum Step {
    Post { learner: usize, certificate: usize },
    Request { learner: usize },
    Decide { refuse: bool },
    Merge { survivor: usize, absorbed: usize },
    Unmerge { which: usize },
    Correct { which: usize, grade: u8 },
    Withdraw { which: usize },
    Reverse { which: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let learner = 0..LEARNERS;
    prop_oneof![
        4 => (learner.clone(), 0..CERTIFICATES.len())
            .prop_map(|(learner, certificate)| Step::Post { learner, certificate }),
        3 => learner.clone().prop_map(|learner| Step::Request { learner }),
        3 => any::<bool>().prop_map(|refuse| Step::Decide { refuse }),
        3 => (learner.clone(), learner)
            .prop_map(|(survivor, absorbed)| Step::Merge { survivor, absorbed }),
        2 => (0..8_usize).prop_map(|which| Step::Unmerge { which }),
        2 => (0..16_usize, 60..100_u8).prop_map(|(which, grade)| Step::Correct { which, grade }),
        1 => (0..16_usize).prop_map(|which| Step::Withdraw { which }),
        1 => (0..8_usize).prop_map(|which| Step::Reverse { which }),
    ]
}

/// Who is shown as whom.
#[derive(Default)]
struct Model {
    shown_as: BTreeMap<usize, usize>,
    merges: Vec<(MergeView, usize)>,
    open: Vec<CohortId>,
    requests: Vec<RequestId>,
    sources: Vec<String>,
}

impl Model {
    fn survivor(&self, learner: usize) -> usize {
        self.shown_as.get(&learner).copied().unwrap_or(learner)
    }

    fn may_merge(&self, survivor: usize, absorbed: usize) -> bool {
        survivor != absorbed
            && self.survivor(survivor) == survivor
            && self.survivor(absorbed) == absorbed
            && !self.shown_as.values().any(|it| *it == absorbed)
    }
}

/// Available, held and used hundredths of credit of every account, straight from its own lots.
fn recorded(bank: &TestBank, numbers: &[LearnerNo]) -> Vec<[i64; 3]> {
    let sums = "select l.learner_no || ' ' || coalesce(sum(available), 0) || ' ' \
                    || coalesce(sum(held), 0) || ' ' || coalesce(sum(used), 0) \
                from learners l left join lots using (learner_id) group by l.learner_no";
    let rows = bank.database().sql(sums).unwrap();
    let rows: BTreeMap<&str, [i64; 3]> = rows
        .lines()
        .filter_map(|row| {
            let mut cells = row.split_whitespace();
            let number = cells.next()?;
            Some((
                number,
                [(); 3].map(|()| cells.next().unwrap().parse().unwrap()),
            ))
        })
        .collect();
    numbers.iter().map(|number| rows[number.as_str()]).collect()
}

fn check(bank: &TestBank, numbers: &[LearnerNo], model: &Model) {
    let recorded = recorded(bank, numbers);
    for (learner, number) in numbers.iter().enumerate() {
        let survivor = model.survivor(learner);
        let mut expected = [0; 3];
        for member in (0..LEARNERS).filter(|it| model.survivor(*it) == survivor) {
            for (sum, part) in expected.iter_mut().zip(recorded[member]) {
                *sum += part;
            }
        }
        let balance = bank.balance(*number, creditbank_domain::amount::Unit::Credit);
        let shown = [balance.available, balance.held, balance.used].map(|it| it.get());
        assert_eq!(shown, expected, "learner {learner} shown as {survivor}");
        // The movements add up to the same.
        let mut moved = [0; 3];
        for movement in bank.movements(*number) {
            for (sum, account) in moved.iter_mut().zip(["available", "held", "used"]) {
                *sum += i64::from(movement.to_account == account) * movement.amount.get();
                *sum -= i64::from(movement.from_account == account) * movement.amount.get();
            }
        }
        assert_eq!(moved, expected, "movements of learner {learner}");
    }
}

/// A change that the books may refuse, if by one of these codes.
fn may_refuse<T: std::fmt::Debug>(result: Result<T, LedgerError>, codes: &[&str]) {
    match result {
        Ok(_) => {}
        Err(LedgerError::Conflict(fault) | LedgerError::Refused(fault)) => {
            assert!(codes.contains(&fault.code), "{fault}");
        }
        Err(other) => panic!("{other:?}"),
    }
}

fn take(bank: &TestBank, numbers: &[LearnerNo], model: &mut Model, at: usize, step: &Step) {
    match step {
        Step::Post {
            learner,
            certificate,
        } => {
            let source = format!("step-{at}");
            let report = outcome(CERTIFICATES[*certificate])
                .student(&format!("S{learner}"))
                .source(&source);
            model.sources.push(source);
            let answer = bank.try_post(SCHOOL, &[report.build()]).unwrap().remove(0);
            let PostAnswer::Posted(posted) = answer else {
                panic!("{answer:?}")
            };
            assert_eq!(posted.learner_no, numbers[model.survivor(*learner)]);
        }
        Step::Request { learner } => {
            let cohort = bank.request(&[numbers[*learner]]);
            let request = cohort.requests.first().map(|request| request.request_id);
            model.open.extend(request.map(|_| cohort.cohort_id));
            model.requests.extend(request);
        }
        Step::Decide { refuse } => {
            let Some(cohort) = model.open.pop() else {
                return;
            };
            let order = match refuse {
                true => DecisionOrder::Refuse {
                    text: "不符".to_owned(),
                },
                false => DecisionOrder::AsTheRulesSay,
            };
            bank.try_decide(cohort, &order).unwrap();
        }
        Step::Merge { survivor, absorbed } => {
            let merged = bank.try_merge(numbers[*survivor], numbers[*absorbed]);
            assert_eq!(
                merged.is_ok(),
                model.may_merge(*survivor, *absorbed),
                "{merged:?}"
            );
            if let Ok(merge) = merged {
                model.shown_as.insert(*absorbed, *survivor);
                model.merges.push((merge, *absorbed));
            }
        }
        Step::Unmerge { which } => {
            let Some((merge, absorbed)) = model.merges.get(*which) else {
                return;
            };
            let before = bank.merge_now(merge.merge_id).unmerged.is_some();
            match bank.try_unmerge(merge.merge_id) {
                Ok(_) => {
                    assert!(!before);
                    model.shown_as.remove(absorbed);
                }
                Err(LedgerError::Conflict(fault)) => {
                    assert!(before && fault.code == "ALREADY_UNMERGED");
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        Step::Correct { which, grade } => {
            if let Some(source) = model.sources.get(*which) {
                let to = Change::Correct(kit::grade(&grade.to_string()));
                let refused = ["NOTHING_TO_CORRECT", "ALREADY_WITHDRAWN"];
                may_refuse(bank.try_change(SCHOOL, source, to), &refused);
            }
        }
        Step::Withdraw { which } => {
            if let Some(source) = model.sources.get(*which) {
                let refused = ["ALREADY_WITHDRAWN"];
                may_refuse(bank.try_change(SCHOOL, source, Change::Withdraw), &refused);
            }
        }
        Step::Reverse { which } => {
            if let Some(request) = model.requests.get(*which) {
                let refused = ["NOTHING_GRANTED", "ALREADY_REVERSED"];
                may_refuse(bank.try_reverse(*request), &refused);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, max_shrink_iters: 40, ..Default::default() })]

    #[test]
    fn each_learner_has_what_was_recorded_under_all_of_their_accounts(
        steps in prop::collection::vec(step(), 1..30),
    ) {
        let bank = TestBank::start();
        let numbers: Vec<LearnerNo> = (0..LEARNERS)
            .map(|at| {
                let certificate = CERTIFICATES[at];
                let report = outcome(certificate).student(&format!("S{at}"));
                bank.post(SCHOOL, report.build()).learner_no
            })
            .collect();
        let mut model = Model::default();
        for (at, step) in steps.iter().enumerate() {
            take(&bank, &numbers, &mut model, at, step);
            check(&bank, &numbers, &model);
        }
        assert_eq!(bank.audit(), []);
    }
}
