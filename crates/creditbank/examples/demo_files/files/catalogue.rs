//! The catalogue entries that the demo's files name and its rules give.

use super::courses::{GUIDE, SCHOOL, TARGETS, UNIVERSITY};
use super::table::Table;

const HEADER: [&str; 14] = [
    "机构代码",
    "课程代码",
    "名称",
    "类别",
    "学分",
    "学时",
    "等级框架",
    "等级",
    "最低成绩",
    "生效日期",
    "失效日期",
    "共建机构",
    "可重复",
    "有效月数",
];

const IN_FORCE_FROM: &str = "2010-01-01";

/// One row an entry.
pub(super) fn entries() -> Table {
    let mut table = Table::new(&HEADER);
    for course in &UNIVERSITY {
        table.push(row(Entry {
            owner: "90002",
            code: course.code,
            title: course.title,
            category: "课程",
            credits: course.credits,
            hours: course.hours,
            ..Entry::default()
        }));
    }
    for (code, title, credits) in TARGETS {
        table.push(row(Entry {
            owner: "90002",
            code,
            title,
            category: "课程",
            credits,
            level: "6",
            ..Entry::default()
        }));
    }
    for skill in &SCHOOL {
        table.push(row(Entry {
            owner: "95001",
            code: skill.code,
            title: skill.title,
            category: skill.category,
            credits: skill.credits,
            level: skill.level,
            ..Entry::default()
        }));
    }
    let (code, title, credits) = GUIDE;
    let builders: Vec<String> = (90_002..=90_028).map(|code| code.to_string()).collect();
    table.push(row(Entry {
        owner: "90001",
        code,
        title,
        category: "课程",
        credits,
        builders: &builders.join(";"),
        ..Entry::default()
    }));
    table
}

#[derive(Default)]
struct Entry<'a> {
    owner: &'a str,
    code: &'a str,
    title: &'a str,
    category: &'a str,
    credits: &'a str,
    hours: &'a str,
    level: &'a str,
    builders: &'a str,
}

fn row(entry: Entry<'_>) -> Vec<String> {
    let framework = if entry.level.is_empty() { "" } else { "CN10" };
    let cells = [
        entry.owner,
        entry.code,
        entry.title,
        entry.category,
        entry.credits,
        entry.hours,
        framework,
        entry.level,
        "pass",
        IN_FORCE_FROM,
        "",
        entry.builders,
        "否",
        "",
    ];
    cells.map(str::to_owned).to_vec()
}
