//! Takes values out of a tree and notes every fault on the way.
//!
//! Whatever is wrong is noted once and read as nothing, so that the rest is still looked at.

mod told;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use chrono::NaiveDate;
use creditbank_domain::fault::Fault;
use creditbank_domain::text::bounded;

use crate::fault::{At, DocumentFault, Places};
use crate::limits::FAULTS_MAX;
use crate::tree::{Node, Value, escaped};

/// A value and where it stands.
#[derive(Clone)]
pub(crate) struct Spot<'a> {
    node: &'a Node,
    pub(crate) pointer: String,
}

impl<'a> Spot<'a> {
    pub(crate) const fn root(node: &'a Node) -> Self {
        Self {
            node,
            pointer: String::new(),
        }
    }

    /// How many values stand in it.
    pub(crate) const fn items(&self) -> usize {
        match &self.node.value {
            Value::List(items) => items.len(),
            Value::Fields(fields) => fields.len(),
            Value::Scalar { .. } => 0,
        }
    }
}

/// A group of named values.
pub(crate) struct Fields<'a> {
    at: At,
    pointer: String,
    by_name: BTreeMap<&'a str, &'a Node>,
}

impl<'a> Fields<'a> {
    /// The value of a name; nothing where it is not there or is null.
    pub(crate) fn get(&self, name: &str) -> Option<Spot<'a>> {
        let node = self.by_name.get(name).filter(|node| !node.is_nothing())?;
        Some(Spot {
            node,
            pointer: format!("{}/{name}", self.pointer),
        })
    }

    pub(crate) fn pointer(&self) -> &str {
        &self.pointer
    }
}

/// What was found on the way.
#[derive(Default)]
pub(crate) struct Reader {
    pub(crate) faults: Vec<DocumentFault>,
    pub(crate) places: Places,
}

impl Reader {
    /// Notes a fault at a place that was read.
    pub(crate) fn wrong(&mut self, pointer: &str, fault: Fault) {
        let at = self.places.at(pointer);
        self.wrong_at(at, pointer, fault);
    }

    fn wrong_at(&mut self, at: At, pointer: &str, fault: Fault) {
        // What nobody reads is not kept; one more than is told shows that there are more.
        if self.faults.len() <= FAULTS_MAX {
            self.faults.push(at.fault(pointer, fault));
        }
    }

    fn note(&mut self, spot: &Spot<'_>) {
        self.places.note(&spot.pointer, spot.node.at);
    }

    /// The named values of a group, none of another name.
    pub(crate) fn fields<'a>(&mut self, spot: &Spot<'a>, allowed: &[&str]) -> Option<Fields<'a>> {
        self.note(spot);
        let Value::Fields(fields) = &spot.node.value else {
            let fault = told::not_fields(spot.node);
            self.wrong_at(spot.node.at, &spot.pointer, fault);
            return None;
        };
        for field in fields {
            let pointer = format!("{}/{}", spot.pointer, escaped(&field.name));
            if allowed.contains(&field.name.as_str()) {
                self.places.note(&pointer, field.value.at);
            } else if self.faults.len() <= FAULTS_MAX {
                // Looking for the field that was meant is dear where there are thousands.
                self.wrong_at(
                    field.at,
                    &pointer,
                    told::unknown_field(&field.name, allowed),
                );
            }
        }
        let fields = fields.iter();
        Some(Fields {
            at: spot.node.at,
            pointer: spot.pointer.clone(),
            by_name: fields.map(|it| (it.name.as_str(), &it.value)).collect(),
        })
    }

    /// The value of a name that has to be there.
    pub(crate) fn need<'a>(&mut self, fields: &Fields<'a>, name: &str) -> Option<Spot<'a>> {
        let found = fields.get(name);
        if found.is_none() {
            let pointer = format!("{}/{name}", fields.pointer);
            self.wrong_at(fields.at, &pointer, told::missing(name));
        }
        found
    }

    /// The values of a list.
    pub(crate) fn list<'a>(&mut self, spot: &Spot<'a>) -> Vec<Spot<'a>> {
        self.note(spot);
        let Value::List(items) = &spot.node.value else {
            self.wrong_at(spot.node.at, &spot.pointer, told::not_a_list(spot.node));
            return Vec::new();
        };
        let items = items.iter().enumerate();
        items
            .map(|(nth, node)| Spot {
                node,
                pointer: format!("{}/{nth}", spot.pointer),
            })
            .collect()
    }

    /// Every value of a list, read alike; an absent list is an empty one. What cannot be read is
    /// left out.
    pub(crate) fn each<'a, T>(
        &mut self,
        fields: &Fields<'a>,
        name: &str,
        read: impl Fn(&mut Self, &Spot<'a>) -> Option<T>,
    ) -> Vec<T> {
        let Some(spot) = fields.get(name) else {
            return Vec::new();
        };
        let items = self.list(&spot);
        items.iter().filter_map(|item| read(self, item)).collect()
    }

    /// The text of a single value, as it is written.
    pub(crate) fn written<'a>(&mut self, spot: &Spot<'a>) -> Option<&'a str> {
        self.note(spot);
        match &spot.node.value {
            Value::Scalar { text, .. } if !spot.node.is_nothing() => Some(text),
            _ => {
                self.wrong_at(spot.node.at, &spot.pointer, told::not_a_value(spot.node));
                None
            }
        }
    }

    /// A text of at most so many characters.
    pub(crate) fn text(&mut self, spot: &Spot<'_>, characters_max: usize) -> Option<String> {
        let written = self.written(spot)?;
        self.read(
            spot,
            bounded("the text", written, characters_max),
            told::text,
        )
    }

    /// A text of several lines.
    pub(crate) fn note_text(&mut self, spot: &Spot<'_>, characters_max: usize) -> Option<String> {
        let written = self.written(spot)?;
        let one_line = written.replace('\n', " ");
        let checked = bounded("the text", &one_line, characters_max);
        self.read(spot, checked, told::text)?;
        Some(written.trim().to_owned())
    }

    /// A result with the fault that tells why there is none.
    pub(crate) fn read<T, E>(
        &mut self,
        spot: &Spot<'_>,
        result: Result<T, E>,
        told: impl FnOnce(E) -> Fault,
    ) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong_at(spot.node.at, &spot.pointer, told(error));
                None
            }
        }
    }

    /// One word of a closed list.
    pub(crate) fn word<T: Copy + Display>(&mut self, spot: &Spot<'_>, all: &[T]) -> Option<T> {
        let written = self.written(spot)?;
        let found = all.iter().find(|word| word.to_string() == written);
        let read = found.copied().ok_or(());
        self.read(spot, read, |()| told::unknown_word(written, all))
    }

    /// A day, `2021-09-01`.
    pub(crate) fn day(&mut self, spot: &Spot<'_>) -> Option<NaiveDate> {
        let written = self.written(spot)?;
        // Chrono also reads `2021-9-1`, of which a second writing would be another text.
        let shape = written.len() == 10;
        let day = NaiveDate::from_str(written).ok().filter(|_| shape);
        self.read(spot, day.ok_or(()), |()| told::not_a_day(written))
    }

    /// A whole number within bounds.
    pub(crate) fn count(&mut self, spot: &Spot<'_>, least: u32, most: u32) -> Option<u32> {
        let written = self.written(spot)?;
        let digits = !written.is_empty() && written.bytes().all(|b| b.is_ascii_digit());
        let number = written.parse().ok();
        let number: Option<u32> = number.filter(|it| digits && (least..=most).contains(it));
        self.read(spot, number.ok_or(()), |()| {
            told::not_a_count(written, least, most)
        })
    }

    /// `true` or `false`.
    pub(crate) fn truth(&mut self, spot: &Spot<'_>) -> Option<bool> {
        let written = self.written(spot)?;
        let truth = match written {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(()),
        };
        self.read(spot, truth, |()| told::not_a_truth(written))
    }
}
