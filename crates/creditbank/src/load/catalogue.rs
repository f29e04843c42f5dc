//! The catalogue (成果目录) as its owners hand it in.

use chrono::NaiveDate;
use creditbank_domain::amount::{Amount, AmountError, Hundredths, Unit};
use creditbank_domain::catalogue::{AmountRule, Category, Level, Module};
use creditbank_domain::completion::{Percent, Thresholds};
use creditbank_domain::grade::{MinimumGrade, Score};
use creditbank_domain::review::ReviewClock;
use creditbank_domain::text::{CourseCode, InstitutionCode, SubcategoryCode, bounded};
use creditbank_ledger::flows::{NewCatalogueVersion, VersionDetails};

use super::table::{CellFault, Record, listed, read_rows, word};
use crate::problem::Problem;

pub(super) const CATEGORIES: &[(&str, Category)] = &[
    ("课程", Category::Course),
    ("学位外语", Category::DegreeForeignLanguage),
    ("自学考试", Category::SelfStudyExam),
    ("职业技能等级证书", Category::SkillCertificate),
    ("职业技能证书", Category::SkillCertificate),
    ("培训", Category::Training),
    ("活动", Category::Activity),
    ("其他", Category::Other),
];

const NEEDED: &[&str] = &[
    "机构代码",
    "课程代码",
    "名称",
    "类别",
    "学分",
    "最低成绩",
    "生效日期",
];

/// Reads the needed columns and what else is there of 学时, 等级框架, 等级, 失效日期, 共建机构,
/// 可重复, 有效月数, 子类别, 模块, 应修讲数, 考试最低分, 最低出勤率, 复审月数, 复审宽限天数. An amount
/// written `≤3.50` is what an institution may state up to.
pub(crate) fn read_catalogue(bytes: &[u8]) -> Result<Vec<NewCatalogueVersion>, Problem> {
    read_rows(bytes, NEEDED, version)
}

fn version(record: &Record) -> Result<NewCatalogueVersion, CellFault> {
    let credits = record.optional("学分", |text| amount(Unit::Credit, text))?;
    let hours = record.optional("学时", |text| amount(Unit::Hour, text))?;
    let codes = |text: &str| listed(text, InstitutionCode::new);
    Ok(NewCatalogueVersion {
        owner: record.read("机构代码", InstitutionCode::new)?,
        code: record.read("课程代码", CourseCode::new)?,
        co_owners: record.optional("共建机构", codes)?.unwrap_or_default(),
        title: record.read("名称", |text| bounded("title", text, 200))?,
        category: record.read("类别", |text| word(CATEGORIES, text))?,
        level: level(record)?,
        minimum_grade: record.read("最低成绩", minimum_grade)?,
        amounts: credits.into_iter().chain(hours).flatten().collect(),
        valid_from: record.value::<NaiveDate>("生效日期")?,
        valid_to: record.optional("失效日期", str::parse::<NaiveDate>)?,
        usable_months: record.optional("有效月数", str::parse::<u32>)?,
        repeatable: record.flag("可重复")?,
        details: details(record)?,
    })
}

fn details(record: &Record) -> Result<VersionDetails, CellFault> {
    let modules = |text: &str| listed(text, module);
    let months = record.optional("复审月数", str::parse::<u32>)?;
    let grace_days = record.optional("复审宽限天数", str::parse::<u32>)?;
    let review = match (months, grace_days) {
        (Some(0), _) => return Err(record.fault("复审月数", "write at least one month")),
        (Some(months), grace_days) => Some(ReviewClock {
            months,
            grace_days: grace_days.unwrap_or(0),
        }),
        (None, None) => None,
        (None, Some(_)) => {
            let wrong = "days of grace belong to a review every so many months";
            return Err(record.fault("复审宽限天数", wrong));
        }
    };
    let thresholds = Thresholds {
        lectures: record.optional("应修讲数", str::parse::<u32>)?,
        exam: record.optional("考试最低分", str::parse::<Score>)?,
        attendance: record.optional("最低出勤率", str::parse::<Percent>)?,
    };
    Ok(VersionDetails {
        subcategory: record.optional("子类别", SubcategoryCode::new)?,
        modules: record.optional("模块", modules)?.unwrap_or_default(),
        completion: Some(thresholds).filter(|asked| *asked != Thresholds::default()),
        review,
        grading: record.optional("成绩制", |text| bounded("grading scheme", text, 80))?,
    })
}

/// Reads `政策与制度×4`: a title and how many lectures (讲) the module has.
fn module(text: &str) -> Result<Module, String> {
    let wrong = || "write a title, × and the number of lectures, for example 政策与制度×4";
    let (title, lectures) = text.rsplit_once(['×', '*']).ok_or_else(wrong)?;
    Ok(Module {
        title: bounded("module", title, 200).map_err(|wrong| wrong.to_string())?,
        lectures: lectures.trim().parse().map_err(|_| wrong())?,
    })
}

/// Zero is a statement: the entry gives nothing of this unit.
fn amount(unit: Unit, text: &str) -> Result<Option<AmountRule>, AmountError> {
    let most = text.strip_prefix('≤').or_else(|| text.strip_prefix("<="));
    let hundredths: Hundredths = most.unwrap_or(text).trim().parse()?;
    if hundredths.is_zero() {
        return Ok(None);
    }
    let amount = Amount::new(unit, hundredths)?;
    Ok(Some(match most {
        Some(_) => AmountRule::StatedUpTo(amount),
        None => AmountRule::Fixed(amount),
    }))
}

fn minimum_grade(text: &str) -> Result<MinimumGrade, String> {
    if text == "及格" {
        return Ok(MinimumGrade::Pass);
    }
    text.parse()
        .map_err(|_| "write 及格 (pass) or a score such as 60.00".to_owned())
}

fn level(record: &Record) -> Result<Option<Level>, CellFault> {
    let framework = record.optional("等级框架", |text| bounded("framework", text, 40))?;
    let value = record.optional("等级", str::parse::<i16>)?;
    match (framework, value) {
        (Some(framework), Some(value)) => Ok(Some(Level { framework, value })),
        (None, None) => Ok(None),
        _ => Err(record.fault(
            "等级",
            "a level has a framework and a value, both or neither",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::files;

    #[test]
    fn twenty_eight_institutions_own_the_guide() {
        let entries = read_catalogue(files::CATALOGUE).unwrap();
        let guide = entries
            .iter()
            .find(|it| it.title == "高等学历继续教育学习指南")
            .unwrap();
        assert_eq!(guide.owner.as_str(), "90001");
        assert_eq!(1 + guide.co_owners.len(), 28);
        let modules = &guide.details.modules;
        let lectures: u32 = modules.iter().map(|module| module.lectures).sum();
        assert_eq!((modules.len(), lectures), (8, 26));
    }

    #[test]
    fn amounts_are_fixed_or_limited_or_none() {
        let amount = |text| amount(Unit::Credit, text);
        let three = Amount::new(Unit::Credit, Hundredths::new(350).unwrap()).unwrap();
        assert_eq!(amount("3.5"), Ok(Some(AmountRule::Fixed(three))));
        assert_eq!(amount("≤3.50"), Ok(Some(AmountRule::StatedUpTo(three))));
        assert_eq!(amount("0"), Ok(None));
        assert_eq!(amount("3.505"), Err(AmountError::TooManyDecimals));
    }

    #[test]
    fn a_course_says_its_modules_what_completes_it_and_when_it_is_reviewed() {
        let read = |cells: &str| {
            let text = format!(
                "机构代码,课程代码,名称,类别,学分,最低成绩,生效日期,模块,应修讲数,考试最低分,最低出勤率,复审月数,复审宽限天数\n\
                 90001,A1,甲,课程,2,pass,2020-01-01,{cells}\n"
            );
            let read = read_catalogue(text.as_bytes());
            read.map(|mut it| it.remove(0).details)
                .map_err(|it| it.to_string())
        };
        let full = read("导论×4;实务* 22,26,60,86.67,24,30").unwrap();
        let lectures: Vec<u32> = full.modules.iter().map(|it| it.lectures).collect();
        assert_eq!(lectures, [4, 22]);
        let asked = full.completion.unwrap();
        assert_eq!(asked.lectures, Some(26));
        assert_eq!(asked.exam.unwrap().to_string(), "60.00");
        assert_eq!(asked.attendance.unwrap().to_string(), "86.67");
        let clock = ReviewClock {
            months: 24,
            grace_days: 30,
        };
        assert_eq!(full.review, Some(clock));
        let none = read(",,,,,").unwrap();
        assert!(none.modules.is_empty() && none.completion.is_none() && none.review.is_none());
        for wrong in [
            "导论,,,,,",
            "导论×x,,,,,",
            ",,,,0,",
            ",,,,,30",
            ",,,100.01,,",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_level_without_its_framework_is_refused() {
        let text = "机构代码,课程代码,名称,类别,学分,最低成绩,生效日期,等级\n\
                    90001,A1,甲,课程,2,pass,2020-01-01,4\n";
        assert!(read_catalogue(text.as_bytes()).is_err());
    }
}
