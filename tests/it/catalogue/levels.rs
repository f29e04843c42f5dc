//! Levels on loaded frameworks, and the bank's own categories.

use creditbank_domain::catalogue::{Category, Level, Subcategory};
use creditbank_domain::fault::Fault;
use creditbank_domain::level::{LevelFramework, LevelMapping};
use creditbank_domain::text::SubcategoryCode;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{
    NewCatalogueVersion, RegisterCounts, VersionDetails, register_frameworks,
    register_subcategories,
};
use creditbank_ledger::reads;
use kit::{TestBank, UNIVERSITY, course, day, frameworks, keeper, outcome};

use super::refused;

fn level(framework: &str, value: i16) -> Level {
    Level {
        framework: framework.to_owned(),
        value,
    }
}

fn at_level(framework: &str, value: i16) -> NewCatalogueVersion {
    NewCatalogueVersion {
        level: Some(level(framework, value)),
        ..course(UNIVERSITY, &format!("{framework}-{value}"), "1.00")
    }
}

fn mapping(from: (&str, i16), to: (&str, i16)) -> LevelMapping {
    LevelMapping {
        from: level(from.0, from.1),
        to: level(to.0, to.1),
        source: "测试".to_owned(),
        example: true,
        valid_from: day("2016-01-01"),
        valid_to: None,
    }
}

fn load(
    bank: &TestBank,
    frameworks: &[LevelFramework],
    mappings: &[LevelMapping],
) -> Result<RegisterCounts, Fault> {
    let loaded = register_frameworks(bank.ledger(), &keeper(), frameworks, mappings, bank.now());
    loaded.map_err(|error| match error {
        LedgerError::Refused(fault) | LedgerError::Conflict(fault) => fault,
        other => panic!("{other:?}"),
    })
}

#[test]
fn a_version_has_a_level_of_a_loaded_framework_or_is_refused() {
    let bank = TestBank::start();
    let outside = |framework, value| {
        let fault = refused(&bank, at_level(framework, value));
        assert!(fault.en.contains(framework) && fault.zh.contains(framework));
        fault.code
    };
    for (framework, highest) in [
        ("CN10", 10),
        ("GD7", 7),
        ("HK7", 7),
        ("EQF8", 8),
        ("SCQF12", 12),
    ] {
        assert_eq!(outside(framework, 0), "LEVEL_OUTSIDE_FRAMEWORK");
        assert_eq!(outside(framework, highest + 1), "LEVEL_OUTSIDE_FRAMEWORK");
        bank.publish(&[at_level(framework, 1), at_level(framework, highest)]);
    }
    assert_eq!(outside("NQF", 1), "LEVEL_FRAMEWORK_UNKNOWN");
    let posted = bank.post(UNIVERSITY, outcome("HK7-7").build());
    let today = day("2026-11-22");
    let account = bank.own_account(posted.learner_no);
    let balance = reads::balance(bank.ledger(), &account, today).unwrap();
    assert_eq!(balance.rows[0].level.as_deref(), Some("HK7 7"));
}

#[test]
fn loading_frameworks_again_changes_nothing_and_other_content_is_a_conflict() {
    let bank = TestBank::start();
    let stated = [mapping(("HK7", 5), ("EQF8", 6))];
    let loaded = load(&bank, &frameworks(), &stated).unwrap();
    assert_eq!((loaded.added, loaded.already_there), (1, 5));
    let again = load(&bank, &frameworks(), &stated).unwrap();
    assert_eq!((again.added, again.already_there), (0, 6));
    let mut other = frameworks();
    other[0].highest = 9;
    assert_eq!(
        load(&bank, &other, &[]).unwrap_err().code,
        "REGISTERED_OTHERWISE"
    );
    let mut confirmed = stated.clone();
    confirmed[0].example = false;
    let fault = load(&bank, &[], &confirmed).unwrap_err();
    assert_eq!(fault.code, "REGISTERED_OTHERWISE");
    let fault = load(&bank, &[], &[mapping(("HK7", 8), ("EQF8", 6))]).unwrap_err();
    assert_eq!(fault.code, "LEVEL_OUTSIDE_FRAMEWORK");
    let fault = load(&bank, &[], &[mapping(("HK7", 7), ("NQF", 6))]).unwrap_err();
    assert_eq!(fault.code, "LEVEL_FRAMEWORK_UNKNOWN");
    let rows = bank.database().sql("select count(*) from level_mappings");
    assert_eq!(rows.unwrap().trim(), "1");
}

#[test]
fn a_subcategory_is_registered_and_its_parent_still_sums_the_balance() {
    let bank = TestBank::start();
    let code = SubcategoryCode::new("teacher-training").unwrap();
    let subcategory = Subcategory {
        code: code.clone(),
        parent: Category::Training,
        name_zh: "高校教师继续教育".to_owned(),
        name_en: "continuing education of university teachers".to_owned(),
    };
    let of = |category| NewCatalogueVersion {
        category,
        details: VersionDetails {
            subcategory: Some(code.clone()),
            ..VersionDetails::default()
        },
        ..course(UNIVERSITY, "TEACH", "1.00")
    };
    let fault = refused(&bank, of(Category::Training));
    assert_eq!(fault.code, "SUBCATEGORY_UNKNOWN");
    let register = |subcategory: &Subcategory| {
        let new = std::slice::from_ref(subcategory);
        register_subcategories(bank.ledger(), &keeper(), new, bank.now())
    };
    assert_eq!(register(&subcategory).unwrap().added, 1);
    assert_eq!(register(&subcategory).unwrap().already_there, 1);
    let other = Subcategory {
        parent: Category::Activity,
        ..subcategory
    };
    assert!(matches!(register(&other), Err(LedgerError::Conflict(_))));
    let fault = refused(&bank, of(Category::Course));
    assert_eq!(fault.code, "SUBCATEGORY_ELSEWHERE");
    bank.publish(&[of(Category::Training)]);
    let posted = bank.post(UNIVERSITY, outcome("TEACH").build());
    let account = bank.own_account(posted.learner_no);
    let balance = reads::balance(bank.ledger(), &account, day("2026-11-22")).unwrap();
    assert_eq!(balance.rows[0].category, Category::Training);
    // The database holds it too.
    let planted = bank.database().sql(
        "insert into catalogue_versions (version_id, entry_id, title, category, subcategory, \
         minimum_grade, valid_from, repeatable, created_at) \
         select gen_random_uuid(), entry_id, 'x', 'course', 'teacher-training', 'pass', \
         '2021-01-01', false, now() from catalogue_entries limit 1",
    );
    assert!(
        planted
            .unwrap_err()
            .to_string()
            .contains("catalogue_versions_subcategory_fkey")
    );
}
