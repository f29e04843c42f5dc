//! A document written down: one order of fields, one form of every value.

mod json;
mod of_document;
mod of_test;
mod yaml;

use crate::document::RuleDocument;

pub(crate) use of_document::of_document;

/// What is written. Fields that say nothing are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Written {
    Text(String),
    /// Digits, `true`, `false`: the same text in YAML and JSON, without quotes.
    Bare(String),
    List(Vec<Self>),
    Fields(Vec<(&'static str, Self)>),
}

impl Written {
    pub(crate) fn text(text: impl std::fmt::Display) -> Self {
        Self::Text(text.to_string())
    }

    pub(crate) fn texts<T: std::fmt::Display>(texts: &[T]) -> Self {
        Self::List(texts.iter().map(Self::text).collect())
    }

    pub(crate) fn list<'a, T: 'a>(
        items: impl IntoIterator<Item = &'a T>,
        of: impl Fn(&'a T) -> Self,
    ) -> Self {
        Self::List(items.into_iter().map(of).collect())
    }

    /// Named values without those that say nothing.
    pub(crate) fn fields<const N: usize>(fields: [(&'static str, Option<Self>); N]) -> Self {
        let fields = fields.into_iter();
        Self::Fields(
            fields
                .filter_map(|(name, value)| Some((name, value?)))
                .collect(),
        )
    }

    /// Nothing where it is an empty list.
    pub(crate) fn unless_empty(self) -> Option<Self> {
        match self {
            Self::List(items) if items.is_empty() => None,
            other => Some(other),
        }
    }

    /// It alone, as JSON.
    pub(crate) fn json(&self) -> String {
        json::json(self)
    }

    /// The value of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Fields(fields) => fields.iter().find(|it| it.0 == name).map(|it| &it.1),
            _ => None,
        }
    }
}

/// The document in YAML, always the same for the same document; read again it is equal.
#[must_use]
pub fn export(document: &RuleDocument) -> String {
    yaml::yaml(&of_document(document))
}

/// The document in JSON without a space to choose: what its checksum is of.
#[must_use]
pub fn canonical_json(document: &RuleDocument) -> String {
    json::json(&of_document(document))
}
