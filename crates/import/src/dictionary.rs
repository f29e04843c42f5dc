//! The headings that institutions' systems really write, and what each one means.
//!
//! Seen in 强智, 正方 and class sheets and in English exports. Only data: a heading is added here and
//! nowhere else. The first heading of a field is its exact one and wins over the others.

mod requests;

use serde::{Deserialize, Serialize};

use crate::fold;
use requests::REQUESTS;

/// What a column of a transcript means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Field {
    /// 学分银行账号: the learner number of this bank.
    LearnerNo,
    /// 身份证号: any of the national cards; which document, where a column says so.
    NationalId,
    /// 证件类型: which document [`Self::NationalId`] is from.
    DocumentKind,
    /// 护照号
    Passport,
    /// 学号: belongs to the institution that sends the file.
    StudentNumber,
    /// 姓名
    Name,
    /// 学年: together with a bare 学期 it makes the term.
    Year,
    /// 学期
    Term,
    /// 课程代码
    CourseCode,
    /// 课程名称: for people; the code decides.
    CourseTitle,
    /// 学分
    Credits,
    /// 获得学时: a stated amount; 总学时 describes the course and needs a mapping to be one.
    Hours,
    /// 技能等级: the outcome's level, to be compared with the catalogue's; 等级 alone is a grade.
    Level,
    /// 完成讲数: lectures that are done.
    LecturesDone,
    /// 课程考试成绩: the exam's score where a completion rule asks for it; not the result.
    ExamScore,
    /// 出勤分钟
    AttendedMinutes,
    /// 应到分钟: the minutes held.
    HeldMinutes,
    /// 成绩
    Grade,
    /// 补考成绩: where it is filled it is the result, of a resit.
    ResitGrade,
    /// 重修成绩: where it is filled it is the result, of a retake.
    RetakeGrade,
    /// 成绩标识, 考试性质, 备注: qualify the result; there may be several.
    Marks,
    /// 补考标记: yes or no.
    ResitFlag,
    /// 重修标记: yes or no.
    RetakeFlag,
    /// 是否通过: the institution's own word on whether the result passes.
    Verdict,
    /// 入会时间: when a participant joined, in an attendance list.
    JoinedAt,
    /// 离会时间: when a participant left.
    LeftAt,
    /// 获得日期
    AwardedOn,
    /// 成绩编号: the institution's own record id.
    SourceRef,
    /// 申请编号: the school's own number of an application, in a file of requests.
    ApplicationNo,
    /// 目标课程: the codes of the courses that are asked for, one or several.
    TargetCourse,
    /// 目标专业: the code of the programme, where a file of requests says it again.
    TargetProgramme,
    /// 法律依据: by what right the receiving institution is to see the outcomes.
    LegalBasis,
    /// 法律依据文号: the number of its document.
    BasisDocument,
    /// 操作: add, correct or withdraw.
    Action,
    /// 更正原因: why something is corrected or withdrawn.
    ChangeReason,
    /// 依据文号: the document that a change rests on.
    ChangeDocument,
    /// Known, and of no use here.
    Ignored,
}

/// Every field with its headings, in their folded form (see [`fold::key`]).
pub(crate) const DICTIONARY: &[(Field, &[&str])] = &[
    (
        Field::LearnerNo,
        &[
            "学分银行账号",
            "学分银行号",
            "学习者编号",
            "学习账号",
            "learner_no",
            "learnerno",
        ],
    ),
    (
        Field::NationalId,
        &[
            "身份证号",
            "身份证号码",
            "身份证",
            "证件号码",
            "证件号",
            "居民身份证号",
            "resident_id",
        ],
    ),
    (
        Field::DocumentKind,
        &["证件类型", "身份证件类型", "证件种类"],
    ),
    (
        Field::Passport,
        &["护照号", "护照号码", "passport", "passport_no"],
    ),
    (
        Field::StudentNumber,
        &[
            "学号",
            "学籍号",
            "学生学号",
            "考生号",
            "regn_no",
            "schoolassignedpersonid",
            "sourcedid",
            "student_no",
            "student_number",
            "student_id",
            "studentid",
            "studentno",
            "studentnumber",
        ],
    ),
    (
        Field::Name,
        &[
            "姓名",
            "学生姓名",
            "cname",
            "name",
            "student_name",
            "studentname",
        ],
    ),
    (
        Field::Year,
        &[
            "学年",
            "开课学年",
            "session",
            "academicyear",
            "academic_year",
        ],
    ),
    (
        Field::Term,
        &[
            "学期",
            "开课学期",
            "学年学期",
            "修读学期",
            "sem",
            "term",
            "semester",
            "academicterm",
        ],
    ),
    (
        Field::CourseCode,
        &[
            "课程代码",
            "课程编号",
            "课程号",
            "课程编码",
            "成果代码",
            "course_code",
            "coursecode",
            "originalcourseid",
            "agencycourseid",
            "course_id",
            "courseid",
        ],
    ),
    (
        Field::CourseTitle,
        &[
            "课程名称",
            "课程名",
            "成果名称",
            "coursetitle",
            "course_title",
            "course_name",
        ],
    ),
    (
        Field::Credits,
        &[
            "学分",
            "获得学分",
            "课程学分",
            "credits",
            "credit",
            "coursecreditearned",
        ],
    ),
    (Field::Hours, &["获得学时"]),
    (
        Field::Level,
        &[
            "技能等级",
            "职业技能等级",
            "技能级别",
            "证书等级",
            "skill_level",
        ],
    ),
    (
        Field::LecturesDone,
        &["完成讲数", "已学讲数", "已完成讲数", "lectures_done"],
    ),
    (
        Field::ExamScore,
        &["课程考试成绩", "结课考试成绩", "exam_score"],
    ),
    (
        Field::AttendedMinutes,
        &["出勤分钟", "出勤分钟数", "attended_minutes"],
    ),
    (
        Field::HeldMinutes,
        &["应到分钟", "应到分钟数", "held_minutes"],
    ),
    (
        Field::Grade,
        &[
            "成绩",
            "总评成绩",
            "总成绩",
            "最终成绩",
            "课程成绩",
            "总评",
            "分数",
            "grade",
            "score",
            "courseacademicgrade",
            "resultlabel",
        ],
    ),
    (Field::ResitGrade, &["补考成绩"]),
    (Field::RetakeGrade, &["重修成绩"]),
    (
        Field::Marks,
        &[
            "成绩标识",
            "考试性质",
            "成绩标志",
            "成绩备注",
            "考试状态",
            "修读方式",
            "备注",
        ],
    ),
    (Field::ResitFlag, &["补考标记"]),
    (Field::RetakeFlag, &["重修标记"]),
    (Field::Verdict, &["是否通过", "通过情况", "verdict"]),
    (
        Field::JoinedAt,
        &[
            "入会时间",
            "加入时间",
            "进入时间",
            "加入会议时间",
            "签到时间",
            "jointime",
        ],
    ),
    (
        Field::LeftAt,
        &[
            "离会时间",
            "退会时间",
            "离开时间",
            "退出时间",
            "离开会议时间",
            "签退时间",
            "leavetime",
        ],
    ),
    (
        Field::AwardedOn,
        &[
            "获得日期",
            "取得日期",
            "成绩日期",
            "考试日期",
            "完成日期",
            "发证日期",
            "awarded_on",
            "awardedon",
            "date_awarded",
            "date",
        ],
    ),
    (
        Field::SourceRef,
        &[
            "成绩编号",
            "记录号",
            "成绩记录号",
            "成绩id",
            "记录编号",
            "source_ref",
            "sourceref",
        ],
    ),
    (
        Field::Ignored,
        &[
            "序号",
            "总学时",
            "学时",
            "绩点",
            "考核方式",
            "课程属性",
            "课程性质",
            "课程归属",
            "课程类别",
            "辅修标记",
            "开课学院",
            "学院",
            "专业",
            "班级",
            "年级",
            "性别",
            "分组名",
            "补重学期",
            "等级",
            "行状态",
            "错误代码",
            "说明",
            "explanation",
            "位置",
            "电子签名",
            "学分制",
        ],
    ),
];

/// All that is known of whatever file.
fn all() -> impl Iterator<Item = &'static (Field, &'static [&'static str])> {
    DICTIONARY.iter().chain(REQUESTS)
}

/// The columns that a result file adds; a corrected file that comes back still has them.
pub(crate) const RESULT_HEADINGS: [&str; 3] = ["行状态", "错误代码", "说明"];

/// What a heading means and how near it is to the field's exact heading (0).
pub(crate) fn meaning(heading: &str) -> Option<(Field, usize)> {
    let key = fold::key(heading);
    all().find_map(|(field, headings)| {
        headings
            .iter()
            .position(|known| *known == key)
            .map(|rank| (*field, rank))
    })
}

/// The headings of a field, for people.
pub(crate) fn headings_of(field: Field) -> String {
    let found = all().find(|(known, _)| *known == field);
    found
        .map(|(_, headings)| headings.join(", "))
        .unwrap_or_default()
}

/// The name of a field for people: its exact heading.
pub(crate) fn zh(field: Field) -> &'static str {
    let found = all().find(|(known, _)| *known == field);
    found
        .and_then(|(_, headings)| headings.first())
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
