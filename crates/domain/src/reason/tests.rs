use std::collections::BTreeSet;

use super::*;

/// Codes are in rows that never change, so this list only ever grows.
const CODES: [&str; 49] = [
    "INSTITUTION_NOT_MEMBER",
    "INSTITUTION_SUSPENDED",
    "BASE_TERM",
    "OUTCOME_UNKNOWN",
    "ENTRY_NOT_OWNED",
    "OUTCOME_VERSION_NOT_VALID_THEN",
    "NOT_IN_LIST",
    "LEVEL_TOO_LOW",
    "GRADE_TOO_LOW",
    "RESULT_WITHOUT_CREDIT",
    "HOURS_TOO_FEW",
    "CREDITS_TOO_FEW",
    "SOURCES_MISSING",
    "AMOUNT_MISMATCH",
    "LEVEL_MISMATCH",
    "LEVEL_UNKNOWN",
    "EXPIRED",
    "NOT_YET_EARNED",
    "ALREADY_CREDITED",
    "DUPLICATE_NAME",
    "NOT_REPLACEABLE",
    "COURSE_ALREADY_CONVERTED",
    "OUTCOME_ALREADY_USED",
    "ALREADY_RESERVED",
    "CAP_PROGRAMME",
    "CAP_SOURCE",
    "CAP_INSTITUTION",
    "CAP_PERIOD",
    "CAP_CERTIFICATE",
    "CAP_INSIDE",
    "NOT_IN_TABLE",
    "REQUEST_WITHDRAWN",
    "HOLD_EXPIRED",
    "OUTCOME_WITHDRAWN",
    "CONVERSION_REVERSED",
    "COMPLETION_IN_PROGRESS",
    "COMPLETION_UNSTATED",
    "PROGRESS_IMPOSSIBLE",
    "EXAM_TOO_LOW",
    "ATTENDANCE_TOO_LOW",
    "REVIEW_OVERDUE",
    "CONTENT_NOT_ALIKE",
    "EVIDENCE_MISSING",
    "EVIDENCE_UNREADABLE",
    "EVIDENCE_MISMATCH",
    "IDENTITY_MISMATCH",
    "GRADE_NOT_IN_SCHEME",
    "GRADE_NOT_COMPARABLE",
    "OTHER",
];

#[test]
fn no_code_is_renamed_or_lost() {
    let codes: Vec<_> = ReasonCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(codes, CODES);
}

#[test]
fn every_code_has_a_sentence_of_its_own_in_both_languages() {
    let (mut all_zh, mut all_en) = (BTreeSet::new(), BTreeSet::new());
    for code in ReasonCode::ALL {
        let ReasonText { zh, en } = code.text();
        assert!(
            zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)),
            "{code}: {zh}"
        );
        assert!(en.is_ascii() && en.contains(' '), "{code}: {en}");
        assert!(
            all_zh.insert(zh) && all_en.insert(en),
            "{code} is told as another"
        );
    }
}
