use chrono::NaiveDate;

use super::*;
use crate::fault::Fault;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn h(text: &str) -> Hundredths {
    text.parse().unwrap()
}

fn span(from: u32, to: u32) -> Option<Span> {
    let to = (to > 0).then_some(to);
    Some(Span { from, to })
}

fn when(activity: &str, class: Option<&str>) -> Condition {
    Condition {
        profession: None,
        activity: activity.to_owned(),
        class: class.map(str::to_owned),
        rank: None,
        of: None,
        size: None,
    }
}

fn row(code: &str, condition: Condition, gives: Gives) -> HourRow {
    HourRow {
        code: code.to_owned(),
        condition,
        gives,
    }
}

fn per(every: u32, amount: &str, step: &str, rounding: Rounding) -> Gives {
    Gives::PerSize {
        every,
        amount: h(amount),
        step: h(step),
        rounding,
    }
}

fn sized(activity: &str, unit: SizeUnit, from: u32, to: u32) -> Condition {
    let span = span(from, to).unwrap();
    Condition {
        size: Some(SizeSpan { unit, span }),
        ..when(activity, None)
    }
}

fn ranked(class: &str, from: u32, to: u32) -> Condition {
    Condition {
        rank: span(from, to),
        ..when("project", Some(class))
    }
}

fn table() -> HourTable {
    HourTable {
        authority: "example".to_owned(),
        code: "HT-A".to_owned(),
        version: 1,
        valid_from: day("2024-02-29"),
        valid_to: Some(day("2026-12-31")),
        document_number: "例〔2024〕1号".to_owned(),
        unit: Unit::Hour,
        rows: vec![
            row("P-A1", ranked("A", 1, 1), Gives::Fixed(h("40"))),
            row("P-A2", ranked("A", 2, 5), Gives::Fixed(h("20"))),
            row("P-B1", ranked("B", 1, 1), Gives::Fixed(h("24"))),
            row("P-B2", ranked("B", 2, 5), Gives::Fixed(h("12"))),
            row(
                "BOOK",
                sized("book", SizeUnit::Characters, 1000, 0),
                per(1000, "0.5", "0.5", Rounding::Down),
            ),
            row(
                "TALK",
                sized("teaching", SizeUnit::Minutes, 1, 0),
                per(45, "1", "0.1", Rounding::Nearest),
            ),
        ],
        caps: vec![HourCap {
            code: "RESEARCH".to_owned(),
            activities: ["project", "book"].map(str::to_owned).into(),
            most: h("50"),
            year_starts: "01-01".parse().unwrap(),
        }],
    }
}

fn project(class: &str, rank: u32, on: &str) -> ActivityFacts {
    ActivityFacts {
        profession: "education".to_owned(),
        activity: "project".to_owned(),
        class: Some(class.to_owned()),
        rank: Some(rank),
        of: Some(5),
        size: None,
        done_on: day(on),
    }
}

fn sized_facts(activity: &str, unit: SizeUnit, size: u32) -> ActivityFacts {
    ActivityFacts {
        activity: activity.to_owned(),
        class: None,
        rank: None,
        of: None,
        size: Some((unit, size)),
        ..project("A", 1, "2025-06-01")
    }
}

fn earlier(activity: &str, on: &str, given: &str) -> EarlierHours {
    EarlierHours {
        activity: activity.to_owned(),
        done_on: day(on),
        given: h(given),
    }
}

fn given(facts: &ActivityFacts, before: &[EarlierHours]) -> Result<String, &'static str> {
    let table = table();
    assert_eq!(table.check(), Ok(()));
    hours(&table, facts, before)
        .map(|decided| decided.given.hundredths().to_string())
        .map_err(|refusal| refusal.code.as_str())
}

#[test]
fn class_and_rank_decide() {
    let check =
        |class, rank, wanted| assert_eq!(given(&project(class, rank, "2025-06-01"), &[]), wanted);
    check("A", 1, Ok("40.00".to_owned()));
    check("A", 3, Ok("20.00".to_owned()));
    check("B", 3, Ok("12.00".to_owned()));
    check("A", 5, Ok("20.00".to_owned()));
    check("A", 6, Err("NOT_IN_TABLE"));
    check("C", 1, Err("NOT_IN_TABLE"));
    let unranked = ActivityFacts {
        rank: None,
        ..project("A", 1, "2025-06-01")
    };
    assert_eq!(
        given(&unranked, &[]),
        Err("NOT_IN_TABLE"),
        "a rank is never guessed"
    );
}

#[test]
fn size_is_divided_in_whole_numbers_and_rounded_as_the_row_says() {
    let book = |size| given(&sized_facts("book", SizeUnit::Characters, size), &[]);
    assert_eq!(book(999), Err("NOT_IN_TABLE"));
    assert_eq!(book(1999), Ok("0.50".to_owned()));
    assert_eq!(book(2000), Ok("1.00".to_owned()));
    let talk = |size| given(&sized_facts("teaching", SizeUnit::Minutes, size), &[]);
    assert_eq!(talk(45), Ok("1.00".to_owned()));
    // 50 / 45 = 1.11…, 52 / 45 = 1.155…
    assert_eq!(
        (talk(50), talk(52)),
        (Ok("1.10".to_owned()), Ok("1.20".to_owned()))
    );
    assert_eq!(
        given(&sized_facts("teaching", SizeUnit::People, 45), &[]),
        Err("NOT_IN_TABLE")
    );
    // What rounds to nothing is not in the table either.
    assert_eq!(talk(2), Err("NOT_IN_TABLE"));
    let endless = sized_facts("book", SizeUnit::Characters, u32::MAX);
    assert_eq!(given(&endless, &[]), Err("AMOUNT_MISMATCH"));
}

#[test]
fn straddling_a_cap_gives_the_part_and_shows_the_arithmetic() {
    let before = [earlier("book", "2025-01-01", "38.50")];
    let decided = hours(&table(), &project("A", 3, "2025-06-01"), &before).unwrap();
    assert_eq!(decided.given.to_string(), "11.50 hour");
    assert_eq!(
        (decided.row.as_str(), decided.cut_by.as_deref()),
        ("P-A2", Some("RESEARCH"))
    );
    assert_eq!(
        decided.zh,
        "HT-A v1 P-A2:20.00;2025-01-01—2025-12-31 上限 RESEARCH 50.00,已计 38.50,余 11.50;计 11.50"
    );
    assert_eq!(
        decided.en,
        "HT-A v1 P-A2: 20.00; 2025-01-01 to 2025-12-31 cap RESEARCH 50.00, used 38.50, left 11.50; \
         given 11.50 of 20.00"
    );
    let exactly = [earlier("book", "2025-01-01", "30")];
    let decided = hours(&table(), &project("A", 3, "2025-06-01"), &exactly).unwrap();
    assert_eq!(
        (decided.given.hundredths(), decided.cut_by),
        (h("20"), None)
    );
    let full = [earlier("project", "2025-12-31", "50")];
    assert_eq!(
        given(&project("A", 3, "2025-06-01"), &full),
        Err("CAP_PERIOD")
    );
    // More than the cap was given under an older table: nothing is left, nothing is owed.
    let over = [earlier("project", "2025-12-31", "60")];
    assert_eq!(
        given(&project("A", 3, "2025-06-01"), &over),
        Err("CAP_PERIOD")
    );
    let other = [earlier("teaching", "2025-06-01", "500")];
    assert_eq!(
        given(&project("A", 3, "2025-06-01"), &other),
        Ok("20.00".to_owned())
    );
}

#[test]
fn a_cap_counts_in_the_year_that_begins_on_its_own_day() {
    let check = |starts: &str, on: &str, before: &str, left: bool| {
        let mut table = table();
        table.caps[0].year_starts = starts.parse().unwrap();
        let decided = hours(
            &table,
            &project("A", 3, on),
            &[earlier("book", before, "50")],
        );
        assert_eq!(decided.is_ok(), left, "{starts}: {before} before {on}");
    };
    check("01-01", "2025-12-31", "2025-01-01", false);
    check("01-01", "2026-01-01", "2025-12-31", true);
    check("03-01", "2025-12-31", "2025-03-01", false);
    check("03-01", "2026-02-28", "2025-03-01", false);
    check("03-01", "2026-03-01", "2026-02-28", true);
    check("03-01", "2024-02-29", "2023-03-01", false);
    check("03-01", "2024-03-01", "2024-02-29", true);
    check("03-01", "2024-02-29", "2024-03-01", true);
}

#[test]
fn a_year_begins_on_a_day_that_every_year_has() {
    for wrong in [
        "02-29", "13-01", "00-01", "1-1", "03/01", "0301", "03-1 ", "",
    ] {
        assert!(wrong.parse::<YearStart>().is_err(), "{wrong}");
    }
    let start: YearStart = "03-01".parse().unwrap();
    let year = |text: &str| {
        let (first, last) = start.year_of(day(text));
        format!("{first} {last}")
    };
    assert_eq!(year("2024-02-29"), "2023-03-01 2024-02-29");
    assert_eq!(year("2024-03-01"), "2024-03-01 2025-02-28");
    assert_eq!(start.to_string(), "03-01");
}

#[test]
fn the_table_in_force_is_the_latest_that_covers_the_day() {
    let newer = HourTable {
        version: 2,
        valid_from: day("2026-01-01"),
        valid_to: None,
        ..table()
    };
    let tables = [table(), newer];
    let version = |on: &str| in_force(&tables, day(on)).map(|table| table.version);
    assert_eq!(version("2024-02-28"), None);
    assert_eq!(version("2024-02-29"), Some(1));
    assert_eq!(version("2025-12-31"), Some(1));
    assert_eq!(version("2026-01-01"), Some(2));
    assert_eq!(version("2030-01-01"), Some(2));
}

fn refused(change: impl Fn(&mut HourTable)) -> TableFault {
    let mut table = table();
    change(&mut table);
    table.check().unwrap_err()
}

#[test]
fn rows_that_fit_the_same_facts_are_refused_and_named() {
    let overlap = |with: &str, condition: Condition| {
        let fault = refused(|table| {
            table
                .rows
                .push(row("NEW", condition.clone(), Gives::Fixed(h("1"))))
        });
        assert_eq!(
            fault,
            TableFault::Overlap(with.to_owned(), "NEW".to_owned())
        );
        let told = Fault::from(&fault);
        assert!(told.zh.contains(with) && told.en.contains("NEW"), "{told}");
    };
    overlap("P-A2", ranked("A", 5, 9));
    overlap("P-A1", when("project", Some("A")));
    overlap("P-A1", when("project", None));
    overlap("BOOK", sized("book", SizeUnit::Characters, 0, 1000));
    overlap("BOOK", when("book", Some("A")));
    let apart = |condition: Condition| {
        let mut table = table();
        table.rows.push(row("NEW", condition, Gives::Fixed(h("1"))));
        assert_eq!(table.check(), Ok(()));
    };
    apart(ranked("A", 6, 0));
    apart(ranked("C", 1, 0));
    apart(sized("book", SizeUnit::Characters, 0, 999));
    apart(sized("book", SizeUnit::People, 0, 0));
    apart(when("patent", None));
}

#[test]
fn a_table_that_cannot_decide_is_refused() {
    let code = |change: fn(&mut HourTable)| Fault::from(&refused(change)).code;
    assert_eq!(code(|table| table.rows.clear()), "HOUR_TABLE_EMPTY");
    assert_eq!(
        code(|table| table.valid_to = Some(day("2024-02-28"))),
        "HOUR_TABLE_DATES"
    );
    assert_eq!(
        code(|table| table.rows[1].code = "P-A1".to_owned()),
        "HOUR_TABLE_CODE_TWICE"
    );
    assert_eq!(
        code(|table| table.caps[0].code = "BOOK".to_owned()),
        "HOUR_TABLE_CODE_TWICE"
    );
    assert_eq!(
        code(|table| table.rows[0].condition.rank = span(0, 1)),
        "HOUR_TABLE_ROW_EMPTY"
    );
    assert_eq!(
        code(|table| table.rows[0].condition.rank = span(2, 1)),
        "HOUR_TABLE_ROW_EMPTY"
    );
    assert_eq!(
        code(|table| table.rows[4].condition.size = None),
        "HOUR_TABLE_SIZE_UNSAID"
    );
    assert_eq!(
        code(|table| table.rows[0].gives = Gives::Fixed(Hundredths::ZERO)),
        "HOUR_TABLE_ROW_GIVES_NOTHING"
    );
    assert_eq!(
        code(|table| table.rows[4].gives = per(0, "1", "1", Rounding::Up)),
        "HOUR_TABLE_ROW_GIVES_NOTHING"
    );
    assert_eq!(
        code(|table| table.caps[0].activities = ["song".to_owned()].into()),
        "HOUR_TABLE_CAP_OF_NOTHING"
    );
}

mod properties;
