//! Three thousand students of 90002 as their 强智 system exports them: 12,000 lines.
//!
//! Every way of writing a result that misleads importers is in it. All lines are good but those of
//! deferred examinations (缓考), which have no result yet.

use super::courses::{Course, Marks, UNIVERSITY};
use super::draw::Draw;
use super::people;
use super::table::Table;

const HEADER: [&str; 15] = [
    "学号",
    "姓名",
    "序号",
    "开课学期",
    "课程编号",
    "课程名称",
    "成绩",
    "成绩标识",
    "学分",
    "总学时",
    "绩点",
    "考试性质",
    "考核方式",
    "课程属性",
    "课程性质",
];

const LINES: usize = 12_000;
const STUDENTS: u32 = 3_000;
/// How many students have one examination deferred.
const DEFERRED: u32 = 17;
/// The most courses a student can have met before the file was made.
const COURSES_MAX: u32 = 10;

struct Student {
    number: String,
    name: String,
    entered_in: u32,
    first_course: u32,
    courses: u32,
    lines: Vec<Vec<String>>,
}

/// What stands in the cells of one result.
struct Cells<'a> {
    grade: String,
    mark: &'a str,
    nature: &'a str,
}

/// The whole file.
pub(super) fn lines() -> Table {
    let mut draw = Draw::new(20_201_224);
    let mut students: Vec<Student> = (0..STUDENTS)
        .map(|index| student(index, &mut draw))
        .collect();
    for student in &mut students {
        for _ in 0..3 {
            take_course(student, &mut draw);
        }
    }
    let every = usize::try_from(STUDENTS / DEFERRED).unwrap_or(1);
    let deferred = usize::try_from(DEFERRED).unwrap_or(0);
    for student in students.iter_mut().step_by(every).take(deferred) {
        take_deferred(student);
    }
    let mut total: usize = students.iter().map(|student| student.lines.len()).sum();
    while total < LINES {
        for student in &mut students {
            if total < LINES && student.courses < COURSES_MAX {
                take_plain(student, &mut draw);
                total += 1;
            }
        }
    }
    let mut table = Table::new(&HEADER);
    let all = students.into_iter().flat_map(|student| student.lines);
    for (position, mut line) in (1..).zip(all) {
        if let Some(cell) = line.get_mut(2) {
            *cell = format!("{position}");
        }
        table.push(line);
    }
    table
}

fn student(index: u32, draw: &mut Draw) -> Student {
    let entered_in = 2020 + index / 1_000;
    Student {
        // One class kept the leading zero that spreadsheets like to drop.
        number: if index % 1_000 < 40 {
            format!("0{entered_in}{:05}", index % 1_000 + 1)
        } else {
            format!("{entered_in}{:06}", index % 1_000 + 1)
        },
        name: people::name(draw),
        entered_in,
        first_course: draw.below(24),
        courses: 0,
        lines: Vec::new(),
    }
}

impl Student {
    /// The next course, and the term in which it is taken: two courses a term.
    fn next(&mut self) -> (&'static Course, String) {
        let index = usize::try_from(self.first_course + self.courses).unwrap_or(0);
        let term = self.term(self.courses / 2);
        self.courses += 1;
        let [first, ..] = &UNIVERSITY;
        let course = UNIVERSITY.get(index % UNIVERSITY.len()).unwrap_or(first);
        (course, term)
    }

    fn term(&self, count: u32) -> String {
        let year = self.entered_in + count / 2;
        format!("{year}-{}-{}", year + 1, count % 2 + 1)
    }

    fn write(&mut self, course: &Course, term: &str, result: Cells<'_>) {
        let full_width = self.lines.len() == 1 && self.number.ends_with("07");
        let number = if full_width {
            wide(&self.number)
        } else {
            self.number.clone()
        };
        let assessed = if course.marks == Marks::Score {
            "考试"
        } else {
            "考查"
        };
        let line = [
            &number,
            &self.name,
            "",
            term,
            course.code,
            course.title,
            &result.grade,
            result.mark,
            course.credits,
            course.hours,
            &grade_point(&result.grade),
            result.nature,
            assessed,
            "必修",
            course.nature,
        ];
        self.lines.push(line.map(str::to_owned).to_vec());
    }
}

/// A course with whatever may happen in it: passed, failed and passed, absent, exempted …
fn take_course(student: &mut Student, draw: &mut Draw) {
    let (course, term) = student.next();
    let at = |grade: &str, mark, nature| Cells {
        grade: grade.to_owned(),
        mark,
        nature,
    };
    let first = "正常考试";
    match draw.below(400) {
        0..=23 => {
            let failed = format!("{}", 30 + draw.below(30));
            student.write(course, &term, at(&failed, "", first));
            let passed = format!("{}", 60 + draw.below(15));
            student.write(course, &term, at(&passed, "补考", "补考"));
        }
        24..=27 => {
            let passed = format!("{}", 61 + draw.below(9));
            student.write(course, &term, at(&passed, "", first));
            let better = format!("{}", 80 + draw.below(15));
            let later = student.term(6);
            student.write(course, &later, at(&better, "", "重修"));
        }
        28 => student.write(course, &term, at("缺考", "", first)),
        29 => student.write(course, &term, at("0", "缺考", first)),
        30 => student.write(course, &term, at("0", "作弊", first)),
        31..=33 => student.write(course, &term, at("", "免修", first)),
        34 => student.write(course, &term, at("—", "学分认定", first)),
        35..=38 => student.write(course, &term, at("不及格", "", first)),
        _ => write_passed(student, course, &term, draw),
    }
}

/// A course of an ordinary student: one line.
fn take_plain(student: &mut Student, draw: &mut Draw) {
    let (course, term) = student.next();
    write_passed(student, course, &term, draw);
}

fn write_passed(student: &mut Student, course: &Course, term: &str, draw: &mut Draw) {
    let grade = match course.marks {
        Marks::FiveWords => draw
            .one_of(&["优秀", "良好", "良好", "中等", "及格"])
            .to_owned(),
        Marks::Passed => "通过".to_owned(),
        Marks::Score => match draw.below(120) {
            0 => wide(&format!("{}", 60 + draw.below(40))),
            1..=3 => format!("{}.5", 60 + draw.below(39)),
            _ => format!("{}", 60 + draw.below(40)),
        },
    };
    student.write(
        course,
        term,
        Cells {
            grade,
            mark: "",
            nature: "正常考试",
        },
    );
}

/// 缓考: the only kind of line that the bank sends back.
fn take_deferred(student: &mut Student) {
    let (course, term) = student.next();
    student.write(
        course,
        &term,
        Cells {
            grade: String::new(),
            mark: "缓考",
            nature: "正常考试",
        },
    );
}

/// The full-width form in which some input methods leave digits.
fn wide(text: &str) -> String {
    let widened = text.chars().map(|character| match character {
        '0'..='9' => char::from_u32(u32::from(character) + 0xFEE0).unwrap_or(character),
        other => other,
    });
    widened.collect()
}

/// A tenth of what lies above 50; nothing where there is no passing score.
fn grade_point(grade: &str) -> String {
    match grade.parse::<u32>() {
        Ok(score) if score >= 60 => format!("{}.{}", (score - 50) / 10, (score - 50) % 10),
        _ => "0".to_owned(),
    }
}
