//! One outcome for two courses, two for one, hours for credits, and what corrections make of them.

use creditbank_domain::amount::Unit;
use creditbank_ledger::reads::RequestState;
use kit::{SCHOOL, TestBank, outcome};

use super::{bank, line, posted, told};

#[test]
fn a_certificate_gives_two_courses_under_its_cap_and_a_second_one_neither_again() {
    let bank = bank();
    let number = posted(&bank, "S1", &["SENIOR"]);
    let decided = bank.decide(bank.request(&[number]).cohort_id);
    // 6.00 and 6.00, of which a certificate gives 8.00 at most.
    assert_eq!(
        told(&decided.requests[0].lines),
        [
            line("R-SENIOR", "课程M1", "6.00", "6.00", ""),
            line("R-SENIOR", "课程M2", "2.00", "2.00", "CAP_CERTIFICATE"),
        ]
    );
    assert_eq!(decided.requests[0].state, RequestState::Partly);
    // 4.00 of the certificate are left, and 8.00 granted as two outcomes.
    assert_eq!(
        bank.credits(number),
        ("12.00".into(), "0.00".into(), "8.00".into())
    );
    let booked = "select e.code, o.grade from outcomes o join catalogue_entries e using (entry_id) \
                  where o.origin = 'conversion' order by e.code";
    assert_eq!(
        bank.database().sql(booked).unwrap().trim(),
        "M1|passed\nM2|exempted"
    );
    posted(&bank, "S1", &["SENIOR-2"]);
    let again = bank.decide(bank.request(&[number]).cohort_id);
    let lines = told(&again.requests[0].lines);
    assert!(
        lines.iter().all(|line| line.2 == "0.00"),
        "nothing is granted twice: {lines:?}"
    );
    let reasons: Vec<&str> = lines.iter().map(|line| line.4.as_str()).collect();
    assert_eq!(
        reasons,
        ["OUTCOME_ALREADY_USED", "COURSE_ALREADY_CONVERTED"]
    );
}

#[test]
fn a_rule_of_two_sources_uses_both_and_falls_whole_with_either() {
    let bank = bank();
    let number = posted(&bank, "S1", &["PART-1"]);
    let half = bank.decide(bank.request(&[number]).cohort_id);
    let lines = told(&half.requests[0].lines);
    assert_eq!(lines[0].4, "SOURCES_MISSING");
    let remedy = half.requests[0].lines[0].remedy.clone().unwrap();
    assert!(remedy.zh.contains("课程PART-2"), "{}", remedy.zh);
    let second = outcome("PART-2").student("S1").source("second").build();
    bank.post(SCHOOL, second);
    let decided = bank.decide(bank.request(&[number]).cohort_id);
    assert_eq!(
        told(&decided.requests[0].lines),
        [
            line("R-BOTH", "课程M4", "4.00", "4.00", ""),
            line("R-BOTH", "课程M4", "4.00", "4.00", ""),
        ]
    );
    let grants: Vec<_> = decided.requests[0]
        .lines
        .iter()
        .map(|line| line.grant_outcome_id)
        .collect();
    assert!(
        grants[0].is_some() && grants[0] == grants[1],
        "one course, one outcome"
    );
    assert_eq!(
        bank.credits(number),
        ("8.00".into(), "0.00".into(), "8.00".into())
    );
    let withdrawn = bank.withdraw(SCHOOL, "second");
    assert_eq!(withdrawn.conversions[0].granted_now.to_string(), "0.00");
    // The first part is given back, the second is gone, and so is the grant.
    assert_eq!(
        bank.credits(number),
        ("4.00".into(), "0.00".into(), "0.00".into())
    );
    let seen = bank.request_seen(decided.requests[0].request_id);
    assert_eq!(seen.state, RequestState::Refused);
}

#[test]
fn hours_become_credits_by_the_ratio_and_only_the_hours_that_were_needed_are_used() {
    let bank = bank();
    let number = posted(&bank, "S1", &["SAFETY"]);
    let asked = bank.request(&[number]);
    assert_eq!(bank.balance(number, Unit::Hour).held.to_string(), "40.00");
    let decided = bank.decide(asked.cohort_id);
    // 40 hours × 1/16 = 2.50.
    assert_eq!(
        told(&decided.requests[0].lines),
        [line("R-HOURS", "课程M3", "2.50", "40.00", "")]
    );
    let hours = bank.balance(number, Unit::Hour);
    assert_eq!(
        (hours.available.to_string(), hours.used.to_string()),
        ("0.00".into(), "40.00".into())
    );
    assert_eq!(
        bank.balance(number, Unit::Credit).available.to_string(),
        "2.50"
    );
}

#[test]
fn what_is_asked_at_once_is_never_less_than_in_two_requests() {
    let bank = bank();
    let all = ["SENIOR", "PART-1", "PART-2", "SAFETY"];
    let (at_once, in_two) = ("S1", "S2");
    let first = posted(&bank, at_once, &all);
    let _ = bank.decide(bank.request(&[first]).cohort_id);
    let second = posted(&bank, in_two, &all[..1]);
    let _ = bank.decide(bank.request(&[second]).cohort_id);
    posted(&bank, in_two, &all[1..]);
    let _ = bank.decide(bank.request(&[second]).cohort_id);
    let granted = |student: &str| {
        let sum = format!(
            "select sum(l.granted) from conversion_lines l join identity.identifiers i \
             using (learner_id) where stage = 'decision' and i.learner_id = (select learner_id \
             from learner_numbers where learner_no = '{student}')"
        );
        let sum = bank.database().sql(&sum).unwrap();
        sum.trim().parse::<i64>().unwrap()
    };
    let (one, two) = (granted(first.as_str()), granted(second.as_str()));
    // 8.00 of the certificate, 8.00 of both parts, 2.50 of the hours; 21.70 is the cap.
    assert_eq!((one, two), (1850, 1850));
}

#[test]
fn a_rule_set_from_before_there_were_documents_decides_as_it_did() {
    let bank = TestBank::start();
    // As an earlier release wrote it: rows instead of a document, and one approver.
    bank.database()
        .sql(
            "begin; \
             insert into rule_sets (rule_set_id, institution_id, code, version, state, \
                 document_number, programme_share_hundredths, valid_from, proposed_by, \
                 approved_by, created_at, approved_at) \
             select gen_random_uuid(), institution_id, 'RS-OLD', 1, 'approved', document_number, \
                 1000, '2023-01-01', 'a', 'b', now(), now() from rule_sets limit 1; \
             insert into articulation_rules (rule_set_id, code, source_entry_id, target_entry_id, \
                 target_hundredths, minimum_grade, level_framework, level_value) \
             select r.rule_set_id, 'R-OLD', s.entry_id, t.entry_id, 600, '70.00', 'CN10', 5 \
             from rule_sets r, catalogue_entries s, catalogue_entries t \
             where r.code = 'RS-OLD' and s.code = 'CERT-A' and t.code = 'COURSE-A'; commit",
        )
        .unwrap();
    let number = posted(&bank, "S1", &["CERT-A", "CERT-B"]);
    let decided = bank.decide(bank.request(&[number]).cohort_id);
    assert_eq!(decided.requests[0].rule_set_code, "RS-OLD");
    // 10 % of 62.00; the other certificate is in no rule of it.
    let mut lines = told(&decided.requests[0].lines);
    lines.sort();
    assert_eq!(
        lines,
        [
            line("", "", "0.00", "0.00", "NOT_IN_LIST"),
            line("R-OLD", "课程COURSE-A", "6.00", "6.00", ""),
        ]
    );
}
