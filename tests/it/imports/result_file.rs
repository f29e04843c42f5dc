//! The institution's own file comes back with its results, and can be sent again.

use kit::{TestBank, UNIVERSITY, dry_run, posting, samples};

use super::samples::CLASS_FILES;
use super::{TestFile, figures, gbk};

const HEADER: &str = "学号,姓名,学期,课程代码,学分,成绩";
const KNOWN: &str = "01,王小明,2024-2025-1,MATH101,4,75";
const FAILED: &str = "02,\"李,四\",2024-2025-1,MATH101,4.00,49";
const UNKNOWN_COURSE: &str = "03, 张三 ,2024-2025-1,MATH1O1,4,８８";
const BAD_AMOUNT: &str = "04,赵六,2024-2025-1,PE102,1.505,90";
const GOOD: &str = "05,欧阳娜娜,2024-2025-1,PE102,1.5,优秀";

fn of_lines(lines: &[&str]) -> String {
    let mut text = "某某大学成绩单,,,,,\r\n".to_owned();
    for line in lines {
        text += line;
        text += "\r\n";
    }
    text + "合计,,,,5,\r\n"
}

fn result_of(
    bank: &TestBank,
    file: &TestFile,
    import: creditbank_domain::ids::ImportId,
) -> Vec<u8> {
    let out = file.beside("result");
    bank.try_result_file(UNIVERSITY, import, &file.path, None, &out)
        .unwrap();
    std::fs::read(out).unwrap()
}

/// A bank in which the first line is known, and a GBK file with all of them.
fn handed_in() -> (TestBank, TestFile) {
    let bank = TestBank::start();
    let earlier = TestFile::new(of_lines(&[HEADER, KNOWN]));
    assert_eq!(
        figures(&bank.import(UNIVERSITY, &earlier.path, &posting())),
        [1, 1, 0, 0]
    );
    let all = [HEADER, KNOWN, FAILED, UNKNOWN_COURSE, BAD_AMOUNT, GOOD];
    (bank, TestFile::new(gbk(&of_lines(&all))))
}

#[test]
fn a_gbk_file_comes_back_byte_for_byte_with_three_columns_more() {
    let (bank, file) = handed_in();
    let view = bank.import(UNIVERSITY, &file.path, &posting());
    assert_eq!(figures(&view), [5, 2, 1, 2]);
    let result = result_of(&bank, &file, view.import_id);

    let original = std::fs::read(&file.path).unwrap();
    let lines = |bytes: &[u8]| -> Vec<Vec<u8>> {
        bytes
            .split(|byte| *byte == b'\n')
            .map(<[u8]>::to_vec)
            .collect()
    };
    let (before, after) = (lines(&original), lines(&result));
    assert_eq!(before.len(), after.len());
    for (index, (before, after)) in before.iter().zip(&after).enumerate() {
        let before = before.strip_suffix(b"\r").unwrap_or(before);
        assert!(
            after.starts_with(before),
            "line {} kept its bytes",
            index + 1
        );
    }
    let added = |index: usize| {
        let bytes = after[index].strip_suffix(b"\r").expect("its line end");
        let bytes = &bytes[before[index].len() - 1..];
        encoding_rs::GBK.decode(bytes).0.into_owned()
    };
    assert_eq!(added(0), "", "a title has no result");
    assert_eq!(added(1), ",行状态,错误代码,说明");
    assert_eq!(added(2), ",已存在,,");
    assert!(
        added(3).starts_with(",已入账,GRADE_TOO_LOW,"),
        "{}",
        added(3)
    );
    assert!(
        added(4).starts_with(",已拒绝,OUTCOME_UNKNOWN,"),
        "{}",
        added(4)
    );
    let amount = added(5);
    assert!(
        amount.starts_with(",已拒绝,AMOUNT_TOO_PRECISE,"),
        "{amount}"
    );
    assert!(
        amount.contains("「学分」列"),
        "it names the column: {amount}"
    );
    assert_eq!(added(6), ",已入账,,");
    assert_eq!(added(7), "", "nor has a footer");
}

#[test]
fn of_a_repaired_result_file_only_the_repaired_lines_post() {
    let (bank, file) = handed_in();
    let view = bank.import(UNIVERSITY, &file.path, &posting());
    let result = result_of(&bank, &file, view.import_id);

    // As it came back, it says the same again and posts nothing.
    let books = bank.row_counts();
    let unrepaired = TestFile::new(&result);
    let again = bank.import(UNIVERSITY, &unrepaired.path, &posting());
    assert_eq!(figures(&again), [5, 0, 3, 2]);
    assert_eq!(bank.row_counts(), books);

    let (text, ..) = encoding_rs::GBK.decode(&result);
    let repaired = text.replace("MATH1O1", "MATH101").replace("1.505", "1.5");
    let repaired = TestFile::new(gbk(&repaired));
    let again = bank.import(UNIVERSITY, &repaired.path, &posting());
    assert_eq!(figures(&again), [5, 2, 3, 0]);
    assert_eq!(again.accounts_opened, 2);
    let balances = bank.credits_by_student_number(UNIVERSITY, &["01", "02", "03", "04", "05"]);
    let balances: Vec<_> = balances.iter().map(|(_, sum)| sum.as_str()).collect();
    assert_eq!(balances, ["4.00", "0.00", "4.00", "1.50", "1.50"]);
}

#[test]
fn a_dry_run_s_file_never_says_that_anything_was_posted() {
    let (bank, file) = handed_in();
    let view = bank.import(UNIVERSITY, &file.path, &dry_run());
    assert_eq!(figures(&view), [5, 2, 1, 2]);
    let result = result_of(&bank, &file, view.import_id);
    let text = encoding_rs::GBK.decode(&result).0.into_owned();
    assert!(!text.contains("已入账"), "{text}");
    assert_eq!(text.matches(",可入账,").count(), 2);
    assert_eq!(text.matches(",已存在,").count(), 1);
    assert_eq!(text.matches(",已拒绝,").count(), 2);
}

#[test]
fn every_class_file_comes_back_and_is_known_when_it_is_sent_again() {
    for name in CLASS_FILES {
        let bank = TestBank::start();
        let original = samples().join(name);
        let view = bank.import(UNIVERSITY, &original, &posting());
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("result");
        bank.try_result_file(UNIVERSITY, view.import_id, &original, None, &out)
            .unwrap();
        let again = bank.import(UNIVERSITY, &out, &posting());
        assert_eq!(figures(&again), [14, 0, 14, 0], "{name}");
    }
}

#[test]
fn another_file_is_never_taken_for_the_one_that_was_imported() {
    let (bank, file) = handed_in();
    let view = bank.import(UNIVERSITY, &file.path, &posting());
    let shorter = TestFile::new(gbk(&of_lines(&[HEADER, KNOWN, FAILED])));
    let out = shorter.beside("result");
    let refused = bank
        .try_result_file(UNIVERSITY, view.import_id, &shorter.path, None, &out)
        .unwrap_err();
    assert_eq!(refused.fault().unwrap().code, "RESULT_FILE_MISMATCH");
    assert!(!out.exists(), "half a result is no result");
}
