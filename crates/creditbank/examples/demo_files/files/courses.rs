//! What the demo's institutions teach.

/// A course as its owner's catalogue has it.
pub(super) struct Course {
    pub(super) code: &'static str,
    pub(super) title: &'static str,
    /// As printed in files: `3.5`, `2`.
    pub(super) credits: &'static str,
    pub(super) hours: &'static str,
    pub(super) marks: Marks,
    /// 课程性质, which some schools fill with commas.
    pub(super) nature: &'static str,
}

/// How a course is marked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Marks {
    Score,
    FiveWords,
    Passed,
}

const fn course(
    code: &'static str,
    title: &'static str,
    credits: &'static str,
    hours: &'static str,
    marks: Marks,
    nature: &'static str,
) -> Course {
    Course {
        code,
        title,
        credits,
        hours,
        marks,
        nature,
    }
}

const COMMON: &str = "公共基础课";
const GENERAL: &str = "通识教育,必修";
const MAJOR: &str = "专业课";
const PRACTICE: &str = "集中实践,校外";

/// The courses of 90002, in the order in which students meet them.
pub(super) const UNIVERSITY: [Course; 24] = [
    course("B0100001", "高等数学(一)", "5", "80", Marks::Score, COMMON),
    course(
        "B0100002",
        "大学英语(一),精读",
        "3.5",
        "56",
        Marks::Score,
        COMMON,
    ),
    course(
        "B0100003",
        "思想道德与法治",
        "3",
        "48",
        Marks::Score,
        GENERAL,
    ),
    course("B0100004", "体育(一)", "1", "32", Marks::FiveWords, GENERAL),
    course("B0100005", "入学教育", "0.5", "8", Marks::Passed, GENERAL),
    course(
        "B0100006",
        "计算机应用基础",
        "3",
        "48",
        Marks::Score,
        COMMON,
    ),
    course("B0100007", "线性代数", "2.5", "40", Marks::Score, COMMON),
    course(
        "B0100008",
        "大学物理(上)",
        "3.5",
        "56",
        Marks::Score,
        COMMON,
    ),
    course(
        "B0100009",
        "马克思主义基本原理",
        "3",
        "48",
        Marks::Score,
        GENERAL,
    ),
    course(
        "B0100010",
        "C语言程序设计",
        "3.5",
        "56",
        Marks::Score,
        MAJOR,
    ),
    course("B0200011", "工程力学", "4", "64", Marks::Score, MAJOR),
    course("B0200012", "电路分析", "3.5", "56", Marks::Score, MAJOR),
    course("B0200013", "机械原理", "3.5", "56", Marks::Score, MAJOR),
    course(
        "B0200014",
        "认识实习",
        "1",
        "20",
        Marks::FiveWords,
        PRACTICE,
    ),
    course("B0200015", "管理学原理", "3", "48", Marks::Score, MAJOR),
    course("B0200016", "经济法", "2", "32", Marks::Score, MAJOR),
    course("B0200017", "数据结构", "4", "64", Marks::Score, MAJOR),
    course(
        "B0200018",
        "概率论与数理统计",
        "3.5",
        "56",
        Marks::Score,
        COMMON,
    ),
    course("B0200019", "市场营销", "2.5", "40", Marks::Score, MAJOR),
    course("B0200020", "数据库原理", "3.5", "56", Marks::Score, MAJOR),
    course(
        "B0200021",
        "金工实习",
        "2",
        "40",
        Marks::FiveWords,
        PRACTICE,
    ),
    course("B0200022", "劳动教育", "1", "32", Marks::Passed, GENERAL),
    course("B0200023", "操作系统", "3.5", "56", Marks::Score, MAJOR),
    course(
        "B0200024",
        "毕业设计",
        "10",
        "160",
        Marks::FiveWords,
        PRACTICE,
    ),
];

/// A course of the technical school: what it gives, and its level where that matters.
pub(super) struct Skill {
    pub(super) code: &'static str,
    pub(super) title: &'static str,
    pub(super) category: &'static str,
    pub(super) credits: &'static str,
    /// On the national framework of ten levels, `CN10`.
    pub(super) level: &'static str,
}

const fn skill(
    code: &'static str,
    title: &'static str,
    category: &'static str,
    credits: &'static str,
    level: &'static str,
) -> Skill {
    Skill {
        code,
        title,
        category,
        credits,
        level,
    }
}

/// The courses and certificates of 95001.
pub(super) const SCHOOL: [Skill; 11] = [
    skill("JG-ENG-B", "实用英语(B级)", "课程", "6.00", "5"),
    skill("JG-DRAW", "机械制图", "课程", "6.00", "5"),
    skill("JG-ELEC", "电工技术", "课程", "6.00", "5"),
    skill("JG-COMP", "计算机应用", "课程", "6.00", "5"),
    skill(
        "JG-CNC-4",
        "数控车工(高级)",
        "职业技能等级证书",
        "6.00",
        "5",
    ),
    skill(
        "JG-CNC-3",
        "数控车工(初级)",
        "职业技能等级证书",
        "6.00",
        "2",
    ),
    skill("JG-FORK", "叉车操作", "培训", "4.00", "3"),
    skill("JG-SAFE", "安全生产教育", "培训", "1.00", "4"),
    skill("JG-ETHIC", "职业素养", "课程", "3.00", "5"),
    skill("JG-WELD", "焊工工艺", "课程", "4.50", "4"),
    skill("JG-MATH", "应用数学", "课程", "3.50", "5"),
];

/// The courses of 90002's programme that its rules give, all of 6.00 but the last two.
pub(super) const TARGETS: [(&str, &str, &str); 7] = [
    ("DE101", "大学英语", "6.00"),
    ("DE102", "工程制图", "6.00"),
    ("DE103", "电工学", "6.00"),
    ("DE104", "计算机基础", "6.00"),
    ("DE105", "数控加工实训", "6.00"),
    ("DE106", "职业道德与就业指导", "3.00"),
    ("DE107", "工程数学", "3.50"),
];

/// 高等学历继续教育学习指南, which 28 institutions built together.
pub(super) const GUIDE: (&str, &str, &str) = ("GL0001", "高等学历继续教育学习指南", "2.00");
