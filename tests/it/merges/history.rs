//! Random histories of a few learners: postings, conversions, merges and separations in any order.
//! Whatever happens, each learner's accounts together have what was recorded under them.

use std::collections::BTreeMap;

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
    ]
}

/// Who is shown as whom.
#[derive(Default)]
struct Model {
    shown_as: BTreeMap<usize, usize>,
    merges: Vec<(MergeView, usize)>,
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
    let of = |number: &LearnerNo| {
        let sums = bank.database().sql(&format!(
            "select coalesce(sum(available), 0) || ' ' || coalesce(sum(held), 0) || ' ' \
                 || coalesce(sum(used), 0) \
             from lots join learners using (learner_id) where learner_no = '{number}'"
        ));
        let sums = sums.unwrap();
        let mut sums = sums.split_whitespace().map(|sum| sum.parse().unwrap());
        [(); 3].map(|()| sums.next().unwrap())
    };
    numbers.iter().map(of).collect()
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

fn take(
    bank: &TestBank,
    numbers: &[LearnerNo],
    model: &mut Model,
    open: &mut Vec<creditbank_domain::ids::CohortId>,
    at: usize,
    step: &Step,
) {
    match step {
        Step::Post {
            learner,
            certificate,
        } => {
            let report = outcome(CERTIFICATES[*certificate])
                .student(&format!("S{learner}"))
                .source(&format!("step-{at}"));
            let answer = bank.try_post(SCHOOL, &[report.build()]).unwrap().remove(0);
            let PostAnswer::Posted(posted) = answer else {
                panic!("{answer:?}")
            };
            assert_eq!(posted.learner_no, numbers[model.survivor(*learner)]);
        }
        Step::Request { learner } => {
            let cohort = bank.request(&[numbers[*learner]]);
            open.extend((!cohort.requests.is_empty()).then_some(cohort.cohort_id));
        }
        Step::Decide { refuse } => {
            let Some(cohort) = open.pop() else { return };
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
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, ..Default::default() })]

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
        let mut open = Vec::new();
        for (at, step) in steps.iter().enumerate() {
            take(&bank, &numbers, &mut model, &mut open, at, step);
            check(&bank, &numbers, &model);
        }
        assert_eq!(bank.audit(), []);
    }
}
