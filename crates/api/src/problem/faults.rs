//! The domain's parse errors as coded faults in both languages.
//!
//! None of them carries what was sent: it may be personal data in the wrong field.

use creditbank_domain::amount::AmountError;
use creditbank_domain::fault::Fault;
use creditbank_domain::grade::GradeError;
use creditbank_domain::identifier::IdentifierError;
use creditbank_domain::learner_no::LearnerNoError;
use creditbank_domain::text::TextError;

/// An error that a person can be told about.
pub(crate) trait IntoFault {
    fn into_fault(self) -> Fault;
}

impl IntoFault for Fault {
    fn into_fault(self) -> Fault {
        self
    }
}

impl IntoFault for AmountError {
    fn into_fault(self) -> Fault {
        let (code, zh) = match self {
            Self::Empty => ("AMOUNT_MISSING", "缺少数量"),
            Self::NotANumber => ("AMOUNT_NOT_A_NUMBER", "数量应为数字,最多两位小数,例如 3.50"),
            Self::TooManyDecimals => ("AMOUNT_TOO_PRECISE", "数量最多两位小数"),
            Self::NotPositive => ("AMOUNT_NOT_POSITIVE", "数量应大于零"),
            Self::TooLarge => ("AMOUNT_TOO_LARGE", "数量最大为 1000000.00"),
            Self::Overflow => ("AMOUNT_OVERFLOW", "合计超出范围"),
            Self::UnitMismatch => ("UNIT_MISMATCH", "不同计量单位不能相加"),
            Self::UnknownUnit => ("UNIT_UNKNOWN", "计量单位应为 credit、hour、point、ceu 之一"),
        };
        Fault::new(code, zh, self.to_string())
    }
}

impl IntoFault for GradeError {
    fn into_fault(self) -> Fault {
        let zh = match self {
            Self::Missing => "缺少成绩,也没有说明原因的标记",
            Self::UnknownWord => "成绩既不是 0 到 100 的分数,也不是已知的等级",
            Self::UnknownMark => "成绩标记旁有无法识别的文字",
            Self::OutOfRange => "成绩应在 0 到 100 之间",
            Self::TooPrecise => "成绩最多两位小数",
            Self::UnknownAttempt => "考试性质应为 first、resit、retake 之一",
        };
        Fault::new(self.code(), zh, self.to_string())
    }
}

impl IntoFault for LearnerNoError {
    fn into_fault(self) -> Fault {
        let zh = match self {
            Self::Length => "学习者编号应为 12 位(不计连字符和空格)".to_owned(),
            Self::Character { position } => {
                format!("学习者编号第 {position} 位应为 2-9 或除 I、O 外的大写字母")
            }
            Self::CheckCharacter => "学习者编号的校验位不符,可能输入有误".to_owned(),
        };
        Fault::new(self.code(), zh, self.to_string())
    }
}

impl IntoFault for IdentifierError {
    fn into_fault(self) -> Fault {
        let zh = match self {
            Self::Missing { kind } => format!("缺少{}号码", kind.zh()),
            Self::Length { kind, found } => {
                format!("{}号码长度不符,现为 {found} 位", kind.zh())
            }
            Self::Character { kind, position } => {
                format!("{}号码第 {position} 位不应为该字符", kind.zh())
            }
            Self::Rounded => "号码已被电子表格当作数字舍入,请以文本格式重新提交".to_owned(),
            Self::Area => "号码中没有地区码".to_owned(),
            Self::Date => "号码中的出生日期不存在".to_owned(),
            Self::FutureDate => "号码中的出生日期在未来".to_owned(),
            Self::CheckDigit => "号码的校验位不符,可能输入有误".to_owned(),
            Self::WrongKind { declared, found } => {
                format!("号码属于{},而不是{}", found.zh(), declared.zh())
            }
            Self::UnknownKind => "证件类型无法识别".to_owned(),
        };
        Fault::new(self.code(), zh, self.to_string())
    }
}

impl IntoFault for TextError {
    fn into_fault(self) -> Fault {
        let (code, zh) = match &self {
            Self::Empty { field: _ } => ("TEXT_MISSING", "内容为空".to_owned()),
            Self::TooLong {
                field: _,
                characters_max,
            } => ("TEXT_TOO_LONG", format!("内容最多 {characters_max} 个字符")),
            Self::ControlCharacter { field: _ } => {
                ("TEXT_CONTROL_CHARACTER", "内容含有控制字符".to_owned())
            }
        };
        Fault::new(code, zh, self.to_string())
    }
}
