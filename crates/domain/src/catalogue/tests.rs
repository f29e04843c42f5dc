use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn version(valid_from: NaiveDate, valid_to: Option<NaiveDate>) -> CatalogueVersion {
    CatalogueVersion {
        entry_id: EntryId::from_uuid(Uuid::from_u128(20)),
        version_id: VersionId::from_uuid(Uuid::from_u128(21)),
        code: CourseCode::new("EN-2").unwrap(),
        title: "大学英语(二)".to_owned(),
        owners: vec![],
        category: Category::Course,
        subcategory: None,
        level: None,
        modules: vec![],
        completion: None,
        amounts: vec![],
        minimum_grade: MinimumGrade::Pass,
        grading: None,
        valid_from,
        valid_to,
        usable_months: None,
        repeatable: false,
        review: None,
    }
}

#[test]
fn the_version_in_force_is_the_latest_to_start_of_those_that_cover_the_day() {
    let versions = [
        ("2022-01-01", None),
        ("2020-01-01", Some("2021-12-31")),
        ("2024-02-29", Some("2024-12-31")),
        ("2021-06-01", Some("2021-06-30")),
    ]
    .map(|(from, to)| version(day(from), to.map(day)));
    let check = |on: &str, expected: Option<&str>| {
        let found = in_force(&versions, day(on)).map(|version| version.valid_from);
        assert_eq!(found, expected.map(day), "{on}");
    };
    check("2019-12-31", None);
    check("2020-01-01", Some("2020-01-01"));
    check("2021-05-31", Some("2020-01-01"));
    check("2021-06-01", Some("2021-06-01"));
    check("2021-06-30", Some("2021-06-01"));
    check("2021-07-01", Some("2020-01-01"));
    check("2021-12-31", Some("2020-01-01"));
    check("2022-01-01", Some("2022-01-01"));
    check("2024-02-28", Some("2022-01-01"));
    check("2024-02-29", Some("2024-02-29"));
    check("2024-12-31", Some("2024-02-29"));
    check("2025-01-01", Some("2022-01-01"));
    assert_eq!(in_force(&[], day("2024-01-01")), None);
    assert_eq!(in_force(&versions[1..2], day("2022-01-01")), None);
}

#[test]
fn a_rule_for_an_amount_names_its_unit_and_the_most_it_gives() {
    let amount = Amount::new(Unit::Hour, Hundredths::new(350).unwrap()).unwrap();
    for rule in [AmountRule::Fixed(amount), AmountRule::StatedUpTo(amount)] {
        assert_eq!((rule.unit(), rule.most().get()), (Unit::Hour, 350));
    }
}

fn any_day() -> impl Strategy<Value = NaiveDate> {
    (-10_i64..10_i64).prop_map(|days| day("2024-02-28") + chrono::TimeDelta::days(days))
}

proptest! {
    #[test]
    fn in_force_never_answers_with_a_version_that_does_not_cover_the_day(
        windows in proptest::collection::vec((any_day(), proptest::option::of(any_day())), 0..6),
        on in any_day(),
    ) {
        let versions: Vec<_> = windows
            .iter()
            .map(|(from, to)| version(*from, *to))
            .collect();
        let covering = windows
            .iter()
            .filter(|(from, to)| *from <= on && to.is_none_or(|to| on <= to))
            .map(|(from, _)| *from);
        let found = in_force(&versions, on).map(|version| version.valid_from);
        prop_assert_eq!(found, covering.max());
    }
}
