//! A part of a document that is small enough to be looked at as a whole.

use std::io::Read;

use creditbank_domain::fault::Fault;

use super::xml::{Step, Tag, XmlReader, step_of};
use crate::faults;

/// A course with all its parts is a few hundred elements.
const ELEMENTS_MAX: usize = 50_000;
/// Names and attributes among them.
const BYTES_MAX: usize = 4 << 20;

/// An element with everything inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    /// Its tag.
    pub(crate) tag: Tag,
    /// Its own text, without that of its children.
    pub(crate) text: String,
    /// Its children in their order.
    pub(crate) children: Vec<Element>,
}

impl Element {
    /// Reads the element that was just opened; children of a name in `without` are passed over.
    pub(crate) fn read<R: Read>(
        tag: Tag,
        xml: &mut XmlReader<R>,
        without: &[&str],
    ) -> Result<Self, Fault> {
        let too_large = |xml: &XmlReader<R>| faults::xml_too_large(xml.bytes_read());
        let (mut elements, mut bytes) = (0, size_of(&tag));
        let mut open = vec![Self::new(tag)];
        loop {
            match xml.next()? {
                Step::Open(tag) if without.contains(&tag.name.as_str()) => xml.pass_over()?,
                Step::Open(tag) => {
                    elements += 1;
                    bytes += size_of(&tag);
                    open.push(Self::new(tag));
                }
                Step::Text(text) => {
                    bytes += text.len();
                    if let Some(element) = open.last_mut() {
                        element.text.push_str(&text);
                    }
                }
                Step::Close | Step::End => {
                    let Some(done) = open.pop() else {
                        return Err(too_large(xml));
                    };
                    match open.last_mut() {
                        Some(parent) => parent.children.push(done),
                        None => return Ok(done),
                    }
                }
            }
            if elements > ELEMENTS_MAX || bytes > BYTES_MAX {
                return Err(too_large(xml));
            }
        }
    }

    const fn new(tag: Tag) -> Self {
        Self {
            tag,
            text: String::new(),
            children: Vec::new(),
        }
    }

    /// Its local name.
    pub(crate) fn name(&self) -> &str {
        &self.tag.name
    }

    /// Its step in a path.
    pub(crate) fn step(&self) -> String {
        step_of(&self.tag.name, self.tag.number)
    }

    /// Its children of a name.
    pub(crate) fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Self> {
        self.children
            .iter()
            .filter(move |child| child.name() == name)
    }

    /// The first one.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name() == name)
    }

    /// The text at the end of a path of children, trimmed; `None` where there is none.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&str> {
        let mut element = self;
        for name in path {
            element = element.child(name)?;
        }
        let text = element.text.trim();
        (!text.is_empty()).then_some(text)
    }
}

/// The bytes that a tag holds, the room for its attributes among them.
fn size_of(tag: &Tag) -> usize {
    let attributes = tag.attributes.iter();
    let attributes: usize = attributes
        .map(|(name, value)| name.len() + value.len() + size_of_val(name) + size_of_val(value))
        .sum();
    tag.name.len() + tag.namespace.as_ref().map_or(0, String::len) + attributes
}
