//! Tells the story of the demo, or keeps silent where a program wants the summary alone.

use std::fmt;

use crate::output;

/// Who listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Teller {
    /// A person at a terminal.
    Person,
    /// A program that reads one JSON object.
    Program,
}

impl Teller {
    /// One line of the story.
    pub(crate) fn say(self, text: fmt::Arguments<'_>) {
        match self {
            Self::Person => output::line(text),
            Self::Program => {}
        }
    }

    /// A heading.
    pub(crate) fn chapter(self, zh: &str, en: &str) {
        self.say(format_args!("\n== {zh} / {en}"));
    }
}

/// One line of the story.
macro_rules! tell {
    ($teller:expr, $($text:tt)*) => { $teller.say(format_args!($($text)*)) };
}
pub(crate) use tell;
