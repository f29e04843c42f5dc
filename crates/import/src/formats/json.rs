//! What the JSON formats share: whole objects with their members in order, and one document's
//! parts one at a time.

use std::fmt;
use std::io::{BufReader, Read};
use std::ops::ControlFlow;

use creditbank_domain::fault::Fault;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::metered::{Meter, Metered};
use crate::faults;
use crate::input::{Input, Opened};

/// The most bytes of one credential: a record of a whole life is a few hundred kilobytes.
const PIECE_BYTES_MAX: u64 = 8 << 20;

/// The members of an object as they are written, in their order, repeated ones among them.
pub(crate) struct Members(pub(crate) Vec<(String, Box<RawValue>)>);

impl<'de> serde::Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        source.deserialize_map(All)
    }
}

/// Visits every object of a document: the one that it is, those of its array, or those that follow
/// one another.
pub(super) fn each_object(
    input: &Input,
    visit: &mut dyn FnMut(Value, u64) -> ControlFlow<()>,
) -> Result<(), Fault> {
    let file = input
        .open()
        .map_err(|reason| faults::file_unreadable(&reason))?;
    let (source, meter) = Metered::new(file, PIECE_BYTES_MAX);
    let mut source = BufReader::with_capacity(1 << 16, source);
    skip_mark(&mut source).map_err(|reason| faults::file_unreadable(&reason))?;
    let mut document = serde_json::Deserializer::from_reader(source);
    let mut stopped = false;
    loop {
        match document.end() {
            Ok(()) => return Ok(()),
            Err(_) if stopped => return Ok(()),
            Err(_) => {}
        }
        let part = Part {
            visit,
            meter: &meter,
            stopped: &mut stopped,
        };
        match part.deserialize(&mut document) {
            Ok(()) if stopped => return Ok(()),
            Ok(()) => {}
            Err(_) if stopped => return Ok(()),
            Err(error) if error.is_io() => return Err(faults::xml_too_large(meter.total())),
            Err(error) => return Err(faults::json_damaged(error.line(), error.column())),
        }
    }
}

fn skip_mark(source: &mut BufReader<Metered<Opened>>) -> std::io::Result<()> {
    use std::io::BufRead as _;
    let mark = b"\xEF\xBB\xBF";
    if source.fill_buf()?.starts_with(mark) {
        source.read_exact(&mut [0; 3])?;
    }
    Ok(())
}

struct Part<'a> {
    visit: &'a mut dyn FnMut(Value, u64) -> ControlFlow<()>,
    meter: &'a Meter,
    stopped: &'a mut bool,
}

impl Part<'_> {
    fn object(&mut self, value: Value) {
        self.meter.next_piece();
        *self.stopped |= (self.visit)(value, self.meter.total()).is_break();
    }
}

impl<'de> DeserializeSeed<'de> for Part<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array of objects")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut object = serde_json::Map::new();
        while let Some((key, value)) = map.next_entry::<String, Value>()? {
            object.insert(key, value);
        }
        self.object(Value::Object(object));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
        while let Some(value) = elements.next_element::<Value>()? {
            self.object(value);
            if *self.stopped {
                return Err(A::Error::custom("told to stop"));
            }
        }
        Ok(())
    }
}
