//! The three ways in which the columns of a field may be said, and the one in which they are kept.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Value, json};

use super::JoinedColumns;

fn hyphen() -> String {
    "-".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    columns: Vec<String>,
    #[serde(default = "hyphen")]
    separator: String,
}

impl<'de> Deserialize<'de> for JoinedColumns {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        struct AnyForm;
        impl<'de> Visitor<'de> for AnyForm {
            type Value = JoinedColumns;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a heading, [headings], or {\"columns\": [headings], \"separator\": text}",
                )
            }

            fn visit_str<E>(self, heading: &str) -> Result<JoinedColumns, E> {
                Ok(joined(vec![heading.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<JoinedColumns, A::Error> {
                let mut columns = Vec::new();
                while let Some(heading) = all.next_element()? {
                    columns.push(heading);
                }
                Ok(joined(columns))
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<JoinedColumns, A::Error> {
                let whole = Whole::deserialize(MapAccessDeserializer::new(members))?;
                Ok(JoinedColumns {
                    columns: whole.columns,
                    separator: whole.separator,
                })
            }
        }
        source.deserialize_any(AnyForm)
    }
}

fn joined(columns: Vec<String>) -> JoinedColumns {
    JoinedColumns {
        columns,
        separator: hyphen(),
    }
}

/// The same mapping with every field's columns in the whole form; the rest stays as it was said.
pub(crate) fn with_whole_columns(mut mapping: Value) -> Value {
    let fields = mapping.get_mut("columns").and_then(Value::as_object_mut);
    for (_, said) in fields.into_iter().flatten() {
        match said {
            Value::String(_) => *said = json!({ "columns": [said.take()] }),
            Value::Array(_) => *said = json!({ "columns": said.take() }),
            _ => {}
        }
    }
    mapping
}
