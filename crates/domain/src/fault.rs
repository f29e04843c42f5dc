//! A coded reason in both languages: the one form in which people are told what is wrong.

mod of_errors;

use std::fmt;

use crate::reason::ReasonCode;
use crate::recognition::Refusal;

/// What is wrong, with its figures and what to do. Holds no personal data and no internals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Stable, upper snake case.
    pub code: &'static str,
    /// 中文
    pub zh: String,
    /// English
    pub en: String,
}

impl Fault {
    /// One fault.
    pub fn new(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            code,
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// The sentence of a reason code with its figures behind it.
    #[must_use]
    pub fn of_reason(code: ReasonCode, figures: &str) -> Self {
        let text = code.text();
        if figures.is_empty() {
            return Self::new(code.as_str(), text.zh, text.en);
        }
        Self::new(
            code.as_str(),
            format!("{}({figures})", text.zh),
            format!("{} ({figures})", text.en),
        )
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.en)
    }
}

impl From<&Refusal> for Fault {
    fn from(refusal: &Refusal) -> Self {
        Self::of_reason(refusal.code, &refusal.detail)
    }
}

#[cfg(test)]
mod tests;
