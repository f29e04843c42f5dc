//! What the database itself refuses of a grant, whatever a program does, and what a correction after
//! a merge takes into account.

use kit::{SCHOOL, TestBank, grade, outcome};

use super::{RULES, request};

/// Each attack grants a request by hand, as the application, without one of what a grant rests on.
#[test]
fn a_grant_without_a_hold_a_second_person_or_approved_rules_is_refused_by_the_database() {
    let mut bank = TestBank::start();
    bank.break_the_books_on_purpose();
    let grant = "update conversion_requests set state = 'granted', decided_at = now()";
    let refused = |sql: &str, why: &str| {
        let answer = bank.database().sql(sql).unwrap_err().to_string();
        assert!(answer.contains(why), "{answer}");
    };
    let sent = request(&bank, "S1", &["CERT-A"]);
    refused(grant, "granted by nobody");
    let approve = |hands: &str| {
        format!(
            "insert into request_steps (learner_id, request_id, step_no, kind, party, hands, \
                 taken_on, recorded_at) \
             select learner_id, request_id, 1, 'approved', 'receiving', {hands}, taken_on, \
                 recorded_at from request_steps where step_no = 0"
        )
    };
    refused(
        &format!("begin; {}; {grant}; commit", approve("hands")),
        "granted by nobody",
    );
    let other = approve("array['00000000-0000-0000-0000-000000000009'::uuid]");
    let unruled = format!(
        "begin; {other}; alter table rule_sets disable trigger user; \
         update rule_sets set state = 'draft', approved_by = null, approved_at = null; \
         {grant}; commit"
    );
    refused(&unruled, "rules nobody approved");
    let unheld = format!(
        "begin; {other}; alter table transfers disable trigger user; \
         update transfers set request_id = gen_random_uuid() where request_id is not null; \
         {grant}; commit"
    );
    refused(&unheld, "never held anything");
    // The nearest that is in order.
    bank.say(2, (sent.request_id, None), &RULES, bank.now())
        .unwrap();
}

/// After a merge both accounts' grants stand under one cap. What a correction judges again counts
/// what the twin was granted, whether it was granted another course or the same one.
#[test]
fn a_correction_counts_what_a_merged_twin_was_granted_of_the_same_course() {
    for twin in ["CERT-A", "CERT-D"] {
        let bank = TestBank::start();
        let post = |student: &str, certificate: &str| {
            let report = outcome(certificate).student(student).grade("85");
            let source = format!("{student}-{certificate}");
            bank.post(SCHOOL, report.source(&source).build()).learner_no
        };
        let own = ["CERT-A", "CERT-B", "CERT-C"].map(|it| post("S1", it))[0];
        let other = post("S2", twin);
        for learner in [own, other] {
            let decided = bank.decide(bank.request(&[learner]).cohort_id);
            assert_eq!(decided.granted, 1);
        }
        bank.merge(own, other);
        bank.correct(SCHOOL, "S1-CERT-A", grade("80"));
        let standing = "select sum(granted) from standing_decisions d \
             join conversion_requests using (learner_id, request_id) \
             join learners l using (learner_id)";
        let sum = bank.database().sql(standing).unwrap();
        // 18.00 beside it leave 3.70 of 21.70 for the course that is judged again.
        assert_eq!(sum.trim(), "2170", "{twin}");
    }
}
