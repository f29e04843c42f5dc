//! Export, audit, balances of the past and statements, as somebody at a terminal has them.

use std::collections::BTreeMap;
use std::process::{Command, Output};

use creditbank_domain::amount::{Amount, Unit};
use creditbank_domain::authz::KeepRegister;
use creditbank_domain::calendar::bank_day;
use creditbank_domain::catalogue::AmountRule;
use creditbank_domain::institution::{AllianceRole, InstitutionKind};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::text::InstitutionCode;
use creditbank_ledger::flows::{
    DecisionOrder, NewCatalogueVersion, NewInstitution, register_institutions,
};
use creditbank_ledger::reads;
use kit::{
    IDENTITY_KEY, RECEIVING, SCHOOL, TestBank, UNIVERSITY, course, hundredths, operator, outcome,
};

use crate::tools::{counted_by_hledger, tool};

/// An institution whose code is no name in plain-text accounting as it stands.
pub(crate) const ODD: &str = "s-1 甲;";

/// Runs the binary on a bank.
pub(crate) fn creditbank(bank: &TestBank, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_creditbank"))
        .args(arguments)
        .env("DATABASE_URL", bank.database().url())
        .env("CREDITBANK_IDENTITY_KEY", IDENTITY_KEY)
        .output()
        .unwrap()
}

/// What it prints, where it must succeed.
pub(crate) fn printed(bank: &TestBank, arguments: &[&str]) -> String {
    let output = creditbank(bank, arguments);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// Its exit code and what it complains of.
pub(crate) fn refused(bank: &TestBank, arguments: &[&str]) -> (Option<i32>, String) {
    let output = creditbank(bank, arguments);
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), complaint)
}

/// Learners of several institutions with postings of two units, conversions granted, cut, refused and
/// still open, and one to whom everything happens that comes later.
pub(crate) fn bank_with_books() -> (TestBank, Vec<LearnerNo>) {
    let bank = TestBank::start();
    let odd = NewInstitution {
        code: InstitutionCode::new(ODD).unwrap(),
        name_zh: "怪码学院".to_owned(),
        name_en: None,
        uscc: None,
        kinds: vec![InstitutionKind::University],
        level: None,
        alliance_role: AllianceRole::Member,
        joined_on: None,
        term_from: None,
        term_to: None,
        may_open_accounts: true,
    };
    register_institutions(
        bank.ledger(),
        &operator::<KeepRegister>(),
        &[odd],
        bank.now(),
    )
    .unwrap();
    let hours = AmountRule::Fixed(Amount::new(Unit::Hour, hundredths("7.25")).unwrap());
    let credit = AmountRule::Fixed(Amount::new(Unit::Credit, hundredths("0.05")).unwrap());
    bank.publish(&[NewCatalogueVersion {
        amounts: vec![credit, hours],
        ..course(ODD, "=\"talk\"; a|b, c", "1.00")
    }]);
    let post = |student: &str, certificates: &[&str]| {
        let posted = certificates.iter().map(|code| {
            let report = outcome(code).student(student).build();
            bank.post(SCHOOL, report).learner_no
        });
        posted.last().unwrap()
    };
    let cut = post("S1", &["CERT-A", "CERT-B", "CERT-C", "CERT-D"]);
    let refused_by_hand = post("S2", &["CERT-A", "CERT-B"]);
    let refused_by_rule = post("S3", &["CERT-LOW"]);
    let open = post("S4", &["CERT-C"]);
    let _ = bank.decide(bank.request(&[cut, refused_by_rule]).cohort_id);
    let refuse = DecisionOrder::Refuse {
        text: "否".to_owned(),
    };
    let cohort = bank.request(&[refused_by_hand]).cohort_id;
    let _ = bank.try_decide(cohort, &refuse).unwrap();
    let _ = bank.request(&[open]);
    for number in [cut, open] {
        bank.post(UNIVERSITY, outcome("MATH101").learner_no(number).build());
        bank.post(ODD, outcome("=\"talk\"; a|b, c").learner_no(number).build());
    }
    let late = later_entries(&bank);
    (
        bank,
        vec![cut, refused_by_hand, refused_by_rule, open, late],
    )
}

/// A learner with a conversion that a correction took back, a withdrawal, a hold used in part and
/// what of it was given back, and a lot that expired.
fn later_entries(bank: &TestBank) -> LearnerNo {
    bank.publish(&[NewCatalogueVersion {
        usable_months: Some(3),
        ..course(UNIVERSITY, "SHORT", "1.50")
    }]);
    let post = |code: &str| bank.post(SCHOOL, outcome(code).student("S5").source(code).build());
    let learner = post("CERT-A").learner_no;
    post("CERT-B");
    let _ = bank.decide(bank.request(&[learner]).cohort_id);
    bank.correct(SCHOOL, "CERT-A", kit::grade("61"));
    post("CERT-C");
    bank.withdraw(SCHOOL, "CERT-C");
    let lot = post("CERT-LOW").lots[0].lot_id;
    let hold = bank.try_hold(SCHOOL, learner, lot, "4.00").unwrap();
    bank.try_settle(SCHOOL, learner, hold, "2.50").unwrap();
    let other = bank.try_hold(SCHOOL, learner, lot, "1.25").unwrap();
    bank.try_settle(SCHOOL, learner, other, "1.00").unwrap();
    bank.try_reverse_hold(learner, other).unwrap();
    let short = outcome("SHORT").learner_no(learner).on("2026-07-20");
    bank.post(UNIVERSITY, short.build());
    assert_eq!(bank.expire_at(bank.now()).expired, 1);
    learner
}

/// Amounts in hundredths by account, as `Assets:Learner:…` is named, and commodity.
pub(crate) type Balances = BTreeMap<(String, String), i64>;

/// What the bank says of these learners, under the names of the export.
fn told(bank: &TestBank, learners: &[LearnerNo]) -> Balances {
    let mut balances = Balances::new();
    for number in learners {
        let today = bank_day(bank.now());
        let view = reads::balance(bank.ledger(), &bank.own_account(*number), today).unwrap();
        for row in view.rows {
            let institution = match row.institution_code.as_str() {
                ODD => "0-s-2D-1-20--7532--3B-".to_owned(),
                code => code.to_owned(),
            };
            for (account, sum) in [
                ("Available", row.available),
                ("Held", row.held),
                ("Used", row.used),
                ("Expired", row.expired),
                ("Withdrawn", row.withdrawn),
            ] {
                let name = format!("Assets:Learner:{number}:{institution}:{account}");
                let key = (name, row.unit.as_str().to_ascii_uppercase());
                *balances.entry(key).or_default() += sum.get();
            }
        }
    }
    balances.retain(|_, sum| *sum != 0);
    balances
}

#[test]
fn hledger_counts_the_same_balances_for_every_learner_institution_and_unit() {
    let (bank, learners) = bank_with_books();
    let folder = tempfile::tempdir().unwrap();
    let export = |name: &str, slice: &[&str]| {
        let file = folder.path().join(name);
        let mut arguments = vec!["export", "--format", "hledger"];
        arguments.extend(["--output", file.to_str().unwrap()]);
        arguments.extend(slice);
        assert_eq!(printed(&bank, &arguments), "");
        counted_by_hledger(&file)
    };
    let all = told(&bank, &learners);
    for account in ["Available", "Held", "Used", "Expired", "Withdrawn"] {
        assert!(
            all.keys().any(|(name, _)| name.ends_with(account)),
            "{account}: {all:?}"
        );
    }
    assert_eq!(export("all.journal", &[]), all);
    let one = export("one.journal", &["--learner", &learners[0].printed()]);
    assert_eq!(one, told(&bank, &learners[..1]));
    let school = export("school.journal", &["--institution", SCHOOL]);
    let of_the_school = |name: &str| name.contains(&format!(":{SCHOOL}:"));
    let mut expected = all.clone();
    expected.retain(|(name, _), _| of_the_school(name));
    assert_eq!(school, expected);
    let both = [
        "--institution",
        RECEIVING,
        "--learner",
        learners[0].as_str(),
    ];
    let granted = export("granted.journal", &both);
    let name = format!("Assets:Learner:{}:{RECEIVING}:Available", learners[0]);
    let expected = Balances::from([((name, "CREDIT".to_owned()), 2170)]);
    assert_eq!(granted, expected);
    let tomorrow = export("none.journal", &["--from", "2026-11-23"]);
    assert_eq!(tomorrow, Balances::new());
    let today = export(
        "today.journal",
        &["--from", "2026-11-22", "--to", "2026-11-22"],
    );
    assert_eq!(today, all);
    // Nothing is left beside the files that are whole.
    let left = std::fs::read_dir(folder.path()).unwrap();
    let names: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert!(
        names
            .iter()
            .all(|name| name.to_str().unwrap().ends_with(".journal")),
        "{names:?}"
    );
}

#[test]
fn beancount_finds_nothing_wrong() {
    let (bank, _) = bank_with_books();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("books.beancount");
    let file = file.to_str().unwrap();
    assert_eq!(
        printed(
            &bank,
            &["export", "--format", "beancount", "--output", file]
        ),
        ""
    );
    assert_eq!(tool("bean-check", &[file]), "");
}

#[test]
fn every_transfer_is_exported_once_in_every_format_and_nobody_is_named() {
    let (bank, learners) = bank_with_books();
    let ids = bank
        .database()
        .sql("select transfer_id from transfers")
        .unwrap();
    let ids: Vec<&str> = ids.split_whitespace().collect();
    for format in ["hledger", "beancount", "csv", "jsonl"] {
        let text = printed(&bank, &["export", "--format", format]);
        for id in &ids {
            assert_eq!(text.matches(id).count(), 1, "{format}: {id}");
        }
        for personal in ["测试学员", "S1/", "S4/"] {
            assert!(!text.contains(personal), "{format}: {personal}");
        }
        assert!(text.contains(learners[0].as_str()));
    }
    let events = "select count(*) from audit_events where action = 'export_books'";
    assert_eq!(bank.database().sql(events).unwrap().trim(), "4");
}

#[test]
fn an_export_of_many_pages_is_whole() {
    let (bank, learners) = bank_with_books();
    let talk = NewCatalogueVersion {
        repeatable: true,
        ..course(UNIVERSITY, "TALK", "0.01")
    };
    bank.publish(&[talk]);
    for batch in 0..5 {
        let reports: Vec<_> = (0..1000)
            .map(|n| {
                let number = learners[n % learners.len()];
                let source = format!("talk {batch} {n}");
                outcome("TALK").learner_no(number).source(&source).build()
            })
            .collect();
        bank.try_post(UNIVERSITY, &reports).unwrap();
    }
    let transfers = bank
        .database()
        .sql("select count(*) from transfers")
        .unwrap();
    let lines = printed(&bank, &["export", "--format", "jsonl"]);
    assert_eq!(lines.lines().count().to_string(), transfers.trim());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.journal");
    let shown = file.to_str().unwrap();
    printed(&bank, &["export", "--format", "hledger", "--output", shown]);
    assert_eq!(counted_by_hledger(&file), told(&bank, &learners));
}

#[test]
fn what_cannot_be_exported_is_refused_with_its_code_and_leaves_no_file() {
    let (bank, _) = bank_with_books();
    let folder = tempfile::tempdir().unwrap();
    let check = |arguments: &[&str], expected: &str| {
        let mut all = vec!["export", "--format", "csv"];
        all.extend(arguments);
        let (status, complaint) = refused(&bank, &all);
        assert_eq!(status, Some(1), "{complaint}");
        assert!(complaint.contains(expected), "{arguments:?}: {complaint}");
    };
    let unknown = LearnerNo::from_random(7);
    let file = folder.path().join("a.csv");
    let file = file.to_str().unwrap();
    check(
        &["--learner", unknown.as_str(), "--output", file],
        "NOT_FOUND",
    );
    check(&["--learner", "7KQ4"], "LEARNER_NO");
    check(&["--institution", "12345"], "INSTITUTION_UNKNOWN");
    check(&["--from", "2026-02-30"], "DATE_INVALID");
    check(&["--to", "2101-01-01"], "DATE_OUT_OF_RANGE");
    check(
        &["--from", "2026-02-02", "--to", "2026-02-01"],
        "PERIOD_REVERSED",
    );
    check(&["--output", "/nowhere/a.csv"], "EXPORT_UNWRITABLE");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(refused(&bank, &["export", "--format", "pdf"]).0, Some(2));
}
