//! What somebody can do who has the application's connection and writes SQL of their own.
//!
//! As a login that is nothing but the application, the way OPERATIONS.md says to serve: whoever
//! serves as the owner can become the owner again.

use std::collections::BTreeSet;

use creditbank_domain::authz::Role;
use kit::{SCHOOL, TestBank, UNIVERSITY, outcome};

mod names;
mod rows;
mod telling;

/// One a line; each is refused.
const ATTACKS: &str = include_str!("wall/attacks.sql");

/// Where the application deletes, and why it may.
const DELETED: [(&str, &str); 12] = [
    ("claim_attempts", "tries that count no more"),
    ("event_backlog", "what waits to be told"),
    ("idempotency_keys", "answers after a week"),
    (
        "identity.evidence_secrets",
        "keys of evidence that was taken back",
    ),
    ("import_file_parts", "parts of an upload that is whole"),
    ("learner_aliases", "a merge that is taken back"),
    ("login_attempts", "tries that count no more"),
    ("notice_audiences", "who was told long ago"),
    ("notice_reads", "what was read long ago"),
    ("totals", "sums that are made again from the events"),
    ("used_assertions", "assertions that have ended"),
    ("webhook_deliveries", "settled ones after some weeks"),
];

/// Functions that work with the rights of their owner.
const OF_THE_OWNER: [&str; 7] = [
    "asks_about",
    "claim_wall_key",
    "forget_access_log",
    "seen_accounts",
    "sees",
    "summarize_made_in",
    "wait_for_posting",
];

fn as_the_application(bank: &TestBank, sql: &str) -> Result<String, String> {
    bank.database().sql_as_application(sql)
}

fn lines(bank: &TestBank, query: &str) -> BTreeSet<String> {
    let printed = bank.database().sql(query).unwrap();
    printed.lines().map(str::to_owned).collect()
}

/// Tables of both schemas for which the application has a right.
fn with_right(bank: &TestBank, right: &str) -> BTreeSet<String> {
    lines(
        bank,
        &format!(
            "select c.oid::regclass from pg_class c where c.relkind in ('r', 'p', 'v') \
             and c.relnamespace in ('public'::regnamespace, 'identity'::regnamespace) \
             and has_table_privilege('creditbank_app', c.oid, '{right}')"
        ),
    )
}

#[test]
fn raw_sql_with_the_applications_rights_rewrites_nothing_and_gets_nowhere() {
    let bank = TestBank::start();
    bank.post(SCHOOL, outcome("CERT-A").student("XS1").build());
    bank.post(UNIVERSITY, outcome("MATH101").student("DX1").build());
    let count = "select count(*) || ' ' || sum(amount) from transfers";
    let before = bank.database().sql(count).unwrap();
    // What it may, so that the attacks fail for what they try and not for where they come from.
    assert!(as_the_application(&bank, count).is_ok());
    assert!(ATTACKS.lines().count() > 60);
    for attack in ATTACKS.lines() {
        let got = as_the_application(&bank, attack);
        assert!(got.is_err(), "{attack}: {got:?}");
        let hidden = format!("do $x$ begin execute $y${attack}$y$; end $x$");
        let got = as_the_application(&bank, &hidden);
        assert!(got.is_err(), "{hidden}: {got:?}");
    }
    assert_eq!(bank.database().sql(count).unwrap(), before);
}

#[test]
fn every_table_there_is_or_will_be_gives_the_application_no_more_than_is_declared() {
    let bank = TestBank::empty();
    let declared = DELETED.map(|(table, _)| table.to_owned());
    assert_eq!(with_right(&bank, "DELETE"), BTreeSet::from(declared));
    // Whole rows are changed where they are made again from others; else named columns only.
    assert_eq!(
        with_right(&bank, "UPDATE"),
        BTreeSet::from(["totals".to_owned()])
    );
    for right in ["TRUNCATE", "TRIGGER", "REFERENCES"] {
        assert_eq!(with_right(&bank, right), BTreeSet::new(), "{right}");
    }
    let owned = "select oid::regclass from pg_class where relowner = 'creditbank_app'::regrole";
    assert_eq!(lines(&bank, owned), BTreeSet::new());
    let above = "select rolname from pg_roles r where rolname = 'creditbank_app' \
                 and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolcanlogin \
                 or exists (select from pg_auth_members m where m.member = r.oid))";
    assert_eq!(lines(&bank, above), BTreeSet::new());
    let functions = "select p.proname from pg_proc p where p.prosecdef \
                     and p.pronamespace in ('public'::regnamespace, 'identity'::regnamespace)";
    let declared = OF_THE_OWNER.map(str::to_owned);
    assert_eq!(lines(&bank, functions), BTreeSet::from(declared));
    let loose = format!("{functions} and not coalesce(p.proconfig::text, '') like '%search_path%'");
    assert_eq!(lines(&bank, &loose), BTreeSet::new());
}

#[test]
fn what_names_a_person_is_sealed_or_digested_wherever_the_application_can_look() {
    let bank = TestBank::start();
    // A source reference is the institution's own record id; the kit makes it of the number.
    let report = outcome("CERT-A").student("XS-VERY-OWN-1");
    let person = report.source("2024-1-7").build();
    let number = bank.post(SCHOOL, person).learner_no;
    assert!(bank.actor(Role::Registrar, SCHOOL).institution.is_some());
    let tables = with_right(&bank, "SELECT");
    assert!(tables.len() > 80, "{}", tables.len());
    let bytes = |text: &str| {
        text.bytes()
            .map(|it| format!("{it:02x}"))
            .collect::<String>()
    };
    let mut named = 0;
    for table in tables {
        let shown = as_the_application(&bank, &format!("select t::text from {table} t")).unwrap();
        for personal in ["XS-VERY-OWN-1", "测试学员"] {
            assert!(!shown.contains(personal), "{table} tells {personal}");
            assert!(
                !shown.contains(&bytes(personal)),
                "{table} tells {personal} in bytes"
            );
        }
        named += usize::from(shown.contains(number.as_str()));
    }
    assert!(named > 0, "nothing was looked at");
}
