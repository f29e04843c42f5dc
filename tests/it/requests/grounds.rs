//! What the database itself refuses of a grant, whatever a program does.

use kit::TestBank;

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
