//! What the database itself refuses, and what the audit finds when somebody gets past it.

use creditbank_domain::authz::{Role, Subject, authorize};
use creditbank_domain::identifier::IdentifierKind;
use creditbank_ledger::{LedgerError, reads};
use kit::{SCHOOL, TestBank, outcome};

/// A bank with one learner, a hold, a decision and everything that belongs to them.
fn lived_in() -> TestBank {
    let bank = TestBank::start();
    let number = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    bank.post(SCHOOL, outcome("CERT-B").build());
    let _ = bank.decide(bank.request(&[number]).cohort_id);
    bank.post(SCHOOL, outcome("CERT-C").build());
    bank
}

#[test]
fn posted_tables_refuse_update_delete_and_truncate_even_to_their_owner() {
    let bank = lived_in();
    let tables = [
        ("transfers", "amount = amount + 1"),
        ("outcomes", "grade = '100.00'"),
        ("outcome_sources", "source_ref = 'x'"),
        ("conversion_lines", "granted = 0"),
        ("catalogue_versions", "title = 'x'"),
        ("catalogue_amounts", "hundredths = 1"),
        ("catalogue_modules", "lectures = 1"),
        ("catalogue_completion_rules", "lectures_min = 1"),
        ("catalogue_reviews", "reviewed_by = 'x'"),
        ("catalogue_subcategories", "name_zh = 'x'"),
        ("level_frameworks", "highest = 99"),
        ("level_mappings", "to_value = 1"),
        ("grading_schemes", "pass = 'x'"),
        ("grading_table_rows", "equals = 'x'"),
        ("catalogue_gradings", "scheme = 'x'"),
        ("institution_gradings", "scheme = 'x'"),
        ("rule_set_programmes", "programme_id = gen_random_uuid()"),
        ("articulation_rules", "minimum_grade = 'pass'"),
        ("audit_events", "action = 'x'"),
        ("documents", "title = 'x'"),
        ("document_facts", "kind = 'other'"),
        ("meetings", "title_zh = 'x'"),
        ("meeting_attendees", "part = 'x'"),
        ("resolutions", "text_zh = 'x'"),
        ("institution_places", "area_code = '340000'"),
        ("supervision_remits", "sector = 'x'"),
    ];
    for (table, change) in tables {
        for statement in [
            format!("update {table} set {change}"),
            format!("delete from {table}"),
            format!("truncate {table} cascade"),
        ] {
            let refused = bank.database().sql(&statement).unwrap_err();
            assert!(refused.contains("is refused"), "{statement}: {refused}");
            let refused = bank.database().sql_as_application(&statement).unwrap_err();
            assert!(
                refused.contains("permission denied") || refused.contains("is refused"),
                "{statement}: {refused}"
            );
        }
    }
}

#[test]
fn the_application_may_change_only_the_sums_of_a_lot_and_never_into_nonsense() {
    let bank = lived_in();
    let attack = |statement: &str, expected: &str| {
        let refused = bank.database().sql_as_application(statement).unwrap_err();
        assert!(refused.contains(expected), "{statement}: {refused}");
    };
    attack("update lots set issued = issued + 100", "permission denied");
    attack("update lots set unit = 'hour'", "permission denied");
    attack(
        "update lots set learner_id = gen_random_uuid()",
        "permission denied",
    );
    attack("delete from lots", "permission denied");
    attack(
        "update lots set available = available + 100",
        "lots_sum_check",
    );
    attack(
        "update lots set available = -1, used = used + available + 1",
        "lots_not_negative",
    );
    attack("update institutions set code = 'x'", "permission denied");
    attack(
        "update rule_sets set programme_share_hundredths = 10000",
        "permission denied",
    );
    attack("update rule_sets set state = 'proposed'", "never changes");
    attack(
        "update conversion_requests set state = 'refused'",
        "never changes",
    );
    attack("delete from conversion_requests", "permission denied");
    attack(
        "update identity.identifiers set learner_id = gen_random_uuid()",
        "permission denied",
    );
    attack("drop table transfers", "must be owner");
    attack("create table loot (x int)", "permission denied");
    attack("alter table transfers disable trigger all", "must be owner");
    // The nearest things that it may do.
    let allowed = "update lots set available = available - 100, held = held + 100 \
                   where available >= 100; rollback";
    bank.database()
        .sql_as_application(&format!("begin; {allowed}"))
        .unwrap();
}

#[test]
fn the_owner_cannot_change_what_a_lot_is() {
    let bank = lived_in();
    for change in [
        "issued = issued",
        "unit = 'hour'",
        "credits_entry_id = null",
    ] {
        let refused = bank
            .database()
            .sql(&format!("update lots set {change}"))
            .unwrap_err();
        assert!(refused.contains("is refused"), "{change}: {refused}");
    }
}

#[test]
fn a_transfer_is_positive_and_between_accounts_that_belong_together() {
    let bank = lived_in();
    let attack = |values: &str, expected: &str| {
        let statement = format!(
            "insert into transfers (learner_id, transfer_id, lot_id, kind, from_account, \
             to_account, amount, recorded_at, effective_on, request_id) \
             select learner_id, gen_random_uuid(), lot_id, {values}, now(), current_date, \
             gen_random_uuid() from lots limit 1"
        );
        let refused = bank.database().sql_as_application(&statement).unwrap_err();
        assert!(refused.contains(expected), "{values}: {refused}");
    };
    attack(
        "'issue', 'issuer', 'available', 0",
        "transfers_amount_check",
    );
    attack(
        "'issue', 'issuer', 'available', -5",
        "transfers_amount_check",
    );
    attack("'settle', 'available', 'used', 5", "transfers_kind_check");
    attack(
        "'hold', 'available', 'available', 5",
        "transfers_kind_check",
    );
    attack("'gift', 'issuer', 'available', 5", "transfers_kind_check");
}

#[test]
fn the_audit_finds_what_a_superuser_planted() {
    let plant = |statement: &str, expected: &str| {
        let mut bank = lived_in();
        assert_eq!(bank.audit(), []);
        // A superuser can switch every guard off; the audit is what is left then.
        bank.database()
            .sql(&format!(
                "set session_replication_role = replica; {statement}"
            ))
            .unwrap();
        bank.break_the_books_on_purpose();
        let found = bank.audit();
        assert!(
            found.iter().any(|(check, _)| *check == expected),
            "{statement}: {found:?}"
        );
    };
    plant(
        "update lots set issued = issued + 100, available = available + 100 \
         where lot_id = (select lot_id from lots limit 1)",
        "lots_equal_their_transfers",
    );
    plant(
        "delete from transfers where transfer_id = (select max(transfer_id::text)::uuid \
         from transfers)",
        "lots_equal_their_transfers",
    );
    plant(
        "update transfers set amount = amount + 1",
        "lots_equal_their_transfers",
    );
    plant(
        "insert into transfers select learner_id, gen_random_uuid(), lot_id, 'hold', \
         'available', 'held', 100000, recorded_at - interval '1 day', effective_on, \
         gen_random_uuid() from transfers where kind = 'issue' limit 1",
        "accounts_never_below_zero",
    );
    plant(
        "delete from lots where available > 0",
        "transfers_have_a_lot",
    );
    plant(
        "delete from outcomes where origin = 'api'",
        "lots_have_an_outcome",
    );
    plant("delete from outcome_sources", "one_outcome_per_source");
    plant(
        "update outcome_sources set learner_id = gen_random_uuid()",
        "one_outcome_per_source",
    );
    plant(
        "update outcomes set earned_nothing = 'EXPIRED'",
        "what_earns_nothing_has_no_lot",
    );
    plant("delete from learners", "outcomes_have_their_references");
    plant("delete from learner_numbers", "learners_have_one_number");
    plant(
        "delete from transfers where kind = 'issue' and lot_id in (select lot_id from lots \
         where available = issued); delete from lots where available = issued",
        "what_earns_has_a_lot_or_a_reason",
    );
    plant(
        "update lots set issued = issued + 100, available = available + 100; \
         update transfers set amount = amount + 100 where kind = 'issue'",
        "lots_give_what_the_catalogue_gives",
    );
    plant(
        "update programmes set total_hundredths = 1000",
        "conversions_stay_under_their_cap",
    );
    plant(
        "insert into imports (import_id, institution_id, file_name, file_sha256, \
         reading_sha256, byte_count, mode, state, cursor_line, posted, already_posted, rejected, \
         accounts_opened, started_at) \
         select gen_random_uuid(), institution_id, 'a.csv', sha256(''), sha256(''), 1, 'post', \
         'running', 7, 0, 0, 7, 0, now() from institutions limit 1",
        "imports_count_their_lines",
    );
    plant(
        "update identity.identifiers set learner_id = gen_random_uuid()",
        "identifiers_have_a_learner",
    );
    plant(
        "update conversion_lines set granted = granted + 1, requested = requested + 1 \
         where granted > 0",
        "conversions_match_the_ledger",
    );
    plant(
        "update conversion_requests set state = 'refused'",
        "conversions_match_the_ledger",
    );
}

#[test]
fn ledger_tables_hold_nothing_personal() {
    let bank = TestBank::start();
    let report = outcome("CERT-A").student("20261234567").build();
    bank.post(SCHOOL, report);
    let tables = bank
        .database()
        .sql(
            "select string_agg(format('select %L || row_to_json(t)::text from %I.%I t', \
             table_name, table_schema, table_name), ' union all ') \
             from information_schema.tables \
             where table_schema in ('public', 'identity') and table_type = 'BASE TABLE'",
        )
        .unwrap();
    let everything = bank.database().sql(tables.trim()).unwrap();
    assert!(
        everything.contains("CERT-A"),
        "the dump must hold what was posted"
    );
    for personal in ["测试学员", "20261234567"] {
        // The source reference of this kit holds the student number on purpose; nothing else may.
        let lines: Vec<&str> = everything
            .lines()
            .filter(|line| line.contains(personal))
            .filter(|line| !line.starts_with("outcome"))
            .collect();
        assert!(lines.is_empty(), "{lines:?}");
    }
}

#[test]
fn a_bank_opens_only_with_its_own_key() {
    let bank = TestBank::start();
    let settings = creditbank_ledger::LedgerSettings {
        database_url: bank.database().url(),
        pool_size: 1,
        identity_key: creditbank_ledger::IdentityKey::generate(),
    };
    let opened = creditbank_ledger::Ledger::connect(&settings);
    assert!(matches!(
        opened,
        Err(creditbank_ledger::LedgerError::WrongIdentityKey)
    ));
    let _its_own = bank.second_ledger();
}

#[test]
fn who_a_learner_is_opens_for_the_whole_account_only_and_is_written_down() {
    let bank = TestBank::start();
    let number = bank
        .post(SCHOOL, outcome("CERT-A").student("20261234567").build())
        .learner_no;
    let identity = |grant| reads::identity(bank.ledger(), &grant, bank.now());
    let seen = identity(bank.own_account(number)).unwrap();
    assert_eq!(seen.name.unwrap().reveal(), "测试学员");
    let (kind, masked) = &seen.identifiers[0];
    assert_eq!(*kind, IdentifierKind::StudentNumber);
    assert!(
        masked.starts_with("202") && !masked.contains("1234"),
        "{masked}"
    );
    let school = bank.actor(Role::SchoolOfficer, SCHOOL);
    let part = authorize(&school, Subject::Learner(number)).unwrap();
    assert!(matches!(identity(part), Err(LedgerError::NotFound)));
    let events = "select count(*) from audit_events where subject_kind = 'identity'";
    assert_eq!(bank.database().sql(events).unwrap().trim(), "1");
}

#[test]
fn what_a_version_or_rule_set_gives_is_complete_from_its_first_moment() {
    let bank = lived_in();
    let mut next = kit::rule_set_of_the_world();
    next.programme_share = kit::hundredths("40.00");
    next.valid_from = kit::day("2022-01-01");
    kit::put_to_the_vote(bank.ledger(), &next.document(), bank.now());
    let attack = |statement: &str| {
        for run in [kit::Database::sql, kit::Database::sql_as_application] {
            let refused = run(bank.database(), statement).unwrap_err();
            assert!(
                refused.contains("completed before"),
                "{statement}: {refused}"
            );
        }
    };
    attack(
        "insert into catalogue_amounts select version_id, 'hour', 'fixed', 100 \
            from catalogue_versions limit 1",
    );
    attack(
        "insert into catalogue_modules select version_id, 1, 'x', 1 from catalogue_versions limit 1",
    );
    attack(
        "insert into catalogue_completion_rules select version_id, 1, null, null \
            from catalogue_versions limit 1",
    );
    attack(
        "insert into catalogue_owners select v.version_id, i.institution_id \
            from catalogue_versions v, institutions i limit 1",
    );
    attack(
        "insert into articulation_rules (rule_set_id, code, source_entry_id, target_entry_id, \
            target_hundredths, minimum_grade) select rule_set_id, 'R-X', entry_id, entry_id, \
            600, 'pass' from rule_sets, catalogue_entries limit 1",
    );
    attack(
        "insert into rule_set_documents select rule_set_id, content, checksum, resolved \
            from rule_set_documents limit 1",
    );
    // Approving touches the row of the set; it must not open it.
    attack(
        "begin; update rule_sets set state = 'approved', approved_by = 'x', approved_at = now() \
            where state = 'proposed'; \
            insert into articulation_rules (rule_set_id, code, source_entry_id, target_entry_id, \
            target_hundredths, minimum_grade) select r.rule_set_id, 'R-X', e.entry_id, \
            e.entry_id, 600, 'pass' from rule_sets r, catalogue_entries e \
            where r.version = 2 limit 1; commit",
    );
}
