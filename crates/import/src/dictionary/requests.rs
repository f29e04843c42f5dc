//! The headings of files of requests, and of lines that change what was posted, beside those of a
//! transcript.

use super::Field;

/// As [`super::DICTIONARY`].
pub(super) const REQUESTS: &[(Field, &[&str])] = &[
    (
        Field::ApplicationNo,
        &[
            "申请编号",
            "申请号",
            "申请单号",
            "转换申请编号",
            "application_no",
            "application_number",
        ],
    ),
    (
        Field::TargetCourse,
        &[
            "目标课程",
            "目标课程代码",
            "目标课程编号",
            "申请课程",
            "转换课程",
            "拟转换课程",
            "target_course",
            "target_courses",
            "target_course_code",
        ],
    ),
    (
        Field::TargetProgramme,
        &[
            "目标专业",
            "目标专业代码",
            "申请专业",
            "转入专业",
            "target_programme",
            "programme",
        ],
    ),
    (
        Field::LegalBasis,
        &["法律依据", "处理依据", "依据", "legal_basis", "basis"],
    ),
    (
        Field::BasisDocument,
        &[
            "法律依据文号",
            "处理依据文号",
            "legal_basis_document",
            "basis_document",
        ],
    ),
    (Field::Action, &["操作", "操作类型", "action"]),
    (
        Field::ChangeReason,
        &[
            "更正原因",
            "撤销原因",
            "原因代码",
            "change_reason",
            "reason",
        ],
    ),
    (
        Field::ChangeDocument,
        &[
            "依据文号",
            "更正文号",
            "文号",
            "change_document",
            "document_number",
        ],
    ),
];
