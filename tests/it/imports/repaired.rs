//! 1,257 rows with six bad ones: they come back marked, are repaired where they stand, and only
//! they post.

use creditbank_domain::level::LevelFramework;
use creditbank_import::ColumnMapping;
use creditbank_ledger::flows::{NewCatalogueVersion, register_frameworks};
use creditbank_ledger::reads;
use kit::{SCHOOL, TestBank, course, keeper, posting};

use super::{TestFile, figures, gbk, told};

const ROWS: usize = 1_257;
const HEAD: &str = "成绩\t获得日期\t姓名\t课程代码\t成绩编号\t身份证号\t学分\t技能等级";

/// A resident number that is nobody's: its area was never given out.
fn number(nth: usize) -> String {
    let first = format!(
        "3499001990{:02}{:02}{:03}",
        1 + nth / 28 % 12,
        1 + nth % 28,
        1 + nth / 336
    );
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = first.bytes().map(|it| u32::from(it - b'0'));
    let sum: u32 = digits
        .zip(weights)
        .map(|(digit, weight)| digit * weight)
        .sum();
    let check = "10X98765432".as_bytes()[usize::try_from(sum % 11).unwrap()];
    format!("{first}{}", char::from(check))
}

fn row(nth: usize) -> Vec<String> {
    let name = format!("学员{}", ["甲", "乙", "丙", "丁"][nth % 4]);
    let day = format!("2024-{:02}-{:02}", 1 + nth % 12, 1 + nth % 28);
    let grade = (60 + nth % 40).to_string();
    let id = format!("XS2024-{nth:05}");
    let level = ["高级工", "三级/高级工", "高级工(三级)", ""][nth % 4];
    let all = [
        &grade,
        &day,
        &name,
        "DIGITAL-3",
        &id,
        &number(nth),
        "6",
        level,
    ];
    all.map(str::to_owned).to_vec()
}

/// The bad ones: where, which cell, and what stands there.
fn mistakes() -> [(usize, usize, String, &'static str); 6] {
    let mistyped = |nth: usize| {
        let mut number = number(nth);
        let last = if number.pop() == Some('1') { '2' } else { '1' };
        number.push(last);
        number
    };
    [
        (211, 5, mistyped(211), "IDENTIFIER_CHECK_DIGIT"),
        (402, 4, "XS2024-00007".to_owned(), "SOURCE_REF_CONFLICT"),
        (598, 7, "中级工".to_owned(), "LEVEL_MISMATCH"),
        (777, 1, "2024-02-30".to_owned(), "DATE_INVALID"),
        (1_003, 5, mistyped(1_003), "IDENTIFIER_CHECK_DIGIT"),
        (1_188, 2, String::new(), "NAME_MISSING"),
    ]
}

/// A bank in which the school certifies digital engineers at 高级工.
fn skills() -> TestBank {
    let bank = TestBank::start();
    let pack = include_str!("../../../packs/frameworks/skill8.json");
    let pack: serde_json::Value = serde_json::from_str(pack).unwrap();
    let framework = &pack["frameworks"][0];
    let text = |name: &str| framework[name].as_str().unwrap().to_owned();
    let value = |name: &str| i16::try_from(framework[name].as_i64().unwrap()).unwrap();
    let framework = LevelFramework {
        code: text("code"),
        name_zh: text("name_zh"),
        name_en: text("name_en"),
        lowest: value("lowest"),
        highest: value("highest"),
        source: text("source"),
    };
    register_frameworks(bank.ledger(), &keeper(), &[framework], &[], bank.now()).unwrap();
    bank.publish(&[NewCatalogueVersion {
        level: Some("SKILL8:4".parse().unwrap()),
        ..course(SCHOOL, "DIGITAL-3", "6.00")
    }]);
    bank
}

fn file(rows: &[Vec<String>]) -> TestFile {
    let lines: String = rows.iter().map(|row| row.join("\t") + "\r\n").collect();
    TestFile::new(gbk(&format!("{HEAD}\r\n{lines}")))
}

fn results(bank: &TestBank, file: &TestFile, import: creditbank_domain::ids::ImportId) -> String {
    let out = file.beside("result");
    bank.try_result_file(SCHOOL, import, &file.path, None, &out)
        .unwrap();
    let bytes = std::fs::read(out).unwrap();
    let (text, _, lossy) = encoding_rs::GBK.decode(&bytes);
    assert!(!lossy, "it comes back in its own encoding");
    text.into_owned()
}

#[test]
fn six_bad_rows_of_1257_come_back_marked_are_repaired_and_only_they_post() {
    let bank = skills();
    let mut rows: Vec<_> = (0..ROWS).map(row).collect();
    for (at, cell, wrong, _) in mistakes() {
        rows[at][cell] = wrong;
    }
    let sent = file(&rows);
    let view = bank.import(SCHOOL, &sent.path, &posting());
    assert_eq!(figures(&view), [1_257, 1_251, 0, 6]);
    let expected = mistakes().map(|(at, _, _, code)| (u64::try_from(at + 2).unwrap(), code));
    let rejected = told(&bank, SCHOOL, view.import_id);
    let rejected: Vec<_> = rejected
        .iter()
        .map(|(line, _, code)| (*line, code.as_str()))
        .collect();
    assert_eq!(rejected, expected);
    let summary = reads::import_summary(
        bank.ledger(),
        &bank.grant(creditbank_domain::authz::Role::Registrar, SCHOOL),
        view.import_id,
    );
    let summary = summary.unwrap();
    assert_eq!(summary.credits[0].1.to_string(), "7506.00");
    assert_eq!(summary.rejected_by_code.len(), 5, "two of one code");
    // Repaired in the file that came back, its three columns and all.
    let text = results(&bank, &sent, view.import_id);
    assert_eq!(text.matches("\t已入账").count(), 1_251);
    let mut lines: Vec<Vec<String>> = text
        .lines()
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect();
    for (at, cell, _, code) in mistakes() {
        let line = &mut lines[at + 1];
        assert_eq!((line[8].as_str(), line[9].as_str()), ("已拒绝", code));
        assert!(!line[10].is_empty(), "it says what is wrong");
        if code == "LEVEL_MISMATCH" {
            assert!(line[10].contains("SKILL8:3 ≠ SKILL8:4"), "{}", line[10]);
        }
        line[cell] = row(at)[cell].clone();
    }
    let repaired: String = lines.iter().map(|line| line.join("\t") + "\r\n").collect();
    let repaired = TestFile::new(gbk(&repaired));
    let view = bank.import(SCHOOL, &repaired.path, &posting());
    assert_eq!(figures(&view), [1_257, 6, 1_251, 0]);
    assert_eq!(bank.row_counts()["outcomes"], 1_257);
    let again = bank.import(SCHOOL, &repaired.path, &posting());
    assert_eq!(figures(&again), [1_257, 0, 1_257, 0]);
}

#[test]
fn a_level_is_compared_where_both_are_known_and_asked_for_where_its_word_is_not() {
    let bank = skills();
    let line = |nth: usize, code: &str, level: &str| {
        let mut line = row(nth);
        (line[3], line[7]) = (code.to_owned(), level.to_owned());
        line
    };
    // CERT-A stands at CN10:5, COURSE-X nowhere.
    bank.publish(&[course(SCHOOL, "COURSE-X", "6.00")]);
    let rows = [
        line(1, "DIGITAL-3", "SKILL8:4"),
        line(2, "DIGITAL-3", "三级"),
        line(3, "DIGITAL-3", "SKILL8:5"),
        line(4, "CERT-A", "CN10:5"),
        line(5, "CERT-A", "CN10:6"),
        line(6, "CERT-A", "高级工"),
        line(7, "COURSE-X", "某级"),
        line(8, "CERT-A", "某级"),
    ];
    let sent = file(&rows);
    let view = bank.import(SCHOOL, &sent.path, &posting());
    let rejected = told(&bank, SCHOOL, view.import_id);
    let rejected: Vec<_> = rejected
        .iter()
        .map(|(line, _, code)| (*line, code.as_str()))
        .collect();
    let expected = [
        (3, "LEVEL_UNKNOWN"),
        (4, "LEVEL_MISMATCH"),
        (6, "LEVEL_MISMATCH"),
        (9, "LEVEL_UNKNOWN"),
    ];
    assert_eq!(rejected, expected);
    let mapping: ColumnMapping = serde_json::from_str(
        r#"{"level_words": {"三级": "高级工", "某级": "CN10:6", "高级工": "CN10:5"}}"#,
    )
    .unwrap();
    let explained = creditbank_import::ImportOptions {
        mapping: Some(mapping),
        ..posting()
    };
    let view = bank.import(SCHOOL, &sent.path, &explained);
    let rejected = told(&bank, SCHOOL, view.import_id);
    let mut rejected: Vec<_> = rejected
        .iter()
        .map(|(line, _, code)| (*line, code.as_str()))
        .collect();
    rejected.retain(|(_, code)| !code.is_empty());
    let left = [
        (4, "LEVEL_MISMATCH"),
        (6, "LEVEL_MISMATCH"),
        (9, "LEVEL_MISMATCH"),
    ];
    assert_eq!(rejected, left);
}
