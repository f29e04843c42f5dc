use proptest::prelude::*;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Reads `CN10 5`.
fn level(text: &str) -> Level {
    let (framework, value) = text.split_once(' ').unwrap();
    Level {
        framework: framework.to_owned(),
        value: value.parse().unwrap(),
    }
}

fn framework(code: &str, highest: i16) -> LevelFramework {
    LevelFramework {
        code: code.to_owned(),
        name_zh: "框架".to_owned(),
        name_en: "a framework".to_owned(),
        lowest: 1,
        highest,
        source: "test".to_owned(),
    }
}

fn mapping(from: &str, to: &str, valid_from: &str, valid_to: Option<&str>) -> LevelMapping {
    LevelMapping {
        from: level(from),
        to: level(to),
        source: "test".to_owned(),
        example: true,
        valid_from: day(valid_from),
        valid_to: valid_to.map(day),
    }
}

fn frameworks(on: &str) -> Frameworks {
    let all = [("CN10", 10), ("HK7", 7), ("EQF8", 8), ("SCQF12", 12)];
    let mappings = [
        mapping("HK7 5", "EQF8 6", "2016-01-01", None),
        mapping("HK7 4", "EQF8 5", "2016-01-01", Some("2024-02-29")),
        mapping("EQF8 6", "SCQF12 9", "2009-01-01", None),
        mapping("EQF8 6", "SCQF12 10", "2009-01-01", None),
    ];
    let all = all.map(|(code, highest)| framework(code, highest));
    Frameworks::on(day(on), all, mappings)
}

#[test]
fn a_level_reaches_a_floor_of_its_own_framework_or_by_a_stated_mapping_only() {
    let frameworks = frameworks("2024-02-29");
    let check = |from: &str, floor: &str, expected| {
        let found = compare(
            Some(&level(from)),
            frameworks.counts_as(&level(from)),
            &level(floor),
        );
        assert_eq!(found, expected, "{from} for {floor}");
    };
    check("CN10 5", "CN10 5", Comparison::Reached);
    check("CN10 6", "CN10 5", Comparison::Reached);
    check("CN10 4", "CN10 5", Comparison::TooLow);
    check("HK7 5", "EQF8 6", Comparison::Reached);
    check("HK7 5", "EQF8 5", Comparison::Reached);
    check("HK7 5", "EQF8 7", Comparison::TooLow);
    check("HK7 4", "EQF8 5", Comparison::Reached);
    // Not stated: another level, the other direction, a chain over a third framework.
    check("HK7 6", "EQF8 6", Comparison::NotComparable);
    check("EQF8 6", "HK7 5", Comparison::NotComparable);
    check("HK7 5", "SCQF12 9", Comparison::NotComparable);
    check("CN10 10", "HK7 1", Comparison::NotComparable);
    check("??? 1", "HK7 1", Comparison::NotComparable);
    // Two statements: what both of them say, and nothing that only one does.
    check("EQF8 6", "SCQF12 9", Comparison::Reached);
    check("EQF8 6", "SCQF12 10", Comparison::NotComparable);
    check("EQF8 6", "SCQF12 11", Comparison::TooLow);
}

#[test]
fn a_mapping_counts_on_its_first_and_last_day_and_on_no_other() {
    let check = |on: &str, expected| {
        let found = compare(
            Some(&level("HK7 4")),
            frameworks(on).counts_as(&level("HK7 4")),
            &level("EQF8 5"),
        );
        assert_eq!(found, expected, "{on}");
    };
    check("2015-12-31", Comparison::NotComparable);
    check("2016-01-01", Comparison::Reached);
    check("2024-02-29", Comparison::Reached);
    check("2024-03-01", Comparison::NotComparable);
}

#[test]
fn a_level_lies_within_its_framework() {
    let frameworks = frameworks("2026-01-01");
    let check = |text: &str, expected: Option<&str>| {
        let found = frameworks.check(&level(text)).err();
        assert_eq!(found.map(|it| it.to_string()).as_deref(), expected);
    };
    check("CN10 1", None);
    check("CN10 10", None);
    check("CN10 11", Some("CN10 has the levels 1 to 10, not 11"));
    check("CN10 0", Some("CN10 has the levels 1 to 10, not 0"));
    check("HK7 8", Some("HK7 has the levels 1 to 7, not 8"));
    check(
        "NQF 1",
        Some("no framework of levels NQF is loaded; load it first"),
    );
}

proptest! {
    #[test]
    fn whoever_reaches_a_floor_reaches_every_lower_one(
        from in 1..=8_i16, floor in 1..=12_i16, same in any::<bool>(),
    ) {
        let frameworks = frameworks("2024-01-01");
        let target = if same { "EQF8" } else { "SCQF12" };
        let at = |value: i16| {
            let floor = level(&format!("{target} {value}"));
            {
                let level = level(&format!("EQF8 {from}"));
                compare(Some(&level), frameworks.counts_as(&level), &floor)
            }
        };
        if at(floor) == Comparison::Reached {
            for lower in 1..floor {
                prop_assert_eq!(at(lower), Comparison::Reached);
            }
        }
        if at(floor) == Comparison::TooLow {
            prop_assert_eq!(at(floor + 1), Comparison::TooLow);
        }
    }
}
