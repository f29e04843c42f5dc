//! What a list has to be, and how it ends.

use super::*;

#[test]
fn a_bad_list_is_refused_with_its_place_and_loads_nothing() {
    let bank = bank_with_twins();
    let refused =
        |duplicates: Vec<NewDuplicateGroup>| match load(&bank, &lists(duplicates, Vec::new())) {
            Err(LedgerError::Refused(fault) | LedgerError::Conflict(fault)) => {
                (fault.code, fault.en)
            }
            other => panic!("{other:?}"),
        };
    let good = || {
        group(
            "OK",
            "2025-01-01",
            None,
            &[(UNIVERSITY, "MATH101"), (UNIVERSITY, "PE102")],
        )
    };
    let check = |bad: NewDuplicateGroup, code: &str, place: &str| {
        let (found, en) = refused(vec![good(), bad]);
        assert_eq!(found, code, "{en}");
        assert!(en.contains(place), "{en}");
    };
    let two = |second: (&'static str, &'static str)| [(SCHOOL, "CERT-A"), second];
    check(
        group("B", "2025-01-01", None, &two((SCHOOL, "NONE"))),
        "OUTCOME_UNKNOWN",
        "/duplicates/1/courses/1",
    );
    check(
        group("B", "2025-01-01", None, &two((SCHOOL, "CERT-A"))),
        "COURSE_TWICE",
        "/duplicates/1/courses/1",
    );
    check(
        group("B", "2025-01-01", None, &[(SCHOOL, "CERT-A")]),
        "DUPLICATE_GROUP_TOO_SMALL",
        "/duplicates/1",
    );
    check(
        group(
            "B",
            "2025-01-01",
            Some("2024-12-31"),
            &two((SCHOOL, "CERT-B")),
        ),
        "DUPLICATE_GROUP_DATES",
        "/duplicates/1",
    );
    check(
        group(
            "B",
            "2020-01-01",
            Some("2025-01-01"),
            &two((UNIVERSITY, "GS1")),
        ),
        "DUPLICATE_GROUPS_OVERLAP",
        "GS and B",
    );
    check(
        group("GS", "2025-01-01", None, &TWINS[..2]),
        "REGISTERED_OTHERWISE",
        "GS",
    );
    assert_eq!(
        load(&bank, &lists(vec![good()], Vec::new())).unwrap(),
        (1, 0),
        "nothing was there"
    );
}

#[test]
fn an_open_group_is_ended_once_and_the_next_begins_after_it() {
    let bank = bank_with_twins();
    let ended = |last: &str| {
        lists(
            vec![group("GS", "2025-01-01", Some(last), &TWINS)],
            Vec::new(),
        )
    };
    assert_eq!(load(&bank, &ended("2026-06-30")).unwrap(), (1, 0));
    assert_eq!(load(&bank, &ended("2026-06-30")).unwrap(), (0, 1));
    assert_eq!(
        code_of(&load(&bank, &ended("2026-07-31"))),
        "REGISTERED_OTHERWISE"
    );
    let next = group("GS-2026", "2026-07-01", None, &TWINS[..2]);
    assert_eq!(load(&bank, &lists(vec![next], Vec::new())).unwrap(), (1, 0));
    // By raw SQL neither, whoever asks.
    let attacks = [
        "update same_course_groups set valid_to = '2030-01-01' where code = 'GS'",
        "update same_course_groups set document_number = 'x'",
        "delete from duplicate_courses",
        "insert into duplicate_courses select group_id, (select entry_id from catalogue_entries \
         where code = 'PE102') from same_course_groups limit 1",
        "update lots set same_course_group_id = null",
    ];
    for attack in attacks {
        assert!(bank.database().sql(attack).is_err(), "{attack}");
    }
}
