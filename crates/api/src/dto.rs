//! The JSON bodies: what is read, what is answered, and how either becomes or comes from the
//! domain. Nothing else in the project depends on these shapes.

pub(crate) mod access;
pub(crate) mod access_log;
pub(crate) mod account;
pub(crate) mod appointing;
pub(crate) mod arranging;
pub(crate) mod bulk;
pub(crate) mod catalogue;
pub(crate) mod client;
pub(crate) mod cohort_file;
pub(crate) mod consent;
pub(crate) mod conversion;
pub(crate) mod conversion_view;
pub(crate) mod correction;
pub(crate) mod draft;
pub(crate) mod event;
pub(crate) mod evidence;
pub(crate) mod examples;
pub(crate) mod figures;
pub(crate) mod governing;
pub(crate) mod health;
pub(crate) mod helping;
pub(crate) mod hold;
pub(crate) mod import;
pub(crate) mod import_job;
pub(crate) mod import_mapping;
pub(crate) mod learner;
pub(crate) mod meeting;
pub(crate) mod merging;
pub(crate) mod notice;
pub(crate) mod outcome;
pub(crate) mod outcome_view;
pub(crate) mod outlook;
pub(crate) mod person;
pub(crate) mod progress;
pub(crate) mod request_way;
pub(crate) mod review;
pub(crate) mod rule_set;
pub(crate) mod statement;
pub(crate) mod token;
pub(crate) mod totals;
pub(crate) mod webhook;
pub(crate) mod work_days;

#[cfg(test)]
mod tests;
