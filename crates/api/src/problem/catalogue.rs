//! Every code that a client can be told, with its cause and what to do about it.
//!
//! The tables under `codes/` are the one list. From it come the pages at `/errors`, which the
//! `type` of a refusal leads to, `docs/ERRORS.md`, and what the document says each operation can be
//! refused with. Tests hold the codes of the sources and of every answer against it.

use std::fmt::Write as _;
use std::sync::LazyLock;

use creditbank_domain::reason::ReasonCode;

use super::Words;

const TABLES: [&str; 13] = [
    include_str!("codes/request.txt"),
    include_str!("codes/caller.txt"),
    include_str!("codes/values.txt"),
    include_str!("codes/reasons.txt"),
    include_str!("codes/outcomes.txt"),
    include_str!("codes/people.txt"),
    include_str!("codes/conversions.txt"),
    include_str!("codes/webhooks.txt"),
    include_str!("codes/register.txt"),
    include_str!("codes/imports.txt"),
    include_str!("codes/governing.txt"),
    include_str!("codes/rules.txt"),
    include_str!("codes/evidence.txt"),
];

static ENTRIES: LazyLock<Vec<CodeEntry>> = LazyLock::new(|| {
    let lines = TABLES.iter().flat_map(|table| table.lines());
    let mut entries: Vec<_> = lines.filter_map(CodeEntry::read).collect();
    entries.sort_by_key(|entry| entry.code);
    entries
});

/// One code.
#[derive(Debug)]
pub(crate) struct CodeEntry {
    pub(crate) code: &'static str,
    /// As which statuses a refusal has it.
    pub(crate) statuses: Vec<u16>,
    /// Whether it also stands in `errors`, at a place.
    pub(crate) placed: bool,
    /// Which operations can answer it: features of a request, or tags.
    pub(crate) when: Vec<&'static str>,
    pub(crate) cause: Words,
    pub(crate) cure: Words,
}

impl CodeEntry {
    /// A line of a table; nothing for a remark.
    fn read(line: &'static str) -> Option<Self> {
        if line.starts_with('#') {
            return None;
        }
        let cells: Vec<_> = line.split(" | ").collect();
        let [code, statuses, when, cause_zh, cure_zh, cause_en, cure_en] = cells[..] else {
            return None;
        };
        let cause = match code.parse::<ReasonCode>() {
            Ok(reason) if cause_zh == "=" => Words::fixed(reason.text().zh, reason.text().en),
            Ok(_) | Err(_) => Words::fixed(cause_zh, cause_en),
        };
        Some(Self {
            code,
            statuses: statuses
                .split(' ')
                .filter_map(|status| status.parse().ok())
                .collect(),
            placed: statuses.contains('@'),
            when: when.split(' ').collect(),
            cause,
            cure: Words::fixed(cure_zh, cure_en),
        })
    }

    pub(crate) fn slug(&self) -> String {
        slug(self.code)
    }
}

/// Every code, in the order of the alphabet.
pub(crate) fn entries() -> &'static [CodeEntry] {
    &ENTRIES
}

/// The entry behind the last part of a `type`.
pub(crate) fn entry(slug: &str) -> Option<&'static CodeEntry> {
    ENTRIES.iter().find(|entry| entry.slug() == slug)
}

/// Where a code is explained: the `type` of a refusal. Relative, so that it leads to the server
/// that answered, whatever it is called.
pub(crate) fn type_of(code: &str) -> String {
    format!("/errors/{}", slug(code))
}

fn slug(code: &str) -> String {
    code.to_ascii_lowercase().replace('_', "-")
}

/// Whether a code has an entry.
#[must_use]
pub fn is_listed(code: &str) -> bool {
    ENTRIES.iter().any(|entry| entry.code == code)
}

/// `docs/ERRORS.md`: every code with cause and cure in both languages.
#[must_use]
pub fn errors_page() -> String {
    let mut page = String::from(
        "# Error codes 错误代码\n\n\
         Made by `creditbank errors`; a test compares it. Each code is explained by the server too, \
         at the `type` of the refusal: `/errors/not-found`. `@` are codes inside `errors`, at a \
         place of the request. What each operation can answer is in the document at `/docs`.\n\n\
         | code | status | cause and cure | 原因与处理 |\n|---|---|---|---|\n",
    );
    for entry in entries() {
        let CodeEntry {
            code, cause, cure, ..
        } = entry;
        let status = shown_statuses(entry);
        // Writing to a text cannot fail.
        let _ = writeln!(
            page,
            "| `{code}` | {status} | {} {} | {}{} |",
            cause.en, cure.en, cause.zh, cure.zh
        );
    }
    page
}

/// The statuses, and `@` for a place.
pub(crate) fn shown_statuses(entry: &CodeEntry) -> String {
    let mut shown: Vec<_> = entry.statuses.iter().map(u16::to_string).collect();
    shown.extend(entry.placed.then(|| "@".to_owned()));
    shown.join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_is_an_entry_and_every_code_has_one() {
        let lines = TABLES.iter().flat_map(|table| table.lines());
        for line in lines.filter(|line| !line.starts_with('#')) {
            let entry = CodeEntry::read(line).unwrap_or_else(|| panic!("no entry: {line}"));
            assert!(entry.placed || !entry.statuses.is_empty(), "{line}");
            let words = [&entry.cause, &entry.cure];
            let bare = |text: &str| text.is_empty() || text == "=";
            assert!(
                !words.iter().any(|it| bare(&it.zh) || bare(&it.en)),
                "{line}"
            );
            assert!(words.iter().all(|it| it.en.is_ascii()), "{line}");
        }
        let codes: BTreeSet<_> = entries().iter().map(|entry| entry.code).collect();
        assert_eq!(codes.len(), entries().len(), "a code has two entries");
        let capitals = |it: u8| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_';
        assert!(codes.iter().all(|code| code.bytes().all(capitals)));
        for reason in ReasonCode::ALL {
            assert!(is_listed(reason.as_str()), "{reason:?}");
        }
    }

    #[test]
    fn a_type_leads_to_its_entry() {
        for one in entries() {
            let path = type_of(one.code);
            let found = entry(path.strip_prefix("/errors/").unwrap()).unwrap();
            assert_eq!(found.code, one.code);
        }
        assert!(entry("no-such-code").is_none());
    }
}
