//! The pure rules of the credit bank.
//!
//! Nothing here knows SQL, HTTP, a clock, the environment or randomness: time, ids and random
//! numbers come in as arguments, so that a decision replayed years later gives the same answer.

pub mod amount;
pub mod authz;
pub mod calendar;
pub mod catalogue;
pub mod completion;
pub mod consent;
pub mod conversion;
pub mod correction;
pub mod evidence;
pub mod fault;
pub mod governance;
pub mod grade;
pub mod grading;
pub mod hold;
pub mod hour_table;
pub mod identifier;
pub mod ids;
pub mod import_job;
pub mod institution;
pub mod learner_no;
pub mod level;
pub mod merging;
pub mod outcome;
pub mod person;
pub mod process;
pub mod reading;
pub mod reason;
pub mod recognition;
pub mod review;
pub mod same_course;
pub mod text;
pub mod webhook;
pub mod words;
