//! A document as the values that stand in it, each with its place. Knows nothing of rules.
//!
//! Scalars keep their text: whether `6.50` is an amount is decided by who asks for one, and no
//! number is ever a float. JSON is read as the part of YAML that it is.

mod build;

pub(crate) use build::{build, escaped};

use crate::fault::At;

/// A value and where it begins.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) at: At,
    pub(crate) value: Value,
}

/// What there is.
#[derive(Debug)]
pub(crate) enum Value {
    /// A text; plain where it stands without quotes.
    Scalar { text: String, plain: bool },
    /// Values in order.
    List(Vec<Node>),
    /// Named values in order; no name twice.
    Fields(Vec<Field>),
}

/// A named value and where its name begins.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) at: At,
    pub(crate) value: Node,
}

impl Node {
    /// True for what YAML calls null: `null`, `~` or nothing at all.
    pub(crate) fn is_nothing(&self) -> bool {
        match &self.value {
            Value::Scalar { text, plain } => {
                *plain && matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL")
            }
            Value::List(_) | Value::Fields(_) => false,
        }
    }

    /// What it is, in words.
    pub(crate) fn kind(&self) -> (&'static str, &'static str) {
        match self.value {
            _ if self.is_nothing() => ("空值", "nothing"),
            Value::Scalar { .. } => ("单个值", "a single value"),
            Value::List(_) => ("列表", "a list"),
            Value::Fields(_) => ("一组字段", "a group of fields"),
        }
    }
}
