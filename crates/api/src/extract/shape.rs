//! Reads a JSON value into a body type and says where and why it does not fit.
//!
//! serde_json's own errors repeat what was sent ("invalid type: string \"…\""), which may be
//! personal data, and know no pointer. This deserializer's errors are coded, placed and silent
//! about the value.

use std::fmt;

use creditbank_domain::fault::Fault;
use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, Expected, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value, map};

use crate::problem::{Place, PlacedFault};

/// Reads the whole value.
pub(super) fn read<T: DeserializeOwned>(value: &Value) -> Result<T, PlacedFault> {
    T::deserialize(At(value)).map_err(|error| PlacedFault::at(&error.place, error.fault))
}

#[derive(Debug)]
struct ShapeError {
    place: Place,
    fault: Fault,
}

impl ShapeError {
    fn here(fault: Fault) -> Self {
        Self {
            place: Place::root(),
            fault,
        }
    }

    fn member(name: &str, fault: Fault) -> Self {
        Self {
            place: Place::root().child(name),
            fault,
        }
    }

    fn inside(mut self, name: impl fmt::Display) -> Self {
        self.place.prepend(name);
        self
    }
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.fault, self.place.as_str())
    }
}

impl std::error::Error for ShapeError {}

impl de::Error for ShapeError {
    fn custom<T: fmt::Display>(_: T) -> Self {
        let fault = Fault::new(
            "VALUE_UNREADABLE",
            "无法识别的值",
            "the value cannot be read",
        );
        Self::here(fault)
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let fault = Fault::new(
            "TYPE_MISMATCH",
            format!("类型不符,应为 {expected}"),
            format!("a value of another type than {expected}"),
        );
        Self::here(fault)
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let fault = Fault::new(
            "VALUE_UNREADABLE",
            format!("值不符,应为 {expected}"),
            format!("the value is not {expected}"),
        );
        Self::here(fault)
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        let fault = Fault::new(
            "VALUE_UNREADABLE",
            format!("个数不符,应为 {expected}"),
            format!("the number of elements is not that of {expected}"),
        );
        Self::here(fault)
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        let words = expected.join(", ");
        let fault = Fault::new(
            "WORD_UNKNOWN",
            format!("应为以下之一:{words}"),
            format!("the word is one of {words}"),
        );
        Self::here(fault)
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let fields = expected.join(", ");
        let fault = Fault::new(
            "FIELD_UNKNOWN",
            format!("未知字段,可用字段:{fields}"),
            format!("the field is not known; there are {fields}"),
        );
        Self::member(field, fault)
    }

    fn missing_field(field: &'static str) -> Self {
        let fault = Fault::new("FIELD_MISSING", "缺少字段", "the field is missing");
        Self::member(field, fault)
    }

    fn duplicate_field(field: &'static str) -> Self {
        let fault = Fault::new("FIELD_REPEATED", "字段重复", "the field is given twice");
        Self::member(field, fault)
    }
}

struct At<'de>(&'de Value);

impl<'de> Deserializer<'de> for At<'de> {
    type Error = ShapeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(value), _) => visitor.visit_u64(value),
                (None, Some(value)) => visitor.visit_i64(value),
                (None, None) => visitor.visit_f64(number.as_f64().unwrap_or_default()),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(elements) => visitor.visit_seq(Elements {
                rest: elements.iter(),
                at: 0,
            }),
            Value::Object(members) => visitor.visit_map(Members::of(members)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
        if self.0.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    /// Only enums of plain words occur in bodies.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ShapeError> {
        let Some(word) = self.0.as_str() else {
            return Err(de::Error::invalid_type(
                Unexpected::Other("no text"),
                &"a string",
            ));
        };
        let word: StrDeserializer<'_, ShapeError> = word.into_deserializer();
        visitor.visit_enum(word)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ShapeError> {
        visitor.visit_newtype_struct(self)
    }

    /// A body is an object; serde would take an array of its fields too.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ShapeError> {
        match self.0 {
            Value::Object(members) => visitor.visit_map(Members::of(members)),
            _ => Err(de::Error::invalid_type(
                Unexpected::Other("no object"),
                &"an object",
            )),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

struct Elements<'de> {
    rest: std::slice::Iter<'de, Value>,
    at: usize,
}

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = ShapeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ShapeError> {
        let Some(element) = self.rest.next() else {
            return Ok(None);
        };
        let at = self.at;
        self.at = at.saturating_add(1);
        seed.deserialize(At(element))
            .map(Some)
            .map_err(|error| error.inside(at))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

struct Members<'de> {
    rest: map::Iter<'de>,
    current: Option<(&'de str, &'de Value)>,
}

impl<'de> Members<'de> {
    fn of(members: &'de Map<String, Value>) -> Self {
        Self {
            rest: members.iter(),
            current: None,
        }
    }
}

impl<'de> MapAccess<'de> for Members<'de> {
    type Error = ShapeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ShapeError> {
        let Some((name, value)) = self.rest.next() else {
            return Ok(None);
        };
        self.current = Some((name, value));
        let name: StrDeserializer<'_, ShapeError> = name.as_str().into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, ShapeError> {
        let (name, value) = self.current.take().unwrap_or(("", &Value::Null));
        seed.deserialize(At(value))
            .map_err(|error| error.inside(name))
    }
}
