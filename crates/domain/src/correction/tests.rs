use std::collections::BTreeSet;

use super::*;

const REFUSALS: [CorrectionRefused; 8] = [
    CorrectionRefused::NothingToCorrect,
    CorrectionRefused::AlreadyWithdrawn,
    CorrectionRefused::GrantedByConversion,
    CorrectionRefused::NotUndoable,
    CorrectionRefused::AlreadyReversed,
    CorrectionRefused::CorrectedSince,
    CorrectionRefused::NothingGranted,
    CorrectionRefused::NothingUsed,
];

#[test]
fn every_refusal_has_a_code_of_its_own_and_says_it_in_both_languages() {
    let faults: Vec<Fault> = REFUSALS.into_iter().map(Fault::from).collect();
    let codes: BTreeSet<&str> = faults.iter().map(|fault| fault.code).collect();
    assert_eq!(codes.len(), REFUSALS.len());
    for fault in faults {
        assert!(fault.en.is_ascii() && !fault.zh.is_ascii(), "{fault:?}");
    }
}

#[test]
fn every_reason_has_a_sentence_of_its_own_in_both_languages() {
    let texts: BTreeSet<_> = CorrectionReason::ALL
        .iter()
        .map(|reason| (reason.text().zh, reason.text().en))
        .collect();
    assert_eq!(texts.len(), CorrectionReason::ALL.len());
    assert!(texts.iter().all(|(zh, en)| !zh.is_ascii() && en.is_ascii()));
}
