//! Coded reasons: the closed list of why something earns nothing, is cut or is refused.
//!
//! Source of the list: the field's rules, section 9.6. A code is never renamed; the list may grow.

use crate::words::words;

words!(
    /// Why an outcome earns nothing, or a conversion line is cut or refused.
    ReasonCode, "a reason code", {
        /// The institution does not take part.
        InstitutionNotMember => "INSTITUTION_NOT_MEMBER",
        /// The institution's rights are suspended.
        InstitutionSuspended => "INSTITUTION_SUSPENDED",
        /// The outcome lies outside the institution's term.
        BaseTerm => "BASE_TERM",
        /// No catalogue entry of that code.
        OutcomeUnknown => "OUTCOME_UNKNOWN",
        /// The entry exists and this institution is not among its owners.
        EntryNotOwned => "ENTRY_NOT_OWNED",
        /// No version of the entry was in force on the day.
        OutcomeVersionNotValidThen => "OUTCOME_VERSION_NOT_VALID_THEN",
        /// No rule names this outcome.
        NotInList => "NOT_IN_LIST",
        /// The outcome's level is below the rule's floor.
        LevelTooLow => "LEVEL_TOO_LOW",
        /// The grade is below the minimum.
        GradeTooLow => "GRADE_TOO_LOW",
        /// A result that earns nothing: absent, cheated, cancelled, withdrawn.
        ResultWithoutCredit => "RESULT_WITHOUT_CREDIT",
        /// Fewer hours than the rule asks for.
        HoursTooFew => "HOURS_TOO_FEW",
        /// Fewer credits than the rule asks for.
        CreditsTooFew => "CREDITS_TOO_FEW",
        /// The rule asks for other outcomes beside this one.
        SourcesMissing => "SOURCES_MISSING",
        /// The stated amount is not what the catalogue gives.
        AmountMismatch => "AMOUNT_MISMATCH",
        /// The stated level is not that of the catalogue.
        LevelMismatch => "LEVEL_MISMATCH",
        /// A level is stated in a word that nobody has explained.
        LevelUnknown => "LEVEL_UNKNOWN",
        /// The outcome is older than the rule allows.
        Expired => "EXPIRED",
        /// The outcome lies in the future.
        NotYetEarned => "NOT_YET_EARNED",
        /// The learner has the credits of this entry already.
        AlreadyCredited => "ALREADY_CREDITED",
        /// The learner has the credits of a course that a list names as the same one.
        DuplicateName => "DUPLICATE_NAME",
        /// The target course belongs to what is never replaced: practice, thesis, course design.
        NotReplaceable => "NOT_REPLACEABLE",
        /// The target course was already given for another outcome.
        CourseAlreadyConverted => "COURSE_ALREADY_CONVERTED",
        /// The lot was used before.
        OutcomeAlreadyUsed => "OUTCOME_ALREADY_USED",
        /// The lot is held by another request.
        AlreadyReserved => "ALREADY_RESERVED",
        /// The programme's share for conversions is full.
        CapProgramme => "CAP_PROGRAMME",
        /// What may come from this kind of source is full.
        CapSource => "CAP_SOURCE",
        /// What may come from this institution is full.
        CapInstitution => "CAP_INSTITUTION",
        /// What counts in this period is full.
        CapPeriod => "CAP_PERIOD",
        /// What one certificate may be worth is full.
        CapCertificate => "CAP_CERTIFICATE",
        /// The rest has to come from inside.
        CapInside => "CAP_INSIDE",
        /// No row of the hour table fits the activity.
        NotInTable => "NOT_IN_TABLE",
        /// Whoever sent the request took it back.
        RequestWithdrawn => "REQUEST_WITHDRAWN",
        /// Nobody decided while the holds stood.
        HoldExpired => "HOLD_EXPIRED",
        /// The outcome behind the lot was withdrawn or corrected away.
        OutcomeWithdrawn => "OUTCOME_WITHDRAWN",
        /// The conversion was taken back by an authorised reversal.
        ConversionReversed => "CONVERSION_REVERSED",
        /// Lectures are still to be done: there is no result yet.
        CompletionInProgress => "COMPLETION_IN_PROGRESS",
        /// The entry's completion rule asks for something that was not stated.
        CompletionUnstated => "COMPLETION_UNSTATED",
        /// More lectures are said to be done than the course has.
        ProgressImpossible => "PROGRESS_IMPOSSIBLE",
        /// The exam's score is below what completes the course.
        ExamTooLow => "EXAM_TOO_LOW",
        /// Less was attended than completes the course.
        AttendanceTooLow => "ATTENDANCE_TOO_LOW",
        /// The entry was not reviewed in time.
        ReviewOverdue => "REVIEW_OVERDUE",
        /// What the course teaches is not what the target course asks for.
        ContentNotAlike => "CONTENT_NOT_ALIKE",
        /// What should prove the outcome was not handed in.
        EvidenceMissing => "EVIDENCE_MISSING",
        /// What was handed in cannot be read.
        EvidenceUnreadable => "EVIDENCE_UNREADABLE",
        /// What was handed in says something else.
        EvidenceMismatch => "EVIDENCE_MISMATCH",
        /// It is not certain that the outcome is this person's.
        IdentityMismatch => "IDENTITY_MISMATCH",
        /// The grade is none of the grading scheme that the catalogue version names.
        GradeNotInScheme => "GRADE_NOT_IN_SCHEME",
        /// No stated table leads from the grade's scheme to that of the minimum.
        GradeNotComparable => "GRADE_NOT_COMPARABLE",
        /// The reviewer's own reason, with text.
        Other => "OTHER",
    }
);

/// What a person reads for a code, in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReasonText {
    /// 中文
    pub zh: &'static str,
    /// English
    pub en: &'static str,
}

impl ReasonCode {
    /// Whether a reviewer may give it for not accepting an outcome: what a person has to look at.
    /// Everything else is for the rules to say.
    #[must_use]
    pub const fn is_for_reviewers(self) -> bool {
        matches!(
            self,
            Self::ContentNotAlike
                | Self::EvidenceMissing
                | Self::EvidenceUnreadable
                | Self::EvidenceMismatch
                | Self::IdentityMismatch
                | Self::Other
        )
    }

    /// The sentence for people.
    #[must_use]
    pub const fn text(self) -> ReasonText {
        let (zh, en) = match self {
            Self::InstitutionNotMember => (
                "机构不是联盟成员,请先加入",
                "the institution is not a member; it has to join first",
            ),
            Self::InstitutionSuspended => (
                "机构已被暂停,请联系秘书处",
                "the institution is suspended; contact the secretariat",
            ),
            Self::BaseTerm => (
                "成果日期不在机构任期内",
                "the outcome's date lies outside the institution's term",
            ),
            Self::OutcomeUnknown => (
                "成果目录中没有该课程代码,请先登记目录",
                "no catalogue entry has this code; register it first",
            ),
            Self::EntryNotOwned => (
                "该目录条目不属于本机构",
                "this institution is not among the entry's owners",
            ),
            Self::OutcomeVersionNotValidThen => (
                "该日期没有有效的目录版本",
                "no version of the entry was in force on that day",
            ),
            Self::NotInList => ("转换规则未列入该成果", "no rule lists this outcome"),
            Self::LevelTooLow => (
                "成果等级低于规则要求",
                "the level is below the rule's floor",
            ),
            Self::GradeTooLow => ("成绩低于最低要求", "the grade is below the minimum"),
            Self::ResultWithoutCredit => ("该考试结果不产生学分", "this result earns nothing"),
            Self::HoursTooFew => (
                "学时少于规则要求",
                "there are fewer hours than the rule asks for",
            ),
            Self::CreditsTooFew => (
                "学分少于规则要求",
                "there are fewer credits than the rule asks for",
            ),
            Self::SourcesMissing => (
                "规则还要求其他成果",
                "the rule asks for other outcomes beside this one",
            ),
            Self::AmountMismatch => (
                "所报学分与目录不一致,请更正后重报",
                "the stated amount is not the catalogue's; correct it and send it again",
            ),
            Self::LevelMismatch => (
                "所报等级与目录不一致,请更正后重报",
                "the stated level is not the catalogue's; correct it and send it again",
            ),
            Self::LevelUnknown => (
                "等级写法不明;请写学徒工、初级工、中级工、高级工、技师、高级技师、特级技师、首席技师或“框架:等级”,\
                 或在列映射的 level_words 中说明",
                "the level is in a word that is not known; write one of those listed in Chinese, or \
                 FRAMEWORK:LEVEL as in CN10:5, or explain it in level_words of a column mapping",
            ),
            Self::Expired => ("成果已超过有效期", "the outcome is no longer valid"),
            Self::NotYetEarned => ("成果日期在未来", "the outcome's date lies in the future"),
            Self::AlreadyCredited => (
                "该课程学分已入账,不重复计分",
                "the credits of this entry were already posted; they count once",
            ),
            Self::DuplicateName => (
                "该课程与已入账的课程是同一门课程(列入同课目录),不重复计分",
                "a course that the list names as the same one was credited; they count once",
            ),
            Self::NotReplaceable => (
                "目标课程属于不可替代环节",
                "the target course belongs to what is never replaced",
            ),
            Self::CourseAlreadyConverted => (
                "目标课程已由其他成果转换",
                "the target course was already given for another outcome",
            ),
            Self::OutcomeAlreadyUsed => ("该成果已使用", "the outcome was already used"),
            Self::AlreadyReserved => (
                "该成果已被其他申请预留",
                "the outcome is held by another request",
            ),
            Self::CapProgramme => (
                "已达专业可转换学分上限",
                "the programme's share for conversions is full",
            ),
            Self::CapSource => (
                "已达该类来源可转换学分上限",
                "what may come from this kind of source is full",
            ),
            Self::CapInstitution => (
                "已达该机构可转换学分上限",
                "what may come from this institution is full",
            ),
            Self::CapPeriod => ("已达本期可计入的上限", "what counts in this period is full"),
            Self::CapCertificate => (
                "已达该证书可转换学分上限",
                "what one certificate may be worth is full",
            ),
            Self::CapInside => (
                "其余学分须在校内取得",
                "the rest of the credits has to come from inside",
            ),
            Self::NotInTable => (
                "学时表中没有适用于该活动的行",
                "no row of the hour table fits the activity",
            ),
            Self::RequestWithdrawn => (
                "申请方已撤回申请,预留已释放",
                "the request was taken back by whoever sent it; what it held was released",
            ),
            Self::HoldExpired => (
                "预留期内未作决定,预留已释放,可重新申请",
                "nobody decided while the holds stood; they were released, ask again",
            ),
            Self::OutcomeWithdrawn => (
                "该成果已撤销或更正,不能再使用",
                "the outcome was withdrawn or corrected and can be used no longer",
            ),
            Self::ConversionReversed => (
                "该转换已经授权冲回,所用学分已退还",
                "the conversion was taken back by an authorised reversal; what it used was given back",
            ),
            Self::CompletionInProgress => (
                "规定讲数尚未学满,不是成果,学满后再报",
                "lectures are still to be done, so there is no outcome yet; send it when they are",
            ),
            Self::CompletionUnstated => (
                "该目录条目有修完条件,请填报学习进度",
                "the entry has a completion rule; state the progress that it asks for",
            ),
            Self::ProgressImpossible => (
                "所报讲数多于课程讲数,请更正后重报",
                "more lectures are stated than the course has; correct it and send it again",
            ),
            Self::ExamTooLow => (
                "考试成绩低于修完条件",
                "the exam's score is below what completes the course",
            ),
            Self::AttendanceTooLow => (
                "出勤率低于修完条件",
                "less was attended than completes the course",
            ),
            Self::ReviewOverdue => (
                "该目录条目已过复审期限,请尽快复审",
                "the entry is overdue for review; have it reviewed",
            ),
            Self::ContentNotAlike => (
                "成果内容与目标课程不相当",
                "what was learned is not what the target course asks for",
            ),
            Self::EvidenceMissing => (
                "缺少证明材料,请补交",
                "the proof of the outcome is missing; hand it in",
            ),
            Self::EvidenceUnreadable => (
                "证明材料无法辨认,请重新提交",
                "the proof cannot be read; hand it in again",
            ),
            Self::EvidenceMismatch => (
                "证明材料与成果记录不一致",
                "the proof says something else than the outcome",
            ),
            Self::IdentityMismatch => (
                "不能确认成果属于该学习者本人",
                "it is not certain that the outcome is this person's",
            ),
            Self::GradeNotInScheme => (
                "成绩不属于该目录版本的成绩制,请核对成绩",
                "the grade is none of the entry's grading scheme; check it",
            ),
            Self::GradeNotComparable => (
                "成绩与最低要求之间没有可用的对照表",
                "no stated table compares the grade with the minimum",
            ),
            Self::Other => ("其他原因,见说明", "another reason, see the explanation"),
        };
        ReasonText { zh, en }
    }
}

#[cfg(test)]
mod tests;
