//! Rule documents (转换规则文件): what people write, to and from rule sets of the domain.
//!
//! [`parse`] reads YAML or JSON and tells every fault with its line, column and pointer;
//! [`RuleDocument::compile`] makes a domain rule set of it once somebody has looked up the codes;
//! [`export`] writes it down again. [`lint`] finds what cannot be meant, [`diff`] says what changed,
//! [`run_tests`] decides the tests that stand in the document, and [`may_be_approved`] asks all of
//! that at once.
//!
//! Nothing here knows SQL, HTTP, files or a clock: bytes, ids and days come in as arguments.

mod approval;
mod check;
mod checksum;
mod compile;
mod cycles;
mod diff;
mod document;
mod fault;
mod limits;
mod lint;
mod places;
mod read;
mod reader;
mod references;
mod schema;
mod schemes;
mod tree;
mod trial;
mod written;

pub use approval::may_be_approved;
pub use checksum::Checksum;
pub use compile::RuleSetIdentity;
pub use diff::{Change, ChangeKind, diff};
pub use document::{
    Approval, DocumentCap, DocumentCourse, DocumentEffect, DocumentMinimum, DocumentPart,
    DocumentRule, DocumentSource, DocumentTest, EntryRef, Expected, ExpectedLine, ExpectedVerdict,
    RuleDocument, TestGrant, TestOutcome, TestPast, TestState, When,
};
pub use fault::DocumentFault;
pub use limits::{BYTES_MAX, DEPTH_MAX, FAULTS_MAX, NODES_MAX};
pub use lint::{Finding, LintContext, OVERLAPPING_SETS, OtherVersion, Rival, Severity, lint};
pub use read::parse;
pub use references::{References, Resolved, ResolvedEntry};
pub use schema::schema;
pub use trial::{Trial, run_tests};
pub use written::{canonical_json, export};

#[cfg(test)]
mod tests;
