//! Many lines.

use std::collections::BTreeMap;

use kit::{TestBank, UNIVERSITY, course, outcome, posting};

use super::{TestFile, figures, told};

const LINES: u64 = 20_000;
const STUDENTS: u64 = 3_000;
/// Learners that are known before the file comes.
const KNOWN: u64 = 500;
/// Credits of course `C0`, `C1` … in hundredths.
const COURSES: [u64; 8] = [100, 150, 200, 250, 300, 350, 400, 1200];

/// Student, course, term and grade: every line another combination, in an order without rhyme.
fn line_of(n: u64) -> (u64, usize, u64, u64) {
    // A step without a common divisor visits every combination once.
    let combination = n * 7_919 % (STUDENTS * 8 * 2);
    let (student, course, term) = (
        combination % STUDENTS,
        usize::try_from(combination / STUDENTS % 8).unwrap(),
        combination / STUDENTS / 8 + 1,
    );
    let mixed = combination.wrapping_mul(6_364_136_223_846_793_005) >> 33;
    (student, course, term, mixed % 101)
}

#[test]
fn twenty_thousand_lines_give_the_sums_of_an_independent_computation() {
    let bank = TestBank::start();
    let courses = COURSES.iter().enumerate().map(|(index, hundredths)| {
        let credits = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        course(UNIVERSITY, &format!("C{index}"), &credits)
    });
    bank.publish(&courses.collect::<Vec<_>>());
    let known: Vec<_> = (0..KNOWN)
        .map(|student| {
            outcome("MATH101")
                .student(&format!("S{student:05}"))
                .build()
        })
        .collect();
    bank.try_post(UNIVERSITY, &known).unwrap();

    // By student, then by course: MATH101 of the known ones stands behind the file's courses.
    let math = BTreeMap::from([(COURSES.len(), 400)]);
    let mut expected: BTreeMap<String, BTreeMap<usize, u64>> = (0..KNOWN)
        .map(|student| (format!("S{student:05}"), math.clone()))
        .collect();
    let mut text = "学号,学期,课程代码,成绩\n".to_owned();
    let (mut rejected, mut nothing) = (0, 0);
    for n in 0..LINES {
        let (student, course, term, grade) = line_of(n);
        let student = format!("S{student:05}");
        let refused = n % 1_000 == 999;
        let term = if refused {
            "2025秋".to_owned()
        } else {
            format!("2024-2025-{term}")
        };
        text += &format!("{student},{term},C{course},{grade}\n");
        if refused {
            rejected += 1;
            continue;
        }
        let credited = expected.entry(student).or_default();
        if grade < 60 || credited.insert(course, COURSES[course]).is_some() {
            nothing += 1;
        }
    }
    let file = TestFile::new(text);
    let view = bank.import(UNIVERSITY, &file.path, &posting());
    assert_eq!(figures(&view), [LINES, LINES - rejected, 0, rejected]);
    let students = u64::try_from(expected.len()).unwrap();
    assert_eq!(view.accounts_opened, students - KNOWN);
    let results = told(&bank, UNIVERSITY, view.import_id);
    assert_eq!(u64::try_from(results.len()).unwrap(), rejected + nothing);

    let students: Vec<_> = expected.keys().cloned().collect();
    let learners = bank.learners_by_student_number(UNIVERSITY, &students);
    let balances = bank.credits_of_all();
    assert_eq!(balances.len(), expected.len());
    for (student, courses) in &expected {
        let sum: u64 = courses.values().sum();
        let balance = balances[&learners[student]].get();
        assert_eq!(u64::try_from(balance).unwrap(), sum, "{student}");
    }
}
