//! Comprehensive Learner Records 2.0 and Open Badges 3.0.
//!
//! A credential is taken one at a time. Where a record says which achievements are parts of which,
//! either the parts count or the whole, as in every other format. A proof is told as the claim that
//! it is: nothing of it is checked here.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use creditbank_domain::fault::Fault;
use serde_json::Value;

use super::course_tree::Node;
use super::day::day_of;
use super::json::each_object;
use super::signature::told_of_proof;
use super::xml::DEPTH_MAX;
use super::{Column, FormatRecord, RecordSource, said};
use crate::cell::Cell;
use crate::dictionary::Field;
use crate::faults;
use crate::input::Input;

mod grade;

use grade::grade_of;

/// Credentials within credentials beyond any record.
const CREDENTIALS_MAX: usize = 10_000;
/// The kinds of identity that are a number of the institution's own, folded, the best first.
const STUDENT_NUMBERS: [&str; 7] = [
    "studentid",
    "sourcedid",
    "sissourcedid",
    "onerostersourcedid",
    "lissourcedid",
    "systemid",
    "identifier",
];

/// A file of such credentials.
pub(crate) struct ClrSource {
    input: Input,
}

impl ClrSource {
    /// Nothing is read yet.
    pub(crate) fn new(input: &Input) -> Self {
        Self {
            input: input.clone(),
        }
    }
}

impl RecordSource for ClrSource {
    fn for_each(
        &mut self,
        visit: &mut dyn FnMut(FormatRecord) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let mut number = 0_usize;
        let mut refused = None;
        each_object(&self.input, &mut |value, bytes_read| {
            let pointer = format!("#{number}");
            number += 1;
            let credential = Credential {
                value: &value,
                pointer,
                learner: &[],
                proof: proof_of(&value),
            };
            match credential.records() {
                Ok(records) => {
                    for (at, content) in records {
                        let record = FormatRecord {
                            line_no: None,
                            at: Some(at),
                            content: Ok(content),
                            bytes_read,
                        };
                        if visit(record).is_break() {
                            return ControlFlow::Break(());
                        }
                    }
                    ControlFlow::Continue(())
                }
                Err(fault) => {
                    refused = Some(fault);
                    ControlFlow::Break(())
                }
            }
        })?;
        refused.map_or(Ok(()), Err)
    }
}

type Content = Vec<(Column, Cell)>;

/// A credential, with what the one around it says.
struct Credential<'a> {
    value: &'a Value,
    pointer: String,
    learner: &'a [(Column, Cell)],
    /// Its own proof, or that of the record around it.
    proof: Option<&'a Value>,
}

impl Credential<'_> {
    /// The achievements of a credential that count, each with its place.
    fn records(&self) -> Result<Vec<(String, Content)>, Fault> {
        let types = texts_at(self.value, "type");
        let is = |name: &str| types.contains(&name);
        let subject = self.value.get("credentialSubject").unwrap_or(&Value::Null);
        if is("ClrCredential") {
            return self.collection(subject);
        }
        if is("OpenBadgeCredential") || is("AchievementCredential") {
            return Ok(vec![(self.pointer.clone(), self.achievement(subject))]);
        }
        Err(faults::json_unknown())
    }

    fn collection(&self, subject: &Value) -> Result<Vec<(String, Content)>, Fault> {
        let mut learner = self.learner_of(subject);
        if learner.is_empty() {
            learner = self.learner.to_vec();
        }
        let inner = subject.get("verifiableCredential");
        let inner = inner
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        if inner.len() > CREDENTIALS_MAX {
            return Err(faults::xml_too_large(0));
        }
        let mut nodes = BTreeMap::new();
        let mut by_achievement = BTreeMap::new();
        for (index, value) in inner.iter().enumerate() {
            if texts_at(value, "type").contains(&"EndorsementCredential") {
                // Somebody's word about a credential is none.
                continue;
            }
            let pointer = format!(
                "{}/credentialSubject/verifiableCredential/{index}",
                self.pointer
            );
            let credential = Credential {
                value,
                pointer,
                learner: &learner,
                proof: proof_of(value).or(self.proof),
            };
            let subject = value.get("credentialSubject").unwrap_or(&Value::Null);
            if let Some(id) = text_at(subject, &["achievement", "id"]) {
                by_achievement.insert(id, index);
            }
            let content = credential.records()?;
            let says = |field: Field| {
                let mut all = content.iter().flat_map(|(_, content)| content);
                all.any(|(column, _)| *column == Column::Field(field))
            };
            let node = Node {
                has_credit: says(Field::Credits),
                has_result: says(Field::Grade) || says(Field::Verdict),
                value: content,
                parts: Vec::new(),
            };
            nodes.insert(index, node);
        }
        let parents = parents_of(subject, &by_achievement);
        let trees = forest(nodes, &parents);
        let trees = trees.ok_or_else(|| faults::xml_too_deep(DEPTH_MAX, 0))?;
        let counted = trees.into_iter().flat_map(Node::counted);
        Ok(counted.flatten().collect())
    }

    fn achievement(&self, subject: &Value) -> Content {
        let achievement = subject.get("achievement").unwrap_or(&Value::Null);
        let mut content: Content = self.learner.to_vec();
        if content.is_empty() {
            content = self.learner_of(subject);
        }
        let code = text_at(achievement, &["humanCode"]);
        let code = code.or_else(|| text_at(achievement, &["id"]));
        let results = subject.get("result").map_or(&[][..], |it| match it {
            Value::Array(all) => all.as_slice(),
            one => std::slice::from_ref(one),
        });
        let grade = grade_of(achievement, results);
        let status = results.iter().find_map(|it| text_at(it, &["status"]));
        let (verdict, mark) = match status.as_deref() {
            Some("Completed") => ("passed", ""),
            Some("Failed") => ("failed", ""),
            Some("InProgress" | "Enrolled" | "OnHold" | "Provisional") => ("", "缓考"),
            Some("Withdrew") => ("", "取消"),
            // Nobody is awarded what was not achieved: a badge without a result is a pass.
            _ if grade.is_none() => ("passed", ""),
            _ => ("", ""),
        };
        let day = ["activityEndDate"]
            .iter()
            .find_map(|key| text_at(subject, &[key]));
        let day = day.or_else(|| text_at(self.value, &["awardedDate"]));
        let day = day.or_else(|| text_at(self.value, &["validFrom"]));
        let day = day.or_else(|| text_at(self.value, &["issuanceDate"]));
        let credits = subject.get("creditsEarned").and_then(shown);
        let fields = [
            (Field::CourseCode, code.unwrap_or_default()),
            (
                Field::CourseTitle,
                text_at(achievement, &["name"]).unwrap_or_default(),
            ),
            (Field::Term, text_at(subject, &["term"]).unwrap_or_default()),
            (Field::Credits, credits.unwrap_or_default()),
            (Field::Grade, grade.unwrap_or_default()),
            (Field::Marks, mark.to_owned()),
            (Field::Verdict, verdict.to_owned()),
            (Field::AwardedOn, day_of(&day.unwrap_or_default())),
        ];
        let fields = fields.into_iter();
        content.extend(fields.filter_map(|(field, text)| said(Column::Field(field), &text)));
        content.extend(self.proof.and_then(told_of_proof));
        content
    }

    /// Who it is, by what is not hashed.
    fn learner_of(&self, subject: &Value) -> Content {
        let identities = subject.get("identifier").map_or(&[][..], |it| match it {
            Value::Array(all) => all.as_slice(),
            one => std::slice::from_ref(one),
        });
        let of_kind = |wanted: &str| {
            let mut plain = identities.iter().filter(|it| {
                let hashed = it.get("hashed").and_then(Value::as_bool);
                hashed == Some(false)
            });
            let found = plain.find(|it| {
                let kind = text_at(it, &["identityType"]).unwrap_or_default();
                kind.eq_ignore_ascii_case(wanted)
            });
            found.and_then(|it| text_at(it, &["identityHash"]))
        };
        let number = STUDENT_NUMBERS.into_iter().find_map(of_kind);
        let name = of_kind("name").or_else(|| text_at(subject, &["name"]));
        let number = said(
            Column::Field(Field::StudentNumber),
            &number.unwrap_or_default(),
        );
        let name = said(Column::Field(Field::Name), &name.unwrap_or_default());
        number.into_iter().chain(name).collect()
    }
}

/// Which credential is a part of which, by the record's associations of achievements.
fn parents_of(subject: &Value, places: &BTreeMap<String, usize>) -> BTreeMap<usize, usize> {
    let associations = subject.get("association").and_then(Value::as_array);
    let mut parents = BTreeMap::new();
    for association in associations.into_iter().flatten() {
        let place = |key: &str| places.get(&text_at(association, &[key])?).copied();
        let (Some(source), Some(target)) = (place("sourceId"), place("targetId")) else {
            continue;
        };
        let kind = text_at(association, &["associationType"]).unwrap_or_default();
        match kind.as_str() {
            "isChildOf" | "isPartOf" => parents.entry(source).or_insert(target),
            "isParentOf" => parents.entry(target).or_insert(source),
            _ => continue,
        };
    }
    parents
}

/// The trees that the parts make. What is part of itself, by whatever detour, is a whole; `None`
/// where parts have parts beyond any record.
fn forest<T>(
    mut nodes: BTreeMap<usize, Node<T>>,
    parents: &BTreeMap<usize, usize>,
) -> Option<Vec<Node<T>>> {
    let mut inner = Vec::new();
    for index in nodes.keys() {
        let mut above = BTreeSet::from([*index]);
        let mut at = index;
        let is_circle = loop {
            match parents.get(at) {
                Some(parent) if !above.insert(*parent) => break true,
                Some(parent) => at = parent,
                None => break false,
            }
            if above.len() > DEPTH_MAX {
                return None;
            }
        };
        let parent = parents.get(index).filter(|_| !is_circle);
        inner.extend(parent.map(|parent| (above.len(), *index, *parent)));
    }
    // The deepest first, so that whatever is handed up has all its parts.
    inner.sort_unstable_by_key(|(depth, index, _)| (Reverse(*depth), *index));
    for (_, index, parent) in inner {
        if let Some(node) = nodes.remove(&index) {
            match nodes.get_mut(&parent) {
                Some(parent) => parent.parts.push(node),
                None => drop(nodes.insert(index, node)),
            }
        }
    }
    Some(nodes.into_values().collect())
}

fn proof_of(value: &Value) -> Option<&Value> {
    value.get("proof").filter(|proof| !proof.is_null())
}

/// A text or a number as a text.
fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn text_at(value: &Value, path: &[&str]) -> Option<String> {
    let mut at = value;
    for member in path {
        at = at.get(member)?;
    }
    shown(at).filter(|text| !text.trim().is_empty())
}

/// One text or a list of them.
fn texts_at<'v>(value: &'v Value, member: &str) -> Vec<&'v str> {
    match value.get(member) {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(one)) => vec![one.as_str()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(name: usize) -> Node<usize> {
        Node {
            value: name,
            has_credit: true,
            has_result: true,
            parts: Vec::new(),
        }
    }

    #[test]
    fn what_is_part_of_itself_is_lost_nowhere_and_parts_stand_in_their_order() {
        let nodes = || (0..5).map(|index| (index, leaf(index))).collect();
        let counted = |parents: &[(usize, usize)]| -> Vec<usize> {
            let parents = parents.iter().copied().collect();
            let trees = forest(nodes(), &parents).unwrap();
            trees.into_iter().flat_map(Node::counted).collect()
        };
        assert_eq!(counted(&[(1, 0), (2, 0), (3, 2)]), [1, 3, 4]);
        assert_eq!(counted(&[(0, 1), (1, 0)]), [0, 1, 2, 3, 4]);
        assert_eq!(counted(&[(0, 0)]), [0, 1, 2, 3, 4]);
    }
}
