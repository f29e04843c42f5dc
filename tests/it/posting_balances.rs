//! Whatever is posted, the balances equal an independent count.

use creditbank_domain::amount::Unit;
use creditbank_ledger::flows::PostAnswer;
use kit::{TestBank, UNIVERSITY, outcome};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Whatever is posted, in whatever batches and however often: the balance is what an
    /// independent count of first passes per course says.
    #[test]
    fn balances_equal_an_independent_count(
        lines in proptest::collection::vec((0..3_u8, 0..2_u8, 0..=100_u8, 0..3_usize), 1..40),
        batch in 1..7_usize,
    ) {
        let bank = TestBank::start();
        let mut expected = std::collections::BTreeMap::new();
        let mut learners = std::collections::BTreeSet::new();
        let reports: Vec<_> = lines
            .iter()
            .enumerate()
            .map(|(n, (student, course, grade, _))| {
                let code = ["MATH101", "PE102"][usize::from(*course)];
                if *grade >= 60 {
                    expected.insert((*student, *course), [400_i64, 150][usize::from(*course)]);
                }
                outcome(code)
                    .student(&format!("S{student}"))
                    .grade(&grade.to_string())
                    .source(&format!("line {n}"))
                    .build()
            })
            .collect();
        for chunk in reports.chunks(batch) {
            for _ in 0..=lines[0].3 {
                for answer in bank.try_post(UNIVERSITY, chunk).unwrap() {
                    if let PostAnswer::Posted(outcome) = answer {
                        learners.insert(outcome.learner_no);
                    }
                }
            }
        }
        let total: i64 = learners
            .iter()
            .map(|number| bank.balance(*number, Unit::Credit).available.get())
            .sum();
        prop_assert_eq!(total, expected.values().sum::<i64>());
    }
}
