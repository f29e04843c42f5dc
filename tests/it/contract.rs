//! The contract as committed, checked by tools that know nothing of ours, and what it promises of
//! every operation.

mod compatibility;
mod completeness;
mod fuzz;
mod lints;
mod pages;
