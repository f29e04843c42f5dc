//! What there is of duplicates for the matrix.

use creditbank_domain::identifier::IdentifierKind;
use creditbank_domain::learner_no::LearnerNo;
use kit::{SCHOOL, TestBank, outcome, person, resident_id};

/// What the secretariat has to see to.
pub(super) struct Duplicates {
    pub(super) candidate: String,
    pub(super) merge: String,
    pub(super) collision: String,
    /// Two accounts that nobody has merged.
    pub(super) apart: [LearnerNo; 2],
}

/// A pair that may be one person, a merge with a collision, and two accounts that are apart.
pub(super) fn duplicates_at(bank: &TestBank, at: u32) -> Duplicates {
    let post = |student: &str| {
        let report = outcome("CERT-A").student(&format!("D{at}-{student}"));
        bank.post(SCHOOL, report.build()).learner_no
    };
    for sequence in [1, 2] {
        let card = resident_id("1990-01-01", 10 * at + sequence);
        let learner = person(
            &[(IdentifierKind::ResidentId, &card)],
            &format!("王小明{at}"),
        );
        bank.post(SCHOOL, outcome("CERT-B").person(learner).build());
    }
    let newest = "select candidate_id from duplicate_candidates order by candidate_id desc limit 1";
    let candidate = bank.database().sql(newest).unwrap().trim().to_owned();
    let merge = bank.merge(post("1"), post("2"));
    Duplicates {
        candidate,
        merge: merge.merge_id.to_string(),
        collision: merge.collisions[0].collision_id.to_string(),
        apart: [post("3"), post("4")],
    }
}
