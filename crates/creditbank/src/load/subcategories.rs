//! The bank's own categories (子类别), each below one of the closed list.

use creditbank_domain::catalogue::Subcategory;
use creditbank_domain::text::{SubcategoryCode, bounded};

use super::catalogue::CATEGORIES;
use super::table::{CellFault, Record, read_rows, word};
use crate::problem::Problem;

/// Reads 子类别, 名称, 英文名称, 类别.
pub(crate) fn read_subcategories(bytes: &[u8]) -> Result<Vec<Subcategory>, Problem> {
    let needed = &["子类别", "名称", "英文名称", "类别"];
    read_rows(bytes, needed, subcategory)
}

fn subcategory(record: &Record) -> Result<Subcategory, CellFault> {
    Ok(Subcategory {
        code: record.read("子类别", SubcategoryCode::new)?,
        parent: record.read("类别", |text| word(CATEGORIES, text))?,
        name_zh: record.read("名称", |text| bounded("name", text, 200))?,
        name_en: record.read("英文名称", |text| bounded("name", text, 200))?,
    })
}
