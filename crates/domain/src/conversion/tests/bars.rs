//! Decisions without what a reviewer does not accept.

use super::*;
use crate::conversion::{Bar, decide_without};

fn bar(lot: &Candidate, reason: ReasonCode) -> Bar {
    Bar {
        lot_id: lot.lot_id,
        reason,
        text: "page 2".to_owned(),
        accepted: Hundredths::ZERO,
    }
}

fn part(lot: &Candidate, accepted: &str) -> Bar {
    Bar {
        accepted: hundredths(accepted),
        ..bar(lot, ReasonCode::ContentNotAlike)
    }
}

fn without(request: &Request, bars: &[Bar]) -> Decision {
    let Request {
        candidates,
        rule_set,
        programme,
        history,
        today,
    } = request;
    decide_without(candidates, bars, rule_set, programme, history, *today).unwrap()
}

#[test]
fn what_is_not_accepted_is_refused_in_the_reviewers_words_and_makes_room_for_the_rest() {
    let lots = [
        candidate(1, 1, "2024-01-10"),
        candidate(2, 3, "2024-01-11"),
        candidate(3, 2, "2024-01-12"),
    ];
    let request = Request::new().of(&lots);
    // 6.00 and 12.00 leave 3.70 of the 21.70 for the third.
    check(
        &request,
        &[
            "granted 6.00 of 6.00",
            "granted 12.00 of 12.00",
            "cut 3.70 of 4.00: CAP_PROGRAMME",
        ],
    );
    let decision = without(&request, &[bar(&lots[1], ReasonCode::EvidenceMissing)]);
    let lines: Vec<_> = decision.lines.iter().map(told).collect();
    assert_eq!(
        lines,
        [
            "granted 6.00 of 6.00",
            "refused 0.00 of 12.00: EVIDENCE_MISSING",
            "granted 4.00 of 4.00",
        ]
    );
    let refused = &decision.lines[1];
    assert!(refused.used.is_zero() && refused.remedy.is_none());
    assert!(refused.explanation.zh.contains("page 2"));
    hold(&request, &decision);
}

#[test]
fn what_is_accepted_in_part_is_granted_so_far_and_the_rest_is_cut_in_the_reviewers_words() {
    let lots = [candidate(1, 1, "2024-01-10"), candidate(2, 3, "2024-01-11")];
    let request = Request::new().of(&lots);
    let decision = without(&request, &[part(&lots[1], "5.00")]);
    let lines: Vec<_> = decision.lines.iter().map(told).collect();
    let cut = "cut 5.00 of 12.00: CONTENT_NOT_ALIKE";
    assert_eq!(lines, ["granted 6.00 of 6.00", cut]);
    let line = &decision.lines[1];
    assert!(line.explanation.zh.contains("page 2") && line.remedy.is_none());
    assert_eq!(line.used, hundredths("5.00"));
    assert_eq!(decision.result, RequestResult::Partly);
    // More than the rules give adds nothing.
    let more = without(&request, &[part(&lots[1], "12.01")]);
    let lines: Vec<_> = more.lines.iter().map(told).collect();
    assert_eq!(lines, ["granted 6.00 of 6.00", "granted 12.00 of 12.00"]);
}

#[test]
fn a_cap_that_cuts_below_what_is_accepted_is_the_reason() {
    let lots = [candidate(1, 3, "2024-01-10"), candidate(2, 4, "2024-01-11")];
    let mut request = Request::new().of(&lots);
    request.rule_set.caps = vec![programme_cap("10.00")];
    let all = request.decide().unwrap();
    let decision = without(&request, &[part(&lots[0], "7.00")]);
    assert_eq!(decision.total, all.total);
    let reason = decision.lines[0].verdict.reason();
    assert_eq!(reason, Some(ReasonCode::CapProgramme));
    assert!(!decision.lines[0].explanation.zh.contains("page 2"));
}

#[test]
fn what_cannot_be_used_anyway_is_refused_for_that() {
    let mut used = candidate(1, 1, "2024-01-10");
    used.state = LotState::Used;
    let unlisted = candidate(2, 9, "2024-01-10");
    let request = Request::new().of(&[used.clone(), unlisted.clone()]);
    let bars = [&used, &unlisted].map(|lot| bar(lot, ReasonCode::ContentNotAlike));
    let decision = without(&request, &bars);
    assert_eq!(decision, request.decide().unwrap());
}

#[test]
fn a_reviewer_gives_reasons_that_a_person_can_judge_and_no_others() {
    let may: Vec<_> = { ReasonCode::ALL.iter() }
        .filter(|code| code.is_for_reviewers())
        .map(|code| code.as_str())
        .collect();
    assert_eq!(
        may,
        [
            "CONTENT_NOT_ALIKE",
            "EVIDENCE_MISSING",
            "EVIDENCE_UNREADABLE",
            "EVIDENCE_MISMATCH",
            "IDENTITY_MISMATCH",
            "OTHER",
        ]
    );
}
