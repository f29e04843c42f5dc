//! What the database refuses of merges, and what the audit finds when somebody gets past it.

use kit::{SCHOOL, TestBank, outcome, person, resident_id};

use super::learner;
use creditbank_domain::identifier::IdentifierKind;

/// A bank with a merge that stands, one that was taken back, a joint request and a candidate.
fn lived_in() -> TestBank {
    let bank = TestBank::start();
    let one = learner(&bank, "S1", &["CERT-A"]);
    let two = learner(&bank, "S2", &["CERT-A", "CERT-B"]);
    let three = learner(&bank, "S3", &["CERT-C"]);
    bank.merge(one, two);
    let back = bank.merge(one, three);
    let _ = bank.decide(bank.request(&[one]).cohort_id);
    bank.unmerge(back.merge_id);
    for sequence in [1, 2] {
        let card = resident_id("1990-01-01", sequence);
        let learner = person(&[(IdentifierKind::ResidentId, &card)], "王小明");
        bank.post(SCHOOL, outcome("CERT-D").person(learner).build());
    }
    bank
}

#[test]
fn merges_and_what_they_found_are_never_rewritten() {
    let bank = lived_in();
    let attack = |statement: &str| {
        let refused = bank.database().sql(statement).unwrap_err();
        assert!(refused.contains("is refused"), "{statement}: {refused}");
        let refused = bank.database().sql_as_application(statement).unwrap_err();
        let told = ["permission denied", "is refused"];
        assert!(
            told.iter().any(|it| refused.contains(it)),
            "{statement}: {refused}"
        );
    };
    for (table, change) in [
        ("learner_merges", "reason = 'OTHER'"),
        ("learner_unmerges", "reason = 'OTHER'"),
        ("merge_collisions", "figures = '{}'"),
        ("duplicate_candidates", "found_at = now()"),
    ] {
        attack(&format!("update {table} set {change}"));
        attack(&format!("delete from {table}"));
        attack(&format!("truncate {table} cascade"));
    }
    attack("update learner_aliases set survivor_id = gen_random_uuid()");
    attack("truncate learner_aliases");
    let refused = bank
        .database()
        .sql_as_application(
            "insert into learner_unmerges select merge_id, reason, \
             document_number, client_id, unmerged_at from learner_unmerges",
        )
        .unwrap_err();
    assert!(refused.contains("learner_unmerges_pkey"), "{refused}");
}

#[test]
fn the_audit_finds_merges_that_a_superuser_bent() {
    let plant = |statement: &str, expected: &str| {
        let mut bank = lived_in();
        assert_eq!(bank.audit(), []);
        let bend = format!("set session_replication_role = replica; {statement}");
        bank.database().sql(&bend).unwrap();
        bank.break_the_books_on_purpose();
        let found = bank.audit();
        assert!(
            found.iter().any(|(check, _)| *check == expected),
            "{statement}: {found:?}"
        );
    };
    plant(
        "delete from learner_aliases",
        "aliases_are_the_merges_that_stand",
    );
    plant(
        "delete from learner_unmerges",
        "aliases_are_the_merges_that_stand",
    );
    plant(
        "update learner_aliases set survivor_id = absorbed_id, absorbed_id = survivor_id",
        "aliases_are_the_merges_that_stand",
    );
    plant(
        "insert into learner_aliases select survivor_id, gen_random_uuid(), gen_random_uuid() \
         from learner_aliases",
        "aliases_make_no_chains",
    );
    plant(
        "update duplicate_candidates set other_id = 'ffffffff-ffff-7fff-bfff-ffffffffffff'",
        "merges_have_their_learners",
    );
    plant(
        "update identity.names set learner_id = gen_random_uuid() \
         where learner_id = (select learner_id from identity.names limit 1)",
        "names_have_a_learner",
    );
    plant(
        "update conversion_lines set lot_learner_id = gen_random_uuid()",
        "lines_use_lots_of_their_learner",
    );
    plant(
        "delete from learner_unmerges; delete from learner_aliases; delete from learner_merges",
        "lines_use_lots_of_their_learner",
    );
}

#[test]
fn nothing_personal_stands_beside_merges_and_candidates() {
    let bank = lived_in();
    for table in [
        "learner_merges",
        "learner_aliases",
        "merge_collisions",
        "duplicate_candidates",
        "notices",
        "audit_events",
        "identity.person_digests",
    ] {
        let rows = bank
            .database()
            .sql(&format!("select t::text from {table} t"))
            .unwrap();
        let card = resident_id("1990-01-01", 1);
        for personal in ["王", "1990", &card, "测试学员"] {
            assert!(!rows.contains(personal), "{table} holds {personal}");
        }
    }
}
