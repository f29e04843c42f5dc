//! Where in a request something is wrong: JSON pointers (RFC 6901) and parameter names.

use std::fmt;
use std::num::NonZeroU32;

use creditbank_domain::fault::Fault;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::FaultView;

/// A place in a JSON body.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Place(String);

impl Place {
    /// The whole body.
    pub(crate) const fn root() -> Self {
        Self(String::new())
    }

    /// A member or an element of what is here.
    pub(crate) fn child(&self, name: impl fmt::Display) -> Self {
        let name = name.to_string().replace('~', "~0").replace('/', "~1");
        Self(format!("{}/{name}", self.0))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Puts a name before the place, while an error travels up from where it was met.
    pub(crate) fn prepend(&mut self, name: impl fmt::Display) {
        let parent = Self::root().child(name);
        self.0.insert_str(0, &parent.0);
    }
}

/// A coded fault and where it lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct PlacedFault {
    /// A JSON pointer into the body.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(example = "/outcomes/3/awarded_on")]
    pub(crate) pointer: Option<String>,
    /// The name of the path or query parameter, header or form field.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub(crate) parameter: Option<Box<str>>,
    /// The line in a document that came as a text, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<u32>, minimum = 1)]
    pub(crate) line: Option<NonZeroU32>,
    /// The column in it, in characters, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<u32>, minimum = 1)]
    pub(crate) column: Option<NonZeroU32>,
    /// What is wrong there.
    #[serde(flatten)]
    pub(crate) fault: FaultView,
}

impl PlacedFault {
    pub(crate) fn at(place: &Place, fault: Fault) -> Self {
        Self {
            pointer: Some(place.0.clone()),
            parameter: None,
            line: None,
            column: None,
            fault: fault.into(),
        }
    }

    /// A place in a document that came as a text in a member of the body.
    pub(crate) fn in_text(member: &str, (line, column): (usize, usize), fault: Fault) -> Self {
        Self {
            line: from_one(line),
            column: from_one(column),
            ..Self::at(&Place::root().child(member), fault)
        }
    }

    pub(crate) fn of_parameter(name: &str, fault: Fault) -> Self {
        Self {
            pointer: None,
            parameter: Some(name.into()),
            line: None,
            column: None,
            fault: fault.into(),
        }
    }
}

fn from_one(number: usize) -> Option<NonZeroU32> {
    NonZeroU32::new(u32::try_from(number).ok()?)
}

/// Collects the faults of one object, so that all are told at once.
pub(crate) struct Placed<'a> {
    place: &'a Place,
    faults: Vec<PlacedFault>,
}

impl<'a> Placed<'a> {
    pub(crate) const fn at(place: &'a Place) -> Self {
        Self {
            place,
            faults: Vec::new(),
        }
    }

    /// The value, or `None` with its fault kept under the member's name.
    pub(crate) fn take<T, E: Into<Fault>>(
        &mut self,
        member: &str,
        value: Result<T, E>,
    ) -> Option<T> {
        match value {
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(member, error.into());
                None
            }
        }
    }

    /// The value, or `None` with its faults, which know their own places.
    pub(crate) fn take_all<T>(&mut self, value: Result<T, Vec<PlacedFault>>) -> Option<T> {
        value.map_err(|faults| self.faults.extend(faults)).ok()
    }

    pub(crate) fn refuse(&mut self, member: &str, fault: Fault) {
        let place = if member.is_empty() {
            self.place.clone()
        } else {
            self.place.child(member)
        };
        self.faults.push(PlacedFault::at(&place, fault));
    }

    /// What was collected; never empty, because a value that is missing has left a fault.
    pub(crate) fn into_faults(self) -> Vec<PlacedFault> {
        self.faults
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }
}
