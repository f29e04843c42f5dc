//! Looking first, and handing in again.

use kit::{TestBank, UNIVERSITY, dry_run, posting, qiangzhi_courses, samples};

use super::samples::{CLASS_FILES, QIANGZHI, of_student};
use super::{TestFile, figures, in_transactions_of, told};

#[test]
fn a_dry_run_of_one_transaction_leaves_no_row_and_says_what_the_real_run_says() {
    let bank = TestBank::start();
    bank.publish(&qiangzhi_courses());
    let before = bank.row_counts();
    let looked = |file: &str, student: Option<&str>| {
        let file = samples().join(file);
        let options = |options| match student {
            Some(number) => of_student(number, options),
            None => options,
        };
        let books = bank.row_counts();
        let looked = bank.import(UNIVERSITY, &file, &options(dry_run()));
        assert_eq!(bank.row_counts(), books, "a dry run posts nothing");
        let done = bank.import(UNIVERSITY, &file, &options(posting()));
        assert_eq!(figures(&looked), figures(&done));
        assert_eq!(looked.accounts_opened, done.accounts_opened);
        assert_eq!(
            told(&bank, UNIVERSITY, looked.import_id),
            told(&bank, UNIVERSITY, done.import_id)
        );
        figures(&done)
    };
    assert_eq!(looked(CLASS_FILES[1], None), [14, 14, 0, 0]);
    assert_eq!(looked(CLASS_FILES[3], None), [14, 0, 14, 0]);
    assert_eq!(looked(QIANGZHI, Some("S1")), [11, 10, 0, 1]);
    assert_ne!(bank.row_counts(), before);
}

#[test]
fn a_dry_run_in_many_transactions_leaves_no_row_either() {
    let bank = TestBank::start();
    let before = bank.row_counts();
    let file = samples().join(CLASS_FILES[0]);
    let looked = bank.import(UNIVERSITY, &file, &in_transactions_of(2, dry_run()));
    assert_eq!(figures(&looked), [14, 14, 0, 0]);
    assert_eq!(bank.row_counts(), before);
}

#[test]
fn a_line_that_stands_twice_in_one_transaction_is_posted_once_in_the_dry_run_too() {
    let text = "学号,学期,课程代码,学分,成绩\n\
                1,2025-2026-1,MATH101,4,60\n\
                2,2025-2026-1,MATH101,4,70\n\
                1,2025-2026-1,MATH101,4,60\n";
    let bank = TestBank::start();
    let file = TestFile::new(text);
    for options in [dry_run(), posting()] {
        let view = bank.import(UNIVERSITY, &file.path, &options);
        assert_eq!(figures(&view), [3, 2, 1, 0], "{:?}", options.mode);
        assert_eq!(view.accounts_opened, 2);
    }
}

/// Each transaction is taken back, so the next one knows nothing of it: the command line says so.
#[test]
fn a_dry_run_does_not_see_repeats_across_transactions_and_a_posting_run_does() {
    let text = "学号,学期,课程代码,学分,成绩\n\
                1,2025-2026-1,MATH101,4,60\n\
                2,2025-2026-1,MATH101,4,70\n\
                1,2025-2026-1,MATH101,4,60\n";
    let bank = TestBank::start();
    let file = TestFile::new(text);
    let looked = bank.import(UNIVERSITY, &file.path, &in_transactions_of(2, dry_run()));
    assert_eq!(figures(&looked), [3, 3, 0, 0]);
    assert_eq!(looked.accounts_opened, 3);
    let done = bank.import(UNIVERSITY, &file.path, &in_transactions_of(2, posting()));
    assert_eq!(figures(&done), [3, 2, 1, 0]);
    assert_eq!(done.accounts_opened, 2);
}

#[test]
fn the_same_grades_in_another_layout_post_nothing_new() {
    let bank = TestBank::start();
    let first = bank.import(UNIVERSITY, &samples().join(CLASS_FILES[0]), &posting());
    assert_eq!(figures(&first), [14, 14, 0, 0]);
    let books = bank.row_counts();
    // Titles above, other headings, other order, the term in two columns, full-width figures, a
    // footer: none of it makes another outcome.
    let mut reader = csv::Reader::from_path(samples().join(CLASS_FILES[0])).unwrap();
    let mut other = "某某大学成绩单;;;;;\n课程编号;总评成绩;学籍号;学年;学期;获得学分\n".to_owned();
    for row in reader.records() {
        let row = row.unwrap();
        let wide = row[6].replace('9', "９");
        other += &format!("{};{wide};{};2025-2026;1;{}\n", &row[3], &row[0], &row[5]);
    }
    other += "合计;;;;;77\n";
    let file = TestFile::new(other);
    let again = bank.import(UNIVERSITY, &file.path, &posting());
    assert_eq!(figures(&again), [14, 0, 14, 0]);
    assert_eq!(bank.row_counts(), books);
}

#[test]
fn a_layout_that_says_less_finds_the_same_outcome() {
    let bank = TestBank::start();
    let row = |credits: &str| format!("1,2025-2026-1,MATH101{credits},60\n");
    let full = TestFile::new(format!("学号,学期,课程代码,学分,成绩\n{}", row(",4")));
    let first = bank.import(UNIVERSITY, &full.path, &posting());
    assert_eq!(figures(&first), [1, 1, 0, 0]);
    let books = bank.row_counts();
    let bare = TestFile::new(format!("学号,学期,课程代码,成绩\n{}", row("")));
    let again = bank.import(UNIVERSITY, &bare.path, &posting());
    assert_eq!(figures(&again), [1, 0, 1, 0]);
    assert_eq!(bank.row_counts(), books);
}
