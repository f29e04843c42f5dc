//! Files that fill the register: institutions, catalogue, programmes, committees.
//!
//! All or nothing: one fault anywhere in a file and nothing of it is loaded, since a register that
//! is half there is worse than none. Every fault names its line and column.

mod accounts;
mod catalogue;
mod committee;
mod institutions;
mod programmes;
mod table;

pub(crate) use accounts::read_accounts;
pub(crate) use catalogue::read_catalogue;
pub(crate) use committee::read_committee;
pub(crate) use institutions::read_institutions;
pub(crate) use programmes::read_programmes;
