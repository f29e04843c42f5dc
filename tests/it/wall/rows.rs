//! Which rows somebody sees who has the application's connection and writes SQL of their own.

use std::collections::BTreeMap;

use kit::TestBank;

use super::{lines, with_right};

/// Of each table behind the wall a row of A's and one of B's, which nobody else has to do with.
const PLANT: &str = include_str!("plant.sql");

/// Tables that are not behind the wall, and why.
const OPEN: [(&str, &str); 45] = [
    ("document_facts", REGISTER),
    ("meetings", REGISTER),
    ("meeting_attendees", REGISTER),
    ("resolutions", REGISTER),
    ("institution_places", REGISTER),
    ("supervision_remits", REGISTER),
    ("committee_members", REGISTER),
    ("rule_set_votes", REGISTER),
    ("__diesel_schema_migrations", "what was migrated"),
    ("institutions", REGISTER),
    ("catalogue_entries", REGISTER),
    ("catalogue_versions", REGISTER),
    ("catalogue_owners", REGISTER),
    ("catalogue_amounts", REGISTER),
    ("catalogue_subcategories", REGISTER),
    ("catalogue_modules", REGISTER),
    ("catalogue_completion_rules", REGISTER),
    ("catalogue_reviews", REGISTER),
    ("catalogue_gradings", REGISTER),
    ("institution_gradings", REGISTER),
    ("grading_schemes", REGISTER),
    ("grading_tables", REGISTER),
    ("grading_table_rows", REGISTER),
    ("level_frameworks", REGISTER),
    ("level_mappings", REGISTER),
    ("same_course_groups", REGISTER),
    ("duplicate_courses", REGISTER),
    ("substitutes", REGISTER),
    ("hour_tables", REGISTER),
    ("documents", REGISTER),
    ("programmes", REGISTER),
    ("rule_sets", REGISTER),
    ("articulation_rules", REGISTER),
    ("rule_set_documents", REGISTER),
    ("rule_set_programmes", REGISTER),
    ("committees", REGISTER),
    ("review_chains", REGISTER),
    ("review_stages", REGISTER),
    ("work_calendar_years", REGISTER),
    ("work_calendar_days", REGISTER),
    ("identity.key_checks", "a digest of the key alone"),
    ("wall_keys", "nobody has a right to it"),
    ("sequencer", "how far the feed is"),
    ("totals_progress", "how far the totals are"),
    ("made_in_summaries", "numbers of blocks"),
];

/// Whoever works with the bank reads it: who is in it and by which rules it goes.
const REGISTER: &str = "the register, open to all members";

pub(super) const INSTITUTION: &str = "institution={institution}";
const BOTH: &str = "institution={institution};learner=a-number";
const LEARNER: &str = "learner=a-number";
const FLOW: &str = "books=1;institution={institution}";

/// A bank of two, and what was told to A with these marks.
pub(super) struct Planted(pub(super) TestBank);

impl Planted {
    pub(super) fn new() -> Self {
        let mut bank = TestBank::empty();
        bank.break_the_books_on_purpose();
        bank.database().sql(PLANT).unwrap();
        Self(bank)
    }

    fn told(&self, sight: &str) -> String {
        let mark = "select mark('a', 'institution')";
        let institution = self.0.database().sql(mark).unwrap();
        sight.replace("{institution}", institution.trim())
    }

    pub(super) fn run(&self, sight: &str, sql: &str) -> Result<String, String> {
        self.0.database().sql_seeing(&self.told(sight), sql)
    }

    fn tables(&self) -> Vec<String> {
        let tables = lines(&self.0, "select name from walled");
        assert!(tables.len() > 60, "{}", tables.len());
        tables.into_iter().collect()
    }

    /// Tables of which there is a row that says whose it is.
    fn copied(&self) -> Vec<String> {
        let tables = lines(&self.0, "select name from copies");
        assert!(tables.len() > 50, "{}", tables.len());
        tables.into_iter().collect()
    }

    /// How many rows of A's and how many others each table shows, where it shows any.
    fn seen(&self, sight: &str) -> BTreeMap<String, (u32, u32)> {
        let counts = self.tables().into_iter().map(|table| {
            format!(
                "select '{table}', count(*) filter (where bears(t::text, 'a')), \
                 count(*) filter (where not bears(t::text, 'a')) from {table} t"
            )
        });
        let counts: Vec<String> = counts.collect();
        let shown = self.run(sight, &counts.join(" union all ")).unwrap();
        let read = |line: &str| {
            let mut cells = line.split('|');
            let table = cells.next().unwrap().to_owned();
            let mut number = || cells.next().unwrap().parse().unwrap();
            (table, (number(), number()))
        };
        { shown.lines().map(read) }
            .filter(|(_, counts)| *counts != (0, 0))
            .collect()
    }
}

#[test]
fn every_table_there_is_or_will_be_is_behind_the_wall_or_declared_with_a_reason() {
    let bank = TestBank::empty();
    let open = "select c.oid::regclass from pg_class c where c.relkind in ('r', 'p', 'm', 'f') \
                and c.relnamespace in ('public'::regnamespace, 'identity'::regnamespace) \
                and not (c.relrowsecurity and exists ( \
                    select from pg_policy p where p.polrelid = c.oid \
                        and p.polroles = array['creditbank_app'::regrole::oid]))";
    let declared = OPEN.map(|(table, _)| table.to_owned());
    assert_eq!(lines(&bank, open), declared.into_iter().collect());
    // A view would look with its owner's rights: one does, to check a signature, and one because it
    // asks itself what was told.
    let views = "select c.oid::regclass from pg_class c where c.relkind = 'v' \
                 and c.relnamespace in ('public'::regnamespace, 'identity'::regnamespace) \
                 and not coalesce(c.reloptions, '{}') @> array['security_invoker=true']";
    let of_the_owner = ["account_lots", "told"].map(str::to_owned);
    assert_eq!(lines(&bank, views), of_the_owner.into_iter().collect());
    let loose = "select polname from pg_policy where polname !~ '_wall($|_of_writers$)' \
                 or not polpermissive or pg_get_expr(coalesce(polqual, polwithcheck), polrelid) !~ 'sees|shown_accounts'";
    assert_eq!(lines(&bank, loose).len(), 0);
    assert!(!with_right(&bank, "SELECT").contains("wall_keys"));
}

#[test]
fn whoever_was_told_nothing_sees_and_writes_nothing() {
    let bank = Planted::new();
    assert_eq!(bank.seen(""), BTreeMap::new());
    for table in bank.copied() {
        let written = bank.run("", &insert_of_b(&table));
        assert!(written.is_err(), "{table}: {written:?}");
    }
    // The nearest thing: told that it is the bank, every row is there.
    let all = bank.seen("bank=1;books=1;gate=1;keys=1");
    assert_eq!(all.len(), bank.tables().len());
    for (table, (own, others)) in all {
        assert_eq!(own + others, 2, "{table}");
    }
}

fn insert_of_b(table: &str) -> String {
    format!(
        "insert into {table} select (jsonb_populate_record(null::{table}, c.of_b)).* \
         from copies c where c.name = '{table}'"
    )
}

#[test]
fn an_institution_and_a_learner_see_rows_of_their_own_and_nobody_elses() {
    let bank = Planted::new();
    for sight in [INSTITUTION, BOTH, LEARNER] {
        let seen = bank.seen(sight);
        for (table, (_, others)) in &seen {
            assert_eq!(*others, 0, "{sight} sees others' rows of {table}");
        }
        assert!(seen.len() > 20, "{sight} sees {seen:?}");
    }
    let own = |sight: &str, table: &str| bank.seen(sight).contains_key(table);
    for table in [
        "outcomes",
        "webhook_endpoints",
        "webhook_secrets",
        "import_lines",
    ] {
        assert!(own(INSTITUTION, table), "{table}");
        assert!(!own(LEARNER, table) || table == "outcomes", "{table}");
    }
    for table in ["holds", "transfers", "identity.identifiers", "readings"] {
        assert!(own(LEARNER, table), "{table}");
        assert!(!own(INSTITUTION, table), "{table}");
    }
}

/// The books are of all, since caps and histories are; what an institution keeps for itself is not.
#[test]
fn whoever_compares_the_books_sees_nothing_that_another_institution_keeps_for_itself() {
    let bank = Planted::new();
    let seen = bank.seen(FLOW);
    assert_eq!(seen["outcomes"], (1, 1));
    assert_eq!(seen["conversion_lines"], (1, 1));
    for kept in [
        "webhook_endpoints",
        "webhook_secrets",
        "webhook_deliveries",
        "imports",
        "import_lines",
        "import_files",
        "import_file_parts",
        "import_jobs",
        "import_job_turns",
        "column_mappings",
        "conversion_drafts",
        "evidence",
        "identity.evidence_secrets",
        "claim_codes",
        "totals",
        "event_audiences",
    ] {
        assert_eq!(seen[kept], (1, 0), "{kept}");
    }
    for hidden in [
        "client_secrets",
        "signing_keys",
        "people",
        "identity.person_logins",
        "identity.person_names",
        "memberships",
        "readings",
        "access_log",
        "audit_events",
        "login_attempts",
        "idempotency_keys",
    ] {
        assert!(!seen.contains_key(hidden), "{hidden}: {seen:?}");
    }
}

#[test]
fn nobody_writes_changes_or_deletes_a_row_of_another_institution() {
    let bank = Planted::new();
    for table in bank.copied() {
        let refused = bank.run(INSTITUTION, &insert_of_b(&table)).unwrap_err();
        assert!(
            refused.contains("row-level security") || refused.contains("permission denied"),
            "{table}: {refused}"
        );
    }
    let changed = "select format('with c as (update %s t set %I = %I returning t::text as shown) \
                       select count(*) from c where not bears(shown, ''a'');', w.name, \
                       a.attname, a.attname) \
                   from walled w join pg_attribute a on a.attrelid = w.oid \
                   where a.attnum > 0 \
                       and has_column_privilege('creditbank_app', w.oid, a.attnum, 'UPDATE') \
                   union all \
                   select format('with c as (delete from %s t returning t::text as shown) \
                       select count(*) from c where not bears(shown, ''a'');', w.name) \
                   from walled w where has_table_privilege('creditbank_app', w.oid, 'DELETE')";
    let changes = lines(&bank.0, changed);
    assert!(changes.len() > 60, "{}", changes.len());
    let script: Vec<String> = changes.into_iter().collect();
    for sight in ["", INSTITUTION, LEARNER] {
        let others = bank.run(sight, &script.join("\n")).unwrap();
        assert!(
            others.lines().all(|count| count == "0"),
            "{sight}: {others}"
        );
    }
}

/// What only the owner can, and what would be left of it.
#[test]
fn the_audit_finds_a_table_that_was_taken_from_behind_the_wall() {
    let mut bank = TestBank::empty();
    bank.break_the_books_on_purpose();
    assert!(bank.audit().is_empty());
    let open = "alter table webhook_secrets disable row level security";
    bank.database().sql(open).unwrap();
    assert_eq!(bank.audit(), [("guards_stand", 1)]);
}

#[test]
fn there_is_no_way_around_the_wall() {
    let bank = Planted::new();
    bank.0.database().sql("analyze").unwrap();
    for refused in [
        "set row_security = off; select count(*) from lots",
        "select * from wall_keys",
        "insert into wall_keys values (true, '', '')",
        "select raise_wall('lots', '{bank}', 'true', 'mine')",
        "alter table lots disable row level security",
        "alter table lots no force row level security",
        "drop policy lots_wall on lots",
        "alter policy lots_wall on lots using (true)",
        "create policy mine on lots using (true)",
        "alter role creditbank_app bypassrls",
        "set role postgres",
        "set session authorization postgres; select rolpassword from pg_authid",
        "create view public.mine as select * from lots",
        "create function pg_temp.leak() returns int language sql as 'select 1'; \
         alter function sees(text) owner to creditbank_app",
        "create or replace function sees(part text) returns text language sql as 'select 1::text'",
        "create or replace view told as select '1' as bank, '1' as books",
        "alter view account_lots set (security_barrier = false)",
    ] {
        let got = bank.run("", refused);
        // A session that the superuser began may become the superuser again, no other may.
        let became = refused.contains("session authorization");
        assert!(got.is_err() || became, "{refused}: {got:?}");
    }
    for (question, nothing) in [
        ("select count(*) from standing_decisions", "0"),
        ("copy (select lot_id from lots) to stdout", ""),
        ("copy lots to stdout", ""),
        ("select lot_id from lots for share", ""),
        ("select lot_id from lots where ctid = '(0,1)'", ""),
        ("select lot_id from lots tablesample system (100)", ""),
        // An error would tell the value that it stumbled over.
        (
            "select count(*) from webhook_endpoints where url::int = 1",
            "0",
        ),
        (
            "select count(*) from pg_stats where tablename = 'lots'",
            "0",
        ),
        ("select claim_wall_key(''::bytea, ''::bytea)", "!"),
        ("select count(*) from unnest(seen_accounts())", "0"),
        (
            "select asks_about(mark) from marks where kind = 'learner' and side = 'b'",
            "f",
        ),
        // A shadow of what the policies ask changes nothing: they name it by its number.
        (
            "create temp table wall_keys as select true as only_one, ''::bytea as inner_pad, \
             ''::bytea as outer_pad; set search_path = pg_temp, public; \
             set creditbank.sees = 'bank=1;books=1|x'; select count(*) from public.lots",
            "0",
        ),
    ] {
        match bank.run("", question) {
            Ok(told) => assert_eq!(told.trim(), nothing, "{question}"),
            Err(error) => assert_eq!(nothing, "!", "{question}: {error}"),
        }
    }
    // What a row is refused for does not tell the row that it ran into.
    let taken = "insert into outcome_sources select institution_id, source_ref, learner_id, \
                 gen_random_uuid() from (select (jsonb_populate_record(null::outcome_sources, \
                 of_b)).* from copies where name = 'outcome_sources') b";
    let refused = bank.run("books=1", taken).unwrap_err();
    assert!(refused.contains("outcome_sources_pkey"), "{refused}");
    assert!(!refused.contains("already exists"), "{refused}");
}
