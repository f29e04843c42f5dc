//! What a file is, by its first bytes; its name proves nothing.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use creditbank_domain::fault::Fault;

use crate::encoding::Encoding;
use crate::faults;
use crate::limits::FILE_BYTES_MAX;

const SAMPLE_BYTES: u64 = 512;
const ZIP: &[u8] = b"PK\x03\x04";
const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// The kinds of file that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// Delimited text.
    Text,
    /// A zip archive; whether it is a workbook, its parts tell.
    Zip,
}

impl FileKind {
    /// Looks at the size and the first bytes.
    pub(crate) fn of(path: &Path) -> Result<Self, Fault> {
        check_size(path)?;
        let file = File::open(path).map_err(|reason| faults::file_unreadable(&reason))?;
        let mut start = Vec::new();
        file.take(SAMPLE_BYTES)
            .read_to_end(&mut start)
            .map_err(|reason| faults::file_unreadable(&reason))?;
        if start.starts_with(ZIP) {
            return Ok(Self::Zip);
        }
        if start.starts_with(COMPOUND) {
            return Err(faults::file_kind(
                "旧版 .xls 或加了密码的工作簿",
                "an old .xls, or a workbook with a password",
            ));
        }
        if start.starts_with(b"%PDF") {
            return Err(faults::file_kind("PDF", "a PDF"));
        }
        if is_markup(&start) {
            return Err(faults::file_kind(
                "网页或 XML(有些系统导出的“.xls”其实是网页)",
                "a web page or XML (some systems export a page and call it .xls)",
            ));
        }
        Ok(Self::Text)
    }
}

/// Refuses an empty file and one beyond the limit before a byte is read.
pub(crate) fn check_size(path: &Path) -> Result<u64, Fault> {
    let size = std::fs::metadata(path)
        .map_err(|reason| faults::file_unreadable(&reason))?
        .len();
    match size {
        0 => Err(faults::file_empty()),
        size if size > FILE_BYTES_MAX => Err(faults::file_too_large(size)),
        size => Ok(size),
    }
}

fn is_markup(start: &[u8]) -> bool {
    let bom = Encoding::of_bom(start).map_or(0, |encoding| encoding.bom().len());
    let text = start.get(bom..).unwrap_or_default();
    text.iter()
        .find(|byte| !byte.is_ascii_whitespace() && **byte != 0)
        == Some(&b'<')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(bytes: &[u8]) -> Result<FileKind, &'static str> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("transcript.csv");
        std::fs::write(&path, bytes).unwrap();
        FileKind::of(&path).map_err(|fault| fault.code)
    }

    #[test]
    fn the_first_bytes_decide() {
        assert_eq!(kind("学号,姓名".as_bytes()), Ok(FileKind::Text));
        assert_eq!(kind(ZIP), Ok(FileKind::Zip));
        assert_eq!(kind(COMPOUND), Err("FILE_KIND"));
        assert_eq!(kind(b"%PDF-1.7"), Err("FILE_KIND"));
        assert_eq!(kind(b"\xEF\xBB\xBF\r\n<html><table>"), Err("FILE_KIND"));
        assert_eq!(kind(b""), Err("FILE_EMPTY"));
    }

    #[test]
    fn a_file_beyond_the_limit_is_refused_and_one_of_the_limit_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sparse");
        let file = File::create(&path).unwrap();
        file.set_len(FILE_BYTES_MAX).unwrap();
        assert_eq!(check_size(&path).unwrap(), FILE_BYTES_MAX);
        file.set_len(FILE_BYTES_MAX + 1).unwrap();
        assert_eq!(check_size(&path).unwrap_err().code, "FILE_TOO_LARGE");
        assert_eq!(
            FileKind::of(Path::new("/nowhere")).unwrap_err().code,
            "FILE_UNREADABLE"
        );
    }
}
