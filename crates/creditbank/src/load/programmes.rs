//! Programmes (专业) of receiving institutions.

use creditbank_domain::text::{InstitutionCode, bounded};
use creditbank_ledger::flows::NewProgramme;

use super::table::{CellFault, Record, read_rows};
use crate::problem::Problem;

/// Reads 机构代码, 专业代码, 专业名称, 总学分.
pub(crate) fn read_programmes(bytes: &[u8]) -> Result<Vec<NewProgramme>, Problem> {
    read_rows(
        bytes,
        &["机构代码", "专业代码", "专业名称", "总学分"],
        programme,
    )
}

fn programme(record: &Record) -> Result<NewProgramme, CellFault> {
    Ok(NewProgramme {
        institution: record.read("机构代码", InstitutionCode::new)?,
        code: record.read("专业代码", |text| bounded("programme code", text, 80))?,
        title: record.read("专业名称", |text| bounded("programme title", text, 200))?,
        total_credits: record.value("总学分")?,
    })
}
