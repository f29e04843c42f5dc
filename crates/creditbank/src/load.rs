//! Files that fill the register: institutions, frameworks of levels, catalogue, programmes,
//! committees, packs.
//!
//! All or nothing: one fault anywhere in a file and nothing of it is loaded, since a register that
//! is half there is worse than none. Every fault names its line and column.

mod accounts;
mod calendar;
mod catalogue;
mod chain;
mod committee;
mod frameworks;
mod governance;
mod grading;
#[cfg(test)]
mod hostile;
mod hour_claims;
mod hour_tables;
mod institutions;
mod pack;
mod programmes;
mod same_courses;
mod subcategories;
mod table;

pub(crate) use accounts::read_accounts;
pub(crate) use calendar::read_calendar;
pub(crate) use catalogue::read_catalogue;
pub(crate) use chain::read_chain;
pub(crate) use committee::read_committee;
pub(crate) use frameworks::{FrameworkPack, read_frameworks};
pub(crate) use governance::read_governance;
pub(crate) use grading::read_grading;
pub(crate) use hour_claims::read_hour_claims;
pub(crate) use hour_tables::read_hour_table;
pub(crate) use institutions::read_institutions;
pub(crate) use programmes::read_programmes;
pub(crate) use same_courses::read_same_courses;
pub(crate) use subcategories::read_subcategories;
