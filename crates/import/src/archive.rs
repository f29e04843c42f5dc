//! Looks into an archive before anything unpacks it into memory, and says what it holds.
//!
//! What the archive says of its sizes may be a lie, so every part is unpacked once and counted,
//! keeping nothing; that also finds parts that break off. Nothing is ever written to disk under a
//! name of the archive, and names that try to lead elsewhere are refused all the same.

use std::collections::BTreeSet;
use std::io::{BufReader, Read};

use creditbank_domain::fault::Fault;
use zip::ZipArchive;

use crate::faults;
use crate::input::Input;
use crate::limits::{PARTS_MAX, RATIO_COUNTS_FROM_BYTES, RATIO_MAX, UNPACKED_BYTES_MAX};

/// What an archive is, by its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ArchiveKind {
    /// An .xlsx workbook.
    Xlsx,
    /// An .ods workbook.
    Ods,
    /// A OneRoster exchange: CSV files and a manifest of them.
    OneRoster,
}

/// Refuses what is none of them, what is damaged and what would fill the memory.
pub(crate) fn check(input: &Input) -> Result<ArchiveKind, Fault> {
    let file = input
        .open()
        .map_err(|reason| faults::file_unreadable(&reason))?;
    let mut archive =
        ZipArchive::new(BufReader::new(file)).map_err(|_| faults::file_damaged("zip"))?;
    if archive.len() > PARTS_MAX {
        return Err(faults::unpacked_too_large(
            &format!("超过 {PARTS_MAX} 个部分"),
            &format!("more than {PARTS_MAX} parts"),
        ));
    }
    let kind = kind_of(&mut archive)?;
    let mut total = 0_u64;
    for index in 0..archive.len() {
        total = total.saturating_add(unpacked(&mut archive, index, total)?);
    }
    Ok(kind)
}

fn kind_of<R: Read + std::io::Seek>(archive: &mut ZipArchive<R>) -> Result<ArchiveKind, Fault> {
    let mut names = BTreeSet::new();
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index);
        let part = part.map_err(|_| faults::file_damaged("zip"))?;
        let name = part.name().map_err(|_| faults::archive_path(index))?;
        if leads_elsewhere(&name) || !names.insert(name.to_ascii_lowercase()) {
            return Err(faults::archive_path(index));
        }
    }
    let has = |name: &str| names.contains(name);
    let kinds = [
        ("xl/workbook.xml", ArchiveKind::Xlsx),
        ("manifest.csv", ArchiveKind::OneRoster),
    ];
    if let Some((_, kind)) = kinds.into_iter().find(|(name, _)| has(name)) {
        return Ok(kind);
    }
    // A document or a presentation of the same family has the same parts but another type.
    let typed = archive.by_name("mimetype").ok().and_then(|part| {
        let mut text = String::new();
        part.take(80).read_to_string(&mut text).ok().map(|_| text)
    });
    let is_sheet = |text: String| text.contains("opendocument.spreadsheet");
    if has("content.xml") && typed.is_some_and(is_sheet) {
        return Ok(ArchiveKind::Ods);
    }
    Err(faults::file_kind(
        "压缩包,但不是工作簿(.xlsx、.ods),也不是 OneRoster 数据包(.xlsb、.docx 等均不支持)",
        "an archive, but neither a workbook (.xlsx, .ods) nor a OneRoster exchange (.xlsb, .docx …)",
    ))
}

/// Absolute, with a drive, above the archive, or with characters that no name needs.
fn leads_elsewhere(name: &str) -> bool {
    let parts = || name.split(['/', '\\']);
    name.is_empty()
        || name.starts_with(['/', '\\'])
        || name.contains(':')
        || name.chars().any(char::is_control)
        || parts().any(|part| part == "..")
}

/// How many bytes one part really becomes.
fn unpacked<R: Read + std::io::Seek>(
    archive: &mut ZipArchive<R>,
    index: usize,
    before: u64,
) -> Result<u64, Fault> {
    let mut part = archive
        .by_index(index)
        .map_err(|_| faults::file_damaged("zip"))?;
    let name = part
        .name()
        .map(|name| name.chars().take(60).collect::<String>());
    let name = name.unwrap_or_default();
    let packed = part.compressed_size().max(1);
    let room = UNPACKED_BYTES_MAX.saturating_sub(before);
    check_ratio(part.size(), packed)?;
    check_room(part.size(), room)?;
    let mut counted = 0_u64;
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = part
            .read(&mut buffer)
            .map_err(|_| faults::file_damaged(&name))?;
        if read == 0 {
            return Ok(counted);
        }
        counted = counted.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        check_ratio(counted, packed)?;
        check_room(counted, room)?;
    }
}

pub(crate) fn check_ratio(size: u64, packed: u64) -> Result<(), Fault> {
    if size > RATIO_COUNTS_FROM_BYTES && size / packed > RATIO_MAX {
        return Err(faults::unpacked_too_large(
            &format!("压缩比超过 {RATIO_MAX}:1"),
            &format!("a part is packed more than {RATIO_MAX}:1"),
        ));
    }
    Ok(())
}

fn check_room(size: u64, room: u64) -> Result<(), Fault> {
    if size > room {
        return Err(faults::unpacked_too_large(
            &format!("上限为 {UNPACKED_BYTES_MAX} 字节"),
            &format!("at most {UNPACKED_BYTES_MAX} bytes are taken"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn code(archive: &[u8]) -> Option<&'static str> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("book.xlsx");
        std::fs::write(&path, archive).unwrap();
        check(&Input::of(&path)).err().map(|fault| fault.code)
    }

    fn archive(parts: &[(&str, usize)]) -> Vec<u8> {
        let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, size) in parts {
            writer
                .start_file(*name, SimpleFileOptions::default())
                .unwrap();
            let piece = vec![b' '; 1 << 20];
            let mut left = *size;
            while left > 0 {
                let now = left.min(piece.len());
                writer.write_all(&piece[..now]).unwrap();
                left -= now;
            }
        }
        writer.finish().unwrap().into_inner()
    }

    const BOOK: (&str, usize) = ("xl/workbook.xml", 10);
    const MIB: usize = 1 << 20;

    #[test]
    fn a_part_that_swells_beyond_the_ratio_is_refused_and_a_small_one_is_not() {
        let bomb = archive(&[BOOK, ("xl/worksheets/sheet1.xml", 11 * MIB)]);
        assert_eq!(code(&bomb), Some("FILE_TOO_LARGE_UNPACKED"));
        assert_eq!(
            code(&archive(&[BOOK, ("xl/worksheets/sheet1.xml", 9 * MIB)])),
            None
        );
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused_and_folders_are_not() {
        for name in [
            "../evil",
            "/etc/passwd",
            "xl/../../evil",
            "xl\\..\\evil",
            "C:evil",
            "a\u{7}b",
            "XL/workbook.xml",
        ] {
            let bytes = archive(&[BOOK, (name, 1)]);
            assert_eq!(code(&bytes), Some("ARCHIVE_PATH"), "{name}");
        }
        assert_eq!(code(&archive(&[BOOK, ("xl/a..b/c.xml", 1)])), None);
    }

    #[test]
    fn many_parts_together_are_counted() {
        let names: Vec<_> = (0..60).map(|part| format!("xl/{part}")).collect();
        let mut parts = vec![BOOK];
        parts.extend(names.iter().map(|name| (name.as_str(), 9 * MIB)));
        assert_eq!(code(&archive(&parts)), Some("FILE_TOO_LARGE_UNPACKED"));
    }

    #[test]
    fn sizes_that_lie_are_found_out() {
        let honest = archive(&[BOOK, ("xl/worksheets/sheet1.xml", 300 * MIB)]);
        let size = u32::try_from(300 * MIB).unwrap().to_le_bytes();
        let lie = 1000_u32.to_le_bytes();
        let mut lying = honest;
        for at in 0..lying.len() - 4 {
            if lying[at..at + 4] == size {
                lying[at..at + 4].copy_from_slice(&lie);
            }
        }
        let found = code(&lying);
        assert!(
            matches!(found, Some("FILE_TOO_LARGE_UNPACKED" | "FILE_DAMAGED")),
            "{found:?}"
        );
    }

    #[test]
    fn archives_that_are_no_workbooks_and_broken_ones_have_their_own_codes() {
        assert_eq!(code(&archive(&[("content.xml", 10)])), Some("FILE_KIND"));
        let document = archive(&[("mimetype", 40), ("content.xml", 10)]);
        assert_eq!(code(&document), Some("FILE_KIND"));
        let whole = archive(&[BOOK, ("xl/worksheets/sheet1.xml", MIB)]);
        assert_eq!(code(&whole), None);
        assert_eq!(code(&whole[..whole.len() - 30]), Some("FILE_DAMAGED"));
    }
}
