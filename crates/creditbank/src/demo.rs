//! A sample bank from end to end: register, three transcript files, a cohort, an account.
//!
//! Everything in it is invented. Run again it finds what it made before and posts nothing twice.

mod clients;
mod conversion;
pub(crate) mod files;
mod import_files;
mod place;
mod postgres;
mod register;
mod serving;
mod steps;
mod summary;
mod teller;

pub(crate) use steps::{Wishes, run};
pub(crate) use teller::Teller;
