//! What changed from one document to another, by rule, cap, part, course and test.

mod words;

use std::collections::BTreeMap;

use creditbank_domain::conversion::Explanation;

use crate::document::RuleDocument;
use crate::written::{Written, of_document};

/// What happened to something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It says something else.
    Changed,
    /// The same things stand in another order.
    Moved,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What happened.
    pub kind: ChangeKind,
    /// Where: `rules/R-DE-01/when/minimum_grade`, things by their codes.
    pub path: String,
    /// What was written before, as JSON.
    pub from: Option<String>,
    /// What is written now, as JSON.
    pub to: Option<String>,
    /// For people.
    pub text: Explanation,
}

/// Lists of things that have a code or a name of their own.
const KEYED: [(&str, &str); 6] = [
    ("schemes", "code"),
    ("courses", "code"),
    ("parts", "code"),
    ("caps", "code"),
    ("rules", "code"),
    ("tests", "name"),
];

/// Every change, in the order of the document; none where they say the same.
#[must_use]
pub fn diff(old: &RuleDocument, new: &RuleDocument) -> Vec<Change> {
    let (old, new) = (of_document(old), of_document(new));
    let mut changes = Vec::new();
    for name in crate::read::FIELDS {
        let (from, to) = (old.get(name), new.get(name));
        match KEYED.iter().find(|(list, _)| *list == name) {
            Some((_, key)) => things(&mut changes, name, key, items(from), items(to)),
            None => fields(&mut changes, name, from, to),
        }
    }
    changes
}

fn items(list: Option<&Written>) -> &[Written] {
    match list {
        Some(Written::List(items)) => items,
        _ => &[],
    }
}

fn key_of<'a>(thing: &'a Written, key: &str) -> &'a str {
    match thing.get(key) {
        Some(Written::Text(text)) => text,
        _ => "",
    }
}

fn things(changes: &mut Vec<Change>, list: &str, key: &str, old: &[Written], new: &[Written]) {
    let before: BTreeMap<&str, &Written> = old.iter().map(|it| (key_of(it, key), it)).collect();
    let after: BTreeMap<&str, &Written> = new.iter().map(|it| (key_of(it, key), it)).collect();
    for thing in old {
        let code = key_of(thing, key);
        let path = format!("{list}/{code}");
        match after.get(code) {
            None => changes.push(change(ChangeKind::Removed, &path, Some(thing), None)),
            Some(now) => fields(changes, &path, Some(thing), Some(now)),
        }
    }
    let added = new
        .iter()
        .filter(|it| !before.contains_key(key_of(it, key)));
    for thing in added {
        let path = format!("{list}/{}", key_of(thing, key));
        changes.push(change(ChangeKind::Added, &path, None, Some(thing)));
    }
    let stayed = |of: &[Written], other: &BTreeMap<&str, &Written>| -> Vec<String> {
        let codes = of.iter().map(|it| key_of(it, key));
        let codes = codes.filter(|code| other.contains_key(code));
        codes.map(str::to_owned).collect()
    };
    let (was, is) = (stayed(old, &after), stayed(new, &before));
    if was != is {
        let (was, is) = (Written::texts(&was), Written::texts(&is));
        changes.push(change(ChangeKind::Moved, list, Some(&was), Some(&is)));
    }
}

/// Goes down to the fields that differ; lists without keys are compared whole.
fn fields(changes: &mut Vec<Change>, path: &str, from: Option<&Written>, to: Option<&Written>) {
    if from == to {
        return;
    }
    let (Some(Written::Fields(old)), Some(Written::Fields(new))) = (from, to) else {
        let kind = match (from, to) {
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Removed,
            _ => ChangeKind::Changed,
        };
        changes.push(change(kind, path, from, to));
        return;
    };
    let mut names: Vec<&str> = old.iter().map(|it| it.0).collect();
    let more = new.iter().map(|it| it.0);
    let more: Vec<&str> = more.filter(|name| !names.contains(name)).collect();
    names.extend(more);
    for name in names {
        let find = |of: &'_ Option<&Written>| of.and_then(|it| it.get(name)).cloned();
        fields(
            changes,
            &format!("{path}/{name}"),
            find(&from).as_ref(),
            find(&to).as_ref(),
        );
    }
}

fn change(kind: ChangeKind, path: &str, from: Option<&Written>, to: Option<&Written>) -> Change {
    let (from, to) = (from.map(Written::json), to.map(Written::json));
    Change {
        kind,
        path: path.to_owned(),
        text: words::text(kind, path, from.as_deref(), to.as_deref()),
        from,
        to,
    }
}
