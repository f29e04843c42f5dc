//! The parse errors of this crate as coded faults in both languages.
//!
//! None of them carries what was sent: it may be personal data in the wrong field.

use super::Fault;
use crate::amount::AmountError;
use crate::calendar::DayError;
use crate::grade::GradeError;
use crate::identifier::IdentifierError;
use crate::learner_no::LearnerNoError;
use crate::text::TextError;
use crate::words::UnknownWord;

impl From<AmountError> for Fault {
    fn from(wrong: AmountError) -> Self {
        let (code, zh) = match wrong {
            AmountError::Empty => ("AMOUNT_MISSING", "缺少数量"),
            AmountError::NotANumber => (
                "AMOUNT_NOT_A_NUMBER",
                "不是数字,请写成最多两位小数的数字,例如 3.50",
            ),
            AmountError::TooManyDecimals => ("AMOUNT_TOO_PRECISE", "数量最多两位小数"),
            AmountError::NotPositive => ("AMOUNT_NOT_POSITIVE", "数量应大于零"),
            AmountError::TooLarge => ("AMOUNT_TOO_LARGE", "数量最大为 1000000.00"),
            AmountError::Overflow => ("AMOUNT_OVERFLOW", "合计超出范围"),
            AmountError::UnitMismatch => ("UNIT_MISMATCH", "不同计量单位不能相加"),
            AmountError::UnknownUnit => {
                ("UNIT_UNKNOWN", "计量单位应为 credit、hour、point、ceu 之一")
            }
        };
        Self::new(code, zh, wrong.to_string())
    }
}

impl From<DayError> for Fault {
    fn from(wrong: DayError) -> Self {
        let (code, zh) = match wrong {
            DayError::NotADay => ("DATE_INVALID", "日期应为日历中存在的 YYYY-MM-DD"),
            DayError::OutOfRange => ("DATE_OUT_OF_RANGE", "日期应在 1950 年至 2100 年之间"),
        };
        Self::new(code, zh, wrong.to_string())
    }
}

impl From<GradeError> for Fault {
    fn from(wrong: GradeError) -> Self {
        let zh = match wrong {
            GradeError::Missing => "缺少成绩,也没有说明原因的标记",
            GradeError::UnknownWord => "成绩既不是 0 到 100 的分数,也不是已知的等级,请核对写法",
            GradeError::UnknownMark => "成绩标记旁有无法识别的文字",
            GradeError::OutOfRange => "成绩应在 0 到 100 之间",
            GradeError::TooPrecise => "成绩最多两位小数",
            GradeError::UnknownAttempt => "考试性质应为 first、resit、retake 之一",
        };
        Self::new(wrong.code(), zh, wrong.to_string())
    }
}

impl From<LearnerNoError> for Fault {
    fn from(wrong: LearnerNoError) -> Self {
        let zh = match wrong {
            LearnerNoError::Length => "学习者编号应为 12 位(不计连字符和空格)".to_owned(),
            LearnerNoError::Character { position } => {
                format!("学习者编号第 {position} 位应为 2-9 或除 I、O 外的大写字母")
            }
            LearnerNoError::CheckCharacter => {
                "学习者编号的校验位不符,可能输入有误,请核对".to_owned()
            }
        };
        Self::new(wrong.code(), zh, wrong.to_string())
    }
}

impl From<IdentifierError> for Fault {
    fn from(wrong: IdentifierError) -> Self {
        let zh = match wrong {
            IdentifierError::Missing { kind } => format!("缺少{}号码", kind.zh()),
            IdentifierError::Length { kind, found } => {
                format!("{}号码长度不符,现为 {found} 位", kind.zh())
            }
            IdentifierError::Character { kind, position } => {
                format!("{}号码第 {position} 位不应为该字符", kind.zh())
            }
            IdentifierError::Rounded => {
                "号码已被电子表格当作数字舍入,末几位或前导零已丢失;请设为文本格式后重新录入"
                    .to_owned()
            }
            IdentifierError::Area => "号码中没有地区码".to_owned(),
            IdentifierError::Date => "号码中的出生日期不存在".to_owned(),
            IdentifierError::FutureDate => "号码中的出生日期在未来".to_owned(),
            IdentifierError::CheckDigit => "号码的校验位不符,可能输入有误,请核对".to_owned(),
            IdentifierError::WrongKind { declared, found } => {
                format!("号码属于{},而不是{}", found.zh(), declared.zh())
            }
            IdentifierError::UnknownKind => "证件类型无法识别".to_owned(),
        };
        Self::new(wrong.code(), zh, wrong.to_string())
    }
}

impl From<TextError> for Fault {
    fn from(wrong: TextError) -> Self {
        let (code, zh) = match &wrong {
            TextError::Empty { field: _ } => ("TEXT_MISSING", "内容为空".to_owned()),
            TextError::TooLong {
                field: _,
                characters_max,
            } => ("TEXT_TOO_LONG", format!("内容最多 {characters_max} 个字符")),
            TextError::ControlCharacter { field: _ } => {
                ("TEXT_CONTROL_CHARACTER", "内容含有控制字符".to_owned())
            }
        };
        Self::new(code, zh, wrong.to_string())
    }
}

impl From<UnknownWord> for Fault {
    fn from(wrong: UnknownWord) -> Self {
        let zh = format!("应为以下之一:{}", wrong.allowed);
        Self::new("WORD_UNKNOWN", zh, wrong.to_string())
    }
}
