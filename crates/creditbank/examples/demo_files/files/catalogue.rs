//! The catalogue entries that the demo's files name and its rules give.

use super::courses::{GUIDE, SCHOOL, TARGETS, UNIVERSITY};
use super::table::Table;

const HEADER: [&str; 19] = [
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
    "模块",
    "应修讲数",
    "考试最低分",
    "复审月数",
    "复审宽限天数",
];

/// The guide's 8 modules with their 26 lectures.
const GUIDE_MODULES: &str = "政策与制度×4;专业与课程×4;入学与学籍×3;在线学习方法×3;\
    实践与作业×3;考试与考核×3;学分认定与转换×3;毕业与学位×3";

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
        course: [GUIDE_MODULES, "26", "60", "24", "30"],
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
    /// Modules, lectures to be done, the least score of the exam, the review clock.
    course: [&'a str; 5],
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
    cells
        .iter()
        .chain(&entry.course)
        .map(|cell| (*cell).to_owned())
        .collect()
}
