//! A table of texts and the encodings in which registrars send one.

use anyhow::ensure;

/// Rows of cells, the header first.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(header: &[&str]) -> Self {
        let mut table = Self { rows: Vec::new() };
        table.push(header.iter().map(|cell| (*cell).to_owned()));
        table
    }

    pub(super) fn push(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub(super) fn utf8(&self) -> Vec<u8> {
        self.text().into_bytes()
    }

    pub(super) fn utf8_with_mark(&self) -> Vec<u8> {
        format!("\u{FEFF}{}", self.text()).into_bytes()
    }

    pub(super) fn gbk(&self) -> anyhow::Result<Vec<u8>> {
        let text = self.text();
        let (bytes, _, replaced) = encoding_rs::GBK.encode(&text);
        ensure!(!replaced, "a character is not in GBK");
        Ok(bytes.into_owned())
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
            text.push_str(&cells.join(","));
            text.push_str("\r\n");
        }
        text
    }
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
