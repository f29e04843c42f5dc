//! What handlers take from a request: JSON bodies, keys, pages, path values, uploads. Every
//! refusal names its place, and none repeats what was sent.

mod form;
mod json;
mod key;
mod page;
mod path;
mod shape;
mod strict;

pub(crate) use form::{ImportForm, ImportUpload, configure as configure_forms};
pub(crate) use json::{JsonBody, limit_faults};
pub(crate) use key::{IdempotencyHeader, IdempotencyKey};
pub(crate) use page::{PageParameters, PageQuery, cursor_after, query_names};
pub(crate) use path::{PathId, PathLearner, path_value};

#[cfg(test)]
mod tests;
