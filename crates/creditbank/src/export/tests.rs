use creditbank_domain::ids::{HoldId, LotId, OutcomeId, RequestId, TransferId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::reads::ExportedTransfer;
use uuid::Uuid;

use super::*;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn transfer(n: u128, kind: &str, from: &str, to: &str) -> ExportedTransfer {
    ExportedTransfer {
        transfer_id: TransferId::from_uuid(id(n)),
        learner_no: LearnerNo::from_random(7),
        institution_code: "90001".to_owned(),
        entry_code: "MATH101".to_owned(),
        unit: creditbank_domain::amount::Unit::Credit,
        kind: kind.to_owned(),
        from_account: from.to_owned(),
        to_account: to.to_owned(),
        amount: "3.5".parse().unwrap(),
        // Already the 23rd in China.
        recorded_at: "2026-11-22T16:00:00.000001Z".parse().unwrap(),
        effective_on: "2026-01-31".parse().unwrap(),
        lot_id: LotId::from_uuid(id(100)),
        outcome_id: OutcomeId::from_uuid(id(200)),
        request_id: None,
        hold_id: None,
        correction_id: None,
    }
}

/// An issue, a hold for a request, and one of hours for something else with codes that would be
/// something to a spreadsheet, a journal or a shell.
fn transfers() -> Vec<ExportedTransfer> {
    vec![
        transfer(1, "issue", "issuer", "available"),
        ExportedTransfer {
            request_id: Some(RequestId::from_uuid(id(300))),
            ..transfer(2, "hold", "available", "held")
        },
        ExportedTransfer {
            institution_code: "=甲-1".to_owned(),
            entry_code: "@a\"b\\c;d|e,f".to_owned(),
            unit: creditbank_domain::amount::Unit::Hour,
            amount: "120".parse().unwrap(),
            hold_id: Some(HoldId::from_uuid(id(400))),
            ..transfer(3, "settle", "held", "used")
        },
    ]
}

fn written(format: Format) -> String {
    let mut out = Vec::new();
    let mut scribe = format.scribe();
    scribe.begin(&mut out).unwrap();
    let all = transfers();
    // In two pages: what a format remembers goes on from page to page.
    scribe.transfers(&all[..1], &mut out).unwrap();
    scribe.transfers(&all[1..], &mut out).unwrap();
    scribe.end(3, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn check(format: Format, expected: &str) {
    let number = transfers()[0].learner_no;
    let found = written(format).replace(number.as_str(), "NUMBER");
    assert_eq!(found, expected, "\n{found}");
}

#[test]
fn a_journal_of_hledger() {
    check(Format::Hledger, include_str!("tests/hledger.journal"));
}

#[test]
fn a_file_of_beancount() {
    check(Format::Beancount, include_str!("tests/books.beancount"));
}

#[test]
fn a_table_that_no_spreadsheet_takes_for_formulas() {
    check(Format::Csv, include_str!("tests/books.csv"));
    let mut reader = csv::Reader::from_reader(include_str!("tests/books.csv").as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3);
    let cells = rows.iter().flat_map(csv::StringRecord::iter);
    for cell in cells {
        assert!(
            !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
            "{cell}"
        );
    }
}

#[test]
fn one_json_object_a_line() {
    check(Format::Jsonl, include_str!("tests/books.jsonl"));
    for line in include_str!("tests/books.jsonl").lines() {
        let object: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(object["amount"].is_string() && object["unit"].is_string());
    }
}
