//! Corrections (更正) and withdrawals (撤销): later entries that take back earlier ones.

use chrono::NaiveDate;

use crate::completion::Progress;
use crate::fault::Fault;
use crate::grade::{Attempt, Grade};
use crate::outcome::{LearnerRef, StatedAmount};
use crate::reason::ReasonText;
use crate::words::words;

words!(
    /// Why an entry is taken back.
    CorrectionReason, "a reason for a correction", {
        /// 录入错误
        ClericalError => "CLERICAL_ERROR",
        /// 成绩复核
        GradeAppeal => "GRADE_APPEAL",
        /// 违纪、作弊
        Misconduct => "MISCONDUCT",
        /// 学习者登记错误
        WrongLearner => "WRONG_LEARNER",
        /// 重复报送
        PostedTwice => "POSTED_TWICE",
        /// 证明材料无效
        EvidenceInvalid => "EVIDENCE_INVALID",
        /// 原更正有误
        CorrectionMistaken => "CORRECTION_MISTAKEN",
        /// 原决定有误
        DecisionMistaken => "DECISION_MISTAKEN",
    }
);

impl CorrectionReason {
    /// The sentence for people.
    #[must_use]
    pub const fn text(self) -> ReasonText {
        let (zh, en) = match self {
            Self::ClericalError => ("录入错误", "it was entered wrongly"),
            Self::GradeAppeal => ("成绩复核后变更", "the grade was changed on appeal"),
            Self::Misconduct => ("违纪或作弊", "misconduct was found"),
            Self::WrongLearner => ("学习者登记错误", "it was posted to the wrong learner"),
            Self::PostedTwice => ("重复报送", "it was posted twice"),
            Self::EvidenceInvalid => ("证明材料无效", "the evidence is not valid"),
            Self::CorrectionMistaken => ("原更正有误", "the correction was a mistake"),
            Self::DecisionMistaken => ("原决定有误", "the decision was a mistake"),
        };
        ReasonText { zh, en }
    }
}

/// What an institution says about an outcome that it posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It never should have been there.
    Withdraw,
    /// It was otherwise.
    Correct(Corrected),
}

/// What was otherwise; whatever is not named stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Corrected {
    /// Whose it is.
    pub learner: Option<LearnerRef>,
    /// With which result.
    pub grade: Option<Grade>,
    /// First, resit or retake.
    pub attempt: Option<Attempt>,
    /// The day it was achieved.
    pub awarded_on: Option<NaiveDate>,
    /// The amounts that the institution states, all of them.
    pub stated: Option<Vec<StatedAmount>>,
    /// How far the learner came, all of it.
    pub progress: Option<Progress>,
}

/// Why a correction was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CorrectionRefused {
    /// What it says is what stands.
    #[error("the correction says what stands already; name what is different")]
    NothingToCorrect,
    /// There is nothing left to correct.
    #[error("the outcome was withdrawn; only an authorised reversal brings it back")]
    AlreadyWithdrawn,
    /// It was granted by a conversion.
    #[error("the outcome was granted by a conversion; ask for a reversal of the conversion")]
    GrantedByConversion,
    /// An hour table said what it is worth.
    #[error("its hours were given by an hour table; withdraw it and claim them anew")]
    HoursByTable,
    /// It follows from another entry, or is a reversal itself.
    #[error("only a correction or a withdrawal can be undone, and not what follows from one")]
    NotUndoable,
    /// It was undone before.
    #[error("this was reversed before, and is reversed once only")]
    AlreadyReversed,
    /// A later correction rests on it.
    #[error("the outcome was corrected again since; undo the later correction first")]
    CorrectedSince,
    /// The conversion granted nothing, or is not decided.
    #[error("the conversion grants nothing that could be reversed")]
    NothingGranted,
    /// The hold used nothing, or what it used was withdrawn.
    #[error("the hold used nothing that could be given back")]
    NothingUsed,
}

impl From<CorrectionRefused> for Fault {
    fn from(refused: CorrectionRefused) -> Self {
        let (code, zh) = match refused {
            CorrectionRefused::NothingToCorrect => (
                "NOTHING_TO_CORRECT",
                "更正内容与现有记录相同,请写明不同之处",
            ),
            CorrectionRefused::AlreadyWithdrawn => {
                ("ALREADY_WITHDRAWN", "该成果已撤销,只能经授权冲回恢复")
            }
            CorrectionRefused::GrantedByConversion => {
                ("GRANTED_BY_CONVERSION", "该成果由转换授予,请申请冲回该转换")
            }
            CorrectionRefused::HoursByTable => (
                "HOURS_BY_TABLE",
                "该成果的学时由学时表认定,请撤销后重新申报",
            ),
            CorrectionRefused::NotUndoable => (
                "NOT_UNDOABLE",
                "只能冲回更正或撤销本身,不能冲回由其引起的分录",
            ),
            CorrectionRefused::AlreadyReversed => ("ALREADY_REVERSED", "已经冲回,只能冲回一次"),
            CorrectionRefused::CorrectedSince => {
                ("CORRECTED_SINCE", "该成果此后又被更正,请先冲回后来的更正")
            }
            CorrectionRefused::NothingGranted => ("NOTHING_GRANTED", "该转换没有可冲回的授予学分"),
            CorrectionRefused::NothingUsed => ("NOTHING_USED", "该预留没有可退还的已用数量"),
        };
        Self::new(code, zh, refused.to_string())
    }
}

#[cfg(test)]
mod tests;
