//! What is said of a value that is read but means nothing.

use chrono::NaiveDate;
use creditbank_domain::amount::{AmountError, Hundredths};
use creditbank_domain::fault::Fault;
use creditbank_domain::grade::GradeError;
use creditbank_domain::text::TextError;

use crate::fault::shown;

pub(super) fn too_many(most: usize) -> Fault {
    Fault::new(
        "RULES_TOO_MANY",
        format!("列表最多 {most} 项"),
        format!("the list has at most {most} items"),
    )
}

pub(super) fn code(error: TextError) -> Fault {
    Fault::new(
        "RULES_TEXT",
        "代码为空、过长或含有控制字符",
        error.to_string(),
    )
}

pub(super) fn entry(written: &str) -> Fault {
    let written = shown(written);
    Fault::new(
        "RULES_ENTRY",
        format!("{written} 应写成 机构代码/课程代码,例如 95001/JG-ENG-B"),
        format!("{written} has to be OWNER/CODE, for example 95001/JG-ENG-B"),
    )
}

pub(super) fn amount(written: &str, error: AmountError) -> Fault {
    let written = shown(written);
    let zh = match error {
        AmountError::TooManyDecimals => "最多两位小数",
        AmountError::TooLarge | AmountError::Overflow => "最多 1000000.00",
        _ => "应为最多两位小数的数字,例如 3.50",
    };
    Fault::new(
        "RULES_AMOUNT",
        format!("{written}:{zh}"),
        format!("{written}: {error}"),
    )
}

pub(super) fn zero() -> Fault {
    Fault::new("RULES_ZERO", "必须大于 0", "it has to be more than 0")
}

pub(super) fn ends_first(from: NaiveDate) -> Fault {
    Fault::new(
        "RULES_ENDS_BEFORE_IT_BEGINS",
        format!("最后一天早于第一天 {from}"),
        format!("the last day lies before the first, {from}"),
    )
}

pub(super) fn approval() -> Fault {
    Fault::new(
        "RULES_APPROVAL",
        "应为 {people: 2} 或 {committee: 代码, quorum: 人数}",
        "write either {people: 2} or {committee: CODE, quorum: N}",
    )
}

pub(super) fn steps() -> Fault {
    Fault::new(
        "RULES_SCHEME",
        "成绩制应写 steps,或 worst 与 best",
        "a grading scheme has either steps, or worst and best",
    )
}

pub(super) fn only_for(name: &str, kind: &str) -> Fault {
    Fault::new(
        "RULES_FIELD_OUT_OF_PLACE",
        format!("字段 {name} 只用于 {kind}"),
        format!("field {name} is only for {kind}"),
    )
}

pub(super) fn month_day(written: &str) -> Fault {
    let written = shown(written);
    Fault::new(
        "RULES_MONTH_DAY",
        format!("{written} 应写成 月-日,例如 03-01;不能是 02-29"),
        format!("{written} has to be MM-DD, for example 03-01, and never 02-29"),
    )
}

pub(super) fn share(share: Hundredths) -> Fault {
    Fault::new(
        "RULES_SHARE",
        format!("比例 {share} % 超过 100 %"),
        format!("a share of {share} % is more than 100 %"),
    )
}

pub(super) fn credits_or_percent() -> Fault {
    Fault::new(
        "RULES_MOST",
        "应为 {credits: 学分} 或 {percent: 百分比},二者之一",
        "write either {credits: N} or {percent: N}",
    )
}

pub(super) fn one_kind(there: &[&str]) -> Fault {
    let there = there.join(", ");
    Fault::new(
        "RULES_CONDITION",
        format!("all_of、any_of、at_least 应单独使用,此处有 {there}"),
        format!("all_of, any_of and at_least stand alone; here are {there}"),
    )
}

pub(super) fn needed(needed: u32, written: usize) -> Fault {
    Fault::new(
        "RULES_NEEDED",
        format!("要求 {needed} 项,但只列出 {written} 项"),
        format!("{needed} are needed of {written}"),
    )
}

pub(super) fn any_source() -> Fault {
    Fault::new(
        "RULES_ANY_SOURCE",
        "须写明 entries、categories 或 issuers 之一,否则任何成果都符合",
        "name entries, categories or issuers; without them any outcome would do",
    )
}

pub(super) fn grade(written: &str, error: GradeError) -> Fault {
    let written = shown(written);
    Fault::new(
        "RULES_GRADE",
        format!("成绩 {written} 无法识别,请写 pass、0–100 的分数或等级"),
        format!("grade {written}: {error}"),
    )
}

pub(super) fn ratio(written: &str) -> Fault {
    let written = shown(written);
    Fault::new(
        "RULES_RATIO",
        format!("{written} 应写成两个大于 0 的整数之比,例如 1/16"),
        format!("{written} has to be two whole numbers above 0, for example 1/16"),
    )
}

pub(super) fn credits_or_ratio() -> Fault {
    Fault::new(
        "RULES_GIVES",
        "credits 与 ratio 只能写一个;都不写即整门课程",
        "write credits or ratio, not both; neither gives the whole course",
    )
}

pub(super) fn cut_or_refused() -> Fault {
    Fault::new(
        "RULES_EXPECT",
        "cut 与 refused 只能写一个",
        "write cut or refused, not both",
    )
}

pub(super) fn refused_grants() -> Fault {
    Fault::new(
        "RULES_EXPECT",
        "被拒绝的行没有授予学分",
        "a refused line grants nothing",
    )
}
