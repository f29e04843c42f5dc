//! What kind of file it is, by its bytes: neither its name nor what the client says counts.

use std::io::{self, Read, Seek, SeekFrom};

use creditbank_domain::evidence::MediaType;
use zip::ZipArchive;

/// All that a signature looks at.
const HEAD_BYTES: u64 = 8 * 1024;

const PDF: &[u8] = b"%PDF-";

const ZIP: &[u8] = b"PK\x03\x04";

/// What every OFD document (GB/T 33190) has at its root.
const OFD_ROOT: &str = "OFD.xml";

/// Why a file is not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotEvidence {
    /// It is something else; said as far as it is known.
    #[error("the file is {}", .0.unwrap_or("of no known kind"))]
    OtherKind(Option<&'static str>),
    /// The file on our own disk could not be read.
    #[error("the file could not be read")]
    Unreadable(#[source] io::Error),
}

/// The kind of a file, read from its beginning; of a zip also from its directory.
///
/// # Errors
/// [`NotEvidence`].
pub fn media_type(mut file: impl Read + Seek) -> Result<MediaType, NotEvidence> {
    let mut head = Vec::new();
    file.by_ref()
        .take(HEAD_BYTES)
        .read_to_end(&mut head)
        .and_then(|_| file.seek(SeekFrom::Start(0)))
        .map_err(NotEvidence::Unreadable)?;
    let found = infer::get(&head).map(|kind| kind.mime_type());
    match found {
        // The library looks for the mark behind other bytes too, where anything else may hide.
        Some("application/pdf") if !head.starts_with(PDF) => Err(NotEvidence::OtherKind(None)),
        Some("application/pdf") => Ok(MediaType::Pdf),
        Some("image/jpeg") => Ok(MediaType::Jpeg),
        Some("image/png") => Ok(MediaType::Png),
        _ if head.starts_with(ZIP) && is_ofd(file) => Ok(MediaType::Ofd),
        other => Err(NotEvidence::OtherKind(other)),
    }
}

/// Reads the directory of the archive and unpacks nothing.
fn is_ofd(file: impl Read + Seek) -> bool {
    ZipArchive::new(file).is_ok_and(|archive| archive.index_for_name(OFD_ROOT).is_some())
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn zipped(entry: &str) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        archive
            .start_file(entry, SimpleFileOptions::default())
            .unwrap();
        archive.write_all(b"<ofd/>").unwrap();
        archive.finish().unwrap().into_inner()
    }

    fn told(bytes: &[u8]) -> Result<MediaType, Option<&'static str>> {
        media_type(Cursor::new(bytes)).map_err(|refused| match refused {
            NotEvidence::OtherKind(kind) => kind,
            NotEvidence::Unreadable(error) => panic!("{error}"),
        })
    }

    #[test]
    fn what_the_field_hands_in_is_known_by_its_bytes() {
        assert_eq!(told(b"%PDF-1.7\n..."), Ok(MediaType::Pdf));
        assert_eq!(told(b"\xff\xd8\xff\xe0\0\x10JFIF"), Ok(MediaType::Jpeg));
        assert_eq!(told(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Ok(MediaType::Png));
        assert_eq!(told(&zipped("OFD.xml")), Ok(MediaType::Ofd));
    }

    #[test]
    fn whatever_else_is_refused_and_named_where_it_is_known() {
        let mut program = b"MZ".to_vec();
        program.resize(512, 0);
        assert_eq!(
            told(&program),
            Err(Some("application/vnd.microsoft.portable-executable"))
        );
        assert_eq!(told(&zipped("a.txt")), Err(Some("application/zip")));
        assert_eq!(told(b"PK\x03\x04OFD.xml"), Err(Some("application/zip")));
        assert_eq!(
            told(b"<html><script>alert(1)</script>"),
            Err(Some("text/html"))
        );
        assert_eq!(told(b"just words"), Err(None));
        assert_eq!(told(b" %PDF-1.7"), Err(None));
        assert_eq!(told(b""), Err(None));
    }

    /// An OFD with some entries, of which some bytes were changed or the end is lost.
    fn mangled() -> impl Strategy<Value = Vec<u8>> {
        let whole = sample::select(vec![
            b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj <<>> endobj xref trailer".to_vec(),
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06".to_vec(),
            b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01".to_vec(),
            zipped("OFD.xml"),
            zipped("Doc_0/Document.xml"),
        ]);
        let changes = vec((any::<sample::Index>(), any::<u8>()), 0..6);
        (whole, changes, any::<Option<sample::Index>>()).prop_map(|(mut bytes, changes, cut)| {
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if let Some(at) = cut {
                bytes.truncate(at.index(bytes.len()));
            }
            bytes
        })
    }

    proptest! {
        #[test]
        fn whatever_is_handed_in_has_a_kind_by_its_bytes_or_is_refused(
            bytes in prop_oneof![mangled(), vec(any::<u8>(), 0..400)],
        ) {
            let begins = |mark: &[u8]| bytes.starts_with(mark);
            let marked = match told(&bytes) {
                Ok(MediaType::Pdf) => begins(PDF),
                Ok(MediaType::Jpeg) => begins(b"\xff\xd8\xff"),
                Ok(MediaType::Png) => begins(b"\x89PNG"),
                Ok(MediaType::Ofd) => {
                    begins(ZIP) && bytes.windows(OFD_ROOT.len()).any(|it| it == OFD_ROOT.as_bytes())
                }
                Err(_) => true,
            };
            prop_assert!(marked);
        }
    }
}
