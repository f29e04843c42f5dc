//! What 95001 posts (1,257 lines, six of them bad) and the 40 learners it asks for.

use super::courses::{SCHOOL, Skill};
use super::draw::Draw;
use super::people;
use super::table::Table;

const HEADER: [&str; 8] = [
    "记录编号",
    "身份证号",
    "姓名",
    "课程代码",
    "课程名称",
    "学分",
    "成绩",
    "发证日期",
];

const LINES: usize = 1_257;

/// The file and the cohort's list.
pub(super) struct School {
    pub(super) lines: Table,
    pub(super) cohort: Table,
}

/// One line before it is written, so that it can be spoiled.
struct Line {
    number: String,
    name: String,
    code: String,
    title: String,
    credits: String,
    grade: String,
    awarded_on: String,
}

type Earned = (&'static str, &'static str, &'static str);

/// What a learner of the cohort brings, by the outcome it leads to. 62.00 × 35 % = 21.70.
const GRANTED: [&[Earned]; 4] = [
    &[
        ("JG-ENG-B", "82", "2025-01-12"),
        ("JG-DRAW", "76", "2025-06-28"),
    ],
    &[
        ("JG-DRAW", "良好", "2024-12-20"),
        ("JG-ELEC", "70", "2025-06-28"),
        ("JG-ETHIC", "90", "2025-07-04"),
    ],
    &[
        ("JG-CNC-4", "合格", "2025-05-16"),
        ("JG-COMP", "88", "2025-06-30"),
    ],
    &[
        ("JG-ENG-B", "78", "2025-01-12"),
        ("JG-COMP", "66", "2025-06-30"),
        ("JG-MATH", "71", "2025-07-02"),
    ],
];
/// 24.00 asked: 6.00 + 6.00 + 6.00, then 3.70 of the last 6.00.
const PARTLY: &[Earned] = &[
    ("JG-DRAW", "81", "2024-12-20"),
    ("JG-ENG-B", "79", "2025-01-12"),
    ("JG-ELEC", "74", "2025-06-28"),
    ("JG-COMP", "85", "2025-06-30"),
];
const REFUSED: [&[Earned]; 4] = [
    // GRADE_TOO_LOW: the rule wants 75.
    &[("JG-ENG-B", "62", "2025-01-12")],
    // LEVEL_TOO_LOW: the rule wants CN10 4, this certificate is CN10 2.
    &[("JG-CNC-3", "合格", "2025-05-16")],
    // NOT_IN_LIST: no rule names it.
    &[("JG-FORK", "合格", "2025-04-11")],
    // EXPIRED: older than 120 months.
    &[("JG-COMP", "91", "2014-06-30")],
];

/// Both tables.
pub(super) fn file() -> School {
    let mut draw = Draw::new(1_257);
    let mut cohort = Table::new(&["身份证号", "姓名"]);
    let mut lines = Vec::new();
    for index in 0..40 {
        let (number, name) = (people::resident_number(index), people::name(&mut draw));
        cohort.push([number.clone(), name.clone()]);
        for earned in brought_by(index) {
            lines.extend(line(&number, &name, earned));
        }
    }
    let mut others = 40..;
    while lines.len() < LINES {
        let Some(index) = others.next() else { break };
        let (number, name) = (people::resident_number(index), people::name(&mut draw));
        for _ in 0..=draw.below(2) {
            if lines.len() < LINES {
                lines.extend(any_line(&number, &name, &lines, &mut draw));
            }
        }
    }
    spoil(&mut lines);
    let mut table = Table::new(&HEADER);
    for (position, line) in (1..).zip(lines) {
        table.push([
            format!("JG2025-{position:05}"),
            line.number,
            line.name,
            line.code,
            line.title,
            line.credits,
            line.grade,
            line.awarded_on,
        ]);
    }
    School {
        lines: table,
        cohort,
    }
}

/// 31 whole, then 5 that meet the cap, then 4 that bring nothing that counts.
fn brought_by(index: u32) -> &'static [Earned] {
    match index {
        0..=30 => pick(&GRANTED, index % 4),
        31..=35 => PARTLY,
        other => pick(&REFUSED, other.saturating_sub(36)),
    }
}

fn pick(all: &'static [&'static [Earned]], index: u32) -> &'static [Earned] {
    let index = usize::try_from(index).unwrap_or(0);
    all.get(index).copied().unwrap_or_default()
}

fn line(number: &str, name: &str, earned: &Earned) -> Option<Line> {
    let (code, grade, awarded_on) = earned;
    let skill = SCHOOL.iter().find(|skill| skill.code == *code)?;
    Some(written(number, name, skill, grade, awarded_on))
}

fn written(number: &str, name: &str, skill: &Skill, grade: &str, awarded_on: &str) -> Line {
    Line {
        number: number.to_owned(),
        name: name.to_owned(),
        code: skill.code.to_owned(),
        title: skill.title.to_owned(),
        credits: skill.credits.to_owned(),
        grade: grade.to_owned(),
        awarded_on: awarded_on.to_owned(),
    }
}

/// A line of somebody outside the cohort; never the same course twice.
fn any_line(number: &str, name: &str, before: &[Line], draw: &mut Draw) -> Option<Line> {
    let bound = u32::try_from(SCHOOL.len()).unwrap_or(1);
    let skill = SCHOOL.get(usize::try_from(draw.below(bound)).unwrap_or(0))?;
    if before
        .iter()
        .any(|line| line.number == number && line.code == skill.code)
    {
        return None;
    }
    let grade = if skill.category == "课程" {
        format!("{}", 60 + draw.below(40))
    } else {
        "合格".to_owned()
    };
    let awarded_on = format!("2025-{:02}-{:02}", 1 + draw.below(7), 1 + draw.below(28));
    Some(written(number, name, skill, &grade, &awarded_on))
}

/// The six mistakes, each on a line of its own and none of them the cohort's.
fn spoil(lines: &mut [Line]) {
    let mut at = |position: usize, mistake: &dyn Fn(&mut Line)| {
        if let Some(line) = lines.get_mut(position) {
            mistake(line);
        }
    };
    at(211, &|line| line.number = people::mistyped(&line.number));
    at(402, &|line| line.code = "JG-UNKNOWN".to_owned());
    at(598, &|line| line.awarded_on = "2025-02-30".to_owned());
    at(777, &|line| line.name.clear());
    at(1_003, &|line| line.number = people::mistyped(&line.number));
    at(1_188, &|line| line.credits = "3.505".to_owned());
}
