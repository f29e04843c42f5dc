//! One course under several names: what names have in common, and curated lists that say which
//! courses are one.
//!
//! Two names with one [`NameKey`] are a *candidate*: a person looks at them and puts the courses on
//! a list, or not. Only the list, [`DuplicateGroup`], keeps a second outcome from being credited.

mod list;
mod name_key;

pub use list::{DuplicateGroup, GroupFault, Membership};
pub use name_key::NameKey;

#[cfg(test)]
mod tests;
