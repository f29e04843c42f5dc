//! From bytes to a tree, within bounds that are checked before anything is built.
//!
//! Anchors and aliases are refused: a small file with them can be an endless document, and a rule
//! that stands somewhere else is not the rule that people read. Tags would change what a text
//! means, so they are refused too.

use std::collections::BTreeSet;

use creditbank_domain::fault::Fault;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError};

use super::{Field, Node, Value};
use crate::fault::{At, DocumentFault, shown};
use crate::limits::{BYTES_MAX, DEPTH_MAX, NODES_MAX};

/// Something that is open: its place, what it has so far, and in a group the name that waits for
/// its value.
struct Open {
    at: At,
    pointer: String,
    inside: Inside,
}

enum Inside {
    List(Vec<Node>),
    Fields {
        fields: Vec<Field>,
        names: BTreeSet<String>,
        waiting: Option<(String, At)>,
    },
}

/// Reads one document.
///
/// # Errors
/// What stands in the way of any reading, in most cases the first of it; and every name that
/// stands twice in its group.
pub(crate) fn build(bytes: &[u8]) -> Result<Node, Vec<DocumentFault>> {
    if bytes.len() > BYTES_MAX {
        return Err(vec![At::START.fault("", too_large(bytes.len()))]);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| vec![not_utf8(bytes, error)])?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| vec![syntax(&error)])?;
        let at = place(&span.start);
        builder.take(event, at).map_err(|fault| {
            let pointer = builder.next_pointer();
            vec![at.fault(&pointer, fault)]
        })?;
    }
    match builder.root {
        _ if !builder.faults.is_empty() => Err(builder.faults),
        Some(root) => Ok(root),
        None => Err(vec![At::START.fault("", empty())]),
    }
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Node>,
    nodes: usize,
    faults: Vec<DocumentFault>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, at: At) -> Result<(), Fault> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            Event::DocumentStart(_) if self.root.is_some() => return Err(second_document()),
            Event::DocumentStart(_) => {}
            Event::Alias(_) => return Err(reference()),
            Event::Scalar(text, style, anchor, tag) => {
                self.count(anchor, tag.is_some())?;
                self.scalar(text.into_owned(), style == ScalarStyle::Plain, at)?;
            }
            Event::SequenceStart(anchor, tag) => {
                self.count(anchor, tag.is_some())?;
                self.begin(at, Inside::List(Vec::new()))?;
            }
            Event::MappingStart(anchor, tag) => {
                self.count(anchor, tag.is_some())?;
                let inside = Inside::Fields {
                    fields: Vec::new(),
                    names: BTreeSet::new(),
                    waiting: None,
                };
                self.begin(at, inside)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
        }
        Ok(())
    }

    fn count(&mut self, anchor: usize, tagged: bool) -> Result<(), Fault> {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            Err(too_many())
        } else if anchor != 0 {
            Err(reference())
        } else if tagged {
            Err(tag())
        } else {
            Ok(())
        }
    }

    fn begin(&mut self, at: At, inside: Inside) -> Result<(), Fault> {
        if self.open.len() >= DEPTH_MAX {
            return Err(too_deep());
        }
        if self.waits_for_a_name() {
            return Err(name_is_no_text());
        }
        let pointer = self.next_pointer();
        self.open.push(Open {
            at,
            pointer,
            inside,
        });
        Ok(())
    }

    fn waits_for_a_name(&self) -> bool {
        let last = self.open.last();
        last.is_some_and(|open| matches!(open.inside, Inside::Fields { waiting: None, .. }))
    }

    /// Where the next value stands.
    fn next_pointer(&self) -> String {
        let Some(open) = self.open.last() else {
            return String::new();
        };
        match &open.inside {
            Inside::List(items) => format!("{}/{}", open.pointer, items.len()),
            Inside::Fields { waiting, .. } => match waiting {
                Some((name, _)) => format!("{}/{}", open.pointer, escaped(name)),
                None => open.pointer.clone(),
            },
        }
    }

    fn scalar(&mut self, text: String, plain: bool, at: At) -> Result<(), Fault> {
        if let Some(Open {
            inside:
                Inside::Fields {
                    names,
                    waiting: waiting @ None,
                    ..
                },
            pointer,
            ..
        }) = self.open.last_mut()
        {
            if plain && text == "<<" {
                return Err(reference());
            }
            if !names.insert(text.clone()) {
                let pointer = format!("{pointer}/{}", escaped(&text));
                self.faults.push(at.fault(&pointer, twice(&text)));
            }
            *waiting = Some((text, at));
            return Ok(());
        }
        let value = Value::Scalar { text, plain };
        self.add(Node { at, value });
        Ok(())
    }

    fn end(&mut self) {
        if let Some(Open { at, inside, .. }) = self.open.pop() {
            let value = match inside {
                Inside::List(items) => Value::List(items),
                Inside::Fields { fields, .. } => Value::Fields(fields),
            };
            self.add(Node { at, value });
        }
    }

    fn add(&mut self, value: Node) {
        match self.open.last_mut().map(|open| &mut open.inside) {
            None => self.root = Some(value),
            Some(Inside::List(items)) => items.push(value),
            Some(Inside::Fields {
                fields, waiting, ..
            }) => {
                if let Some((name, at)) = waiting.take() {
                    fields.push(Field { name, at, value });
                }
            }
        }
    }
}

/// A name in a JSON pointer.
pub(crate) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn place(marker: &Marker) -> At {
    At {
        line: marker.line().max(1),
        column: marker.col() + 1,
    }
}

fn syntax(error: &ScanError) -> DocumentFault {
    let info = error.info();
    let fault = Fault::new(
        "RULES_SYNTAX",
        format!("不是正确的 YAML 或 JSON({info})"),
        format!("this is not YAML or JSON ({info})"),
    );
    place(error.marker()).fault("", fault)
}

fn not_utf8(bytes: &[u8], error: std::str::Utf8Error) -> DocumentFault {
    let (good, _) = bytes
        .split_at_checked(error.valid_up_to())
        .unwrap_or((bytes, &[]));
    let good = String::from_utf8_lossy(good);
    let last = good.rsplit('\n').next().unwrap_or_default();
    let at = At {
        line: good.matches('\n').count() + 1,
        column: last.chars().count() + 1,
    };
    let fault = Fault::new(
        "RULES_NOT_UTF8",
        "文件不是 UTF-8 编码,请另存为 UTF-8",
        "the file is not UTF-8; save it as UTF-8",
    );
    at.fault("", fault)
}

fn too_large(bytes: usize) -> Fault {
    Fault::new(
        "RULES_TOO_LARGE",
        format!("文件有 {bytes} 字节,最多 {BYTES_MAX} 字节"),
        format!("the file has {bytes} bytes; at most {BYTES_MAX} are read"),
    )
}

fn too_many() -> Fault {
    Fault::new(
        "RULES_TOO_MANY_VALUES",
        format!("文件的值超过 {NODES_MAX} 个"),
        format!("the file has more than {NODES_MAX} values"),
    )
}

fn too_deep() -> Fault {
    Fault::new(
        "RULES_TOO_DEEP",
        format!("嵌套超过 {DEPTH_MAX} 层"),
        format!("values stand more than {DEPTH_MAX} deep in each other"),
    )
}

fn reference() -> Fault {
    Fault::new(
        "RULES_ALIAS",
        "不允许使用锚点、别名或合并(&、*、<<),请把内容写全",
        "anchors, aliases and merges (&, *, <<) are not read; write it out",
    )
}

fn tag() -> Fault {
    Fault::new(
        "RULES_TAG",
        "不允许使用类型标记(!),请直接写值",
        "tags (!) are not read; write the value alone",
    )
}

fn second_document() -> Fault {
    Fault::new(
        "RULES_SECOND_DOCUMENT",
        "一个文件只能有一份规则文件",
        "a file has one document",
    )
}

fn name_is_no_text() -> Fault {
    Fault::new(
        "RULES_NAME",
        "字段名必须是文字",
        "the name of a field is a text",
    )
}

fn empty() -> Fault {
    Fault::new("RULES_EMPTY", "文件是空的", "the file is empty")
}

fn twice(name: &str) -> Fault {
    let name = shown(name);
    Fault::new(
        "RULES_DUPLICATE_FIELD",
        format!("字段 {name} 重复"),
        format!("field {name} stands twice"),
    )
}
