//! XML, read as if it came from an enemy: no DOCTYPE, no entity but the five, no deep nesting, no
//! element that fills the memory, one root.

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Seek};

use creditbank_domain::fault::Fault;
use encoding_rs::{Encoding, UTF_8};
use quick_xml::XmlVersion;
use quick_xml::encoding::DecodingReader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::metered::{Meter, Metered};
use crate::faults;
use crate::input::{Input, Opened};

/// A declaration stands at the very start or nowhere.
const DECLARATION_BYTES_MAX: u64 = 256;
/// Transcripts nest ten deep.
pub(crate) const DEPTH_MAX: usize = 64;
/// The most bytes of one tag or one run of text, attachments among them.
const PIECE_BYTES_MAX: u64 = 16 << 20;
const ATTRIBUTES_MAX: usize = 128;
/// The most differently named children of one element.
const NAMES_MAX: usize = 1_024;
/// The longest name of an element or an attribute.
const NAME_BYTES_MAX: usize = 256;

/// A start tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    /// Without its prefix.
    pub(crate) name: String,
    /// Local names and values.
    pub(crate) attributes: Vec<(String, String)>,
    /// The namespace that the tag itself declares for its own prefix.
    pub(crate) namespace: Option<String>,
    /// The how-manieth of its name under its parent, from 1.
    pub(crate) number: u32,
}

impl Tag {
    /// The value of an attribute, by its local name.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let mut found = self.attributes.iter();
        found
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// An element begins.
    Open(Tag),
    /// A piece of text; more may follow at once.
    Text(String),
    /// The innermost element ends.
    Close,
    /// The document ends, whole.
    End,
}

/// A document that is being read.
pub(crate) struct XmlReader<R: Read> {
    reader: Reader<DecodingReader<BufReader<Metered<R>>>>,
    meter: Meter,
    buffer: Vec<u8>,
    open: Vec<Open>,
    has_root: bool,
    closing: bool,
    pieces: u64,
}

struct Open {
    name: String,
    number: u32,
    children: BTreeMap<String, u32>,
}

impl XmlReader<Opened> {
    /// Opens a file.
    pub(crate) fn open(input: &Input) -> Result<Self, Fault> {
        let unreadable = |reason| faults::file_unreadable(&reason);
        let mut start = Vec::new();
        let mut file = input.open().map_err(unreadable)?;
        file.by_ref()
            .take(DECLARATION_BYTES_MAX)
            .read_to_end(&mut start)
            .map_err(unreadable)?;
        file.rewind().map_err(unreadable)?;
        Ok(Self::with_encoding(file, declared_encoding(&start)))
    }
}

/// The encoding that a declaration names, where it is none that a mark or the bytes tell.
fn declared_encoding(start: &[u8]) -> Option<&'static Encoding> {
    let start = start.split(|byte| *byte == b'>').next()?;
    let declaration = std::str::from_utf8(start).ok()?;
    let (_, behind) = declaration.split_once("encoding")?;
    let label =
        behind.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '=' | '"' | '\''));
    let label = label.split(['"', '\'']).next()?;
    let encoding = Encoding::for_label(label.as_bytes())?;
    (encoding.is_ascii_compatible() && encoding != UTF_8).then_some(encoding)
}

impl<R: Read> XmlReader<R> {
    /// Reads UTF-8, or UTF-16 with a mark, from anything.
    pub(crate) fn new(source: R) -> Self {
        Self::with_encoding(source, None)
    }

    fn with_encoding(source: R, encoding: Option<&'static Encoding>) -> Self {
        let (source, meter) = Metered::new(source, PIECE_BYTES_MAX);
        let mut source = DecodingReader::new(BufReader::with_capacity(1 << 16, source));
        if let Some(encoding) = encoding {
            source.set_encoding(encoding);
        }
        Self {
            reader: Reader::from_reader(source),
            meter,
            buffer: Vec::new(),
            open: Vec::new(),
            has_root: false,
            closing: false,
            pieces: 0,
        }
    }

    /// How much of the file lies behind.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.meter.total()
    }

    /// How many tags, attributes, texts, comments and the like have gone by.
    pub(crate) fn pieces(&self) -> u64 {
        self.pieces
    }

    /// How many elements are open.
    pub(crate) fn depth(&self) -> usize {
        self.open.len()
    }

    /// The open elements, for people: `/elmo/report[2]`.
    pub(crate) fn path(&self) -> String {
        let parts = self.open.iter().map(|it| (it.name.as_str(), it.number));
        parts.map(|(name, number)| step_of(name, number)).collect()
    }

    /// Goes on to the next step.
    pub(crate) fn next(&mut self) -> Result<Step, Fault> {
        if std::mem::take(&mut self.closing) {
            self.open.pop();
            return Ok(Step::Close);
        }
        loop {
            self.buffer.clear();
            self.meter.next_piece();
            self.pieces += 1;
            let event = self.reader.read_event_into(&mut self.buffer);
            let at = self.reader.buffer_position();
            let event = match event {
                Ok(event) => event.into_owned(),
                Err(error) => return Err(refused(&error, at)),
            };
            match event {
                Event::Start(tag) => return self.opened(&tag, at).map(Step::Open),
                Event::Empty(tag) => {
                    let tag = self.opened(&tag, at)?;
                    self.closing = true;
                    return Ok(Step::Open(tag));
                }
                Event::End(_) => {
                    self.open.pop();
                    return Ok(Step::Close);
                }
                Event::Text(text) => {
                    if let Some(text) = self.text(text.xml10_content().into_owned(), at)? {
                        return Ok(Step::Text(text));
                    }
                }
                Event::CData(text) => {
                    if let Some(text) = self.text(text.xml10_content().into_owned(), at)? {
                        return Ok(Step::Text(text));
                    }
                }
                Event::GeneralRef(reference) => {
                    let name: &str = &reference;
                    let character = reference.resolve_char_ref().ok().flatten();
                    let known = resolve_predefined_entity(name).map(str::to_owned);
                    let text = character.map(String::from).or(known);
                    return text.map(Step::Text).ok_or_else(|| faults::xml_entity(at));
                }
                Event::DocType(_) => return Err(faults::xml_doctype(at)),
                Event::Eof if self.open.is_empty() && self.has_root => return Ok(Step::End),
                Event::Eof => return Err(damaged(at)),
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            }
        }
    }

    /// Passes over the rest of the element that was opened last.
    pub(crate) fn pass_over(&mut self) -> Result<(), Fault> {
        let until = self.depth();
        while self.depth() >= until {
            if self.next()? == Step::End {
                break;
            }
        }
        Ok(())
    }

    fn opened(&mut self, tag: &BytesStart<'_>, at: u64) -> Result<Tag, Fault> {
        if self.depth() >= DEPTH_MAX {
            return Err(faults::xml_too_deep(DEPTH_MAX, at));
        }
        if self.open.is_empty() && std::mem::replace(&mut self.has_root, true) {
            return Err(damaged(at));
        }
        let name: &str = tag.local_name().into_inner();
        let full = tag.name();
        let full: &str = full.as_ref();
        if full.len() > NAME_BYTES_MAX {
            return Err(faults::xml_too_large(at));
        }
        let prefix = full.strip_suffix(name).unwrap_or_default();
        let declares = match prefix.strip_suffix(':') {
            Some(prefix) => format!("xmlns:{prefix}"),
            None => "xmlns".to_owned(),
        };
        let mut attributes = Vec::new();
        let mut namespace = None;
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|_| damaged(at))?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|_| faults::xml_entity(at))?.into_owned();
            let key: &str = attribute.key.as_ref();
            if key == declares {
                namespace = Some(value.clone());
            }
            let local: &str = attribute.key.local_name().into_inner();
            attributes.push((local.to_owned(), value));
            self.pieces += 1;
            if attributes.len() > ATTRIBUTES_MAX || key.len() > NAME_BYTES_MAX {
                return Err(faults::xml_too_large(at));
            }
        }
        let number = self.number_of(name, at)?;
        self.open.push(Open {
            name: name.to_owned(),
            number,
            children: BTreeMap::new(),
        });
        Ok(Tag {
            name: name.to_owned(),
            attributes,
            namespace,
            number,
        })
    }

    fn number_of(&mut self, name: &str, at: u64) -> Result<u32, Fault> {
        let Some(parent) = self.open.last_mut() else {
            return Ok(1);
        };
        if parent.children.len() >= NAMES_MAX {
            return Err(faults::xml_too_large(at));
        }
        let count = parent.children.entry(name.to_owned()).or_default();
        *count = count.saturating_add(1);
        Ok(*count)
    }

    /// Text inside the root; outside it only blanks may stand.
    fn text(&self, text: String, at: u64) -> Result<Option<String>, Fault> {
        if !self.open.is_empty() {
            return Ok((!text.is_empty()).then_some(text));
        }
        if text.trim().is_empty() {
            Ok(None)
        } else {
            Err(damaged(at))
        }
    }
}

/// One step of a path; the first of its name has no number.
pub(super) fn step_of(name: &str, number: u32) -> String {
    if number > 1 {
        format!("/{name}[{number}]")
    } else {
        format!("/{name}")
    }
}

fn damaged(at: u64) -> Fault {
    faults::file_damaged(&format!("XML, byte {at}"))
}

fn refused(error: &quick_xml::Error, at: u64) -> Fault {
    match error {
        quick_xml::Error::Io(reason) if reason.kind() == std::io::ErrorKind::Other => {
            faults::xml_too_large(at)
        }
        quick_xml::Error::Io(reason) if reason.kind() == std::io::ErrorKind::InvalidData => {
            faults::file_encoding(at)
        }
        quick_xml::Error::Encoding(_) => faults::file_encoding(at),
        _ => damaged(at),
    }
}
