//! Transcripts as EMREX hands them to a browser: XML in gzip in Base64, or in either alone.
//!
//! What comes out is read from memory, so there is little room for it; what is in it is told by its
//! own bytes, as of any file.

use std::io::{self, BufReader, Read, Seek as _};

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::read::DecoderReader;
use creditbank_domain::fault::Fault;
use flate2::read::MultiGzDecoder;

use crate::archive::check_ratio;
use crate::faults;
use crate::formats::metered::Metered;
use crate::input::Input;
use crate::limits::PACKED_BYTES_MAX;

/// With its padding or without, as it goes through forms.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
const GZIP: &[u8] = &[0x1F, 0x8B];
const MARK: &[u8] = b"\xEF\xBB\xBF";
const SAMPLE_BYTES: u64 = 512;
/// Enough to know by: whole groups of four.
const KNOWN_BY: usize = 16;

/// How it is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    Gzip,
    Base64,
    GzipInBase64,
}

impl Packing {
    fn of(start: &[u8]) -> Option<Self> {
        if start.starts_with(GZIP) {
            return Some(Self::Gzip);
        }
        let text = start.strip_prefix(MARK).unwrap_or(start);
        let blank = |byte: &u8| matches!(byte, b'\r' | b'\n' | b' ');
        let of_it = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
        if !text.iter().all(|byte| of_it(byte) || blank(byte)) {
            return None;
        }
        let packed: Vec<u8> = text.iter().filter(|it| !blank(it)).copied().collect();
        let first = BASE64.decode(packed.get(..KNOWN_BY)?).ok()?;
        let text = first.strip_prefix(MARK).unwrap_or(&first);
        match text.trim_ascii_start().first() {
            _ if first.starts_with(GZIP) => Some(Self::GzipInBase64),
            Some(b'<') => Some(Self::Base64),
            _ => None,
        }
    }
}

/// What is in the file, where it is packed so.
pub(crate) fn unpacked(input: &Input) -> Result<Option<Input>, Fault> {
    let unreadable = |reason| faults::file_unreadable(&reason);
    let mut file = input.open().map_err(unreadable)?;
    let mut start = Vec::new();
    file.by_ref()
        .take(SAMPLE_BYTES)
        .read_to_end(&mut start)
        .map_err(unreadable)?;
    let Some(packing) = Packing::of(&start) else {
        return Ok(None);
    };
    file.rewind().map_err(unreadable)?;
    let (file, meter) = Metered::new(file, u64::MAX);
    let text = Base64Text {
        source: BufReader::new(file),
    };
    let octets = match packing {
        Packing::Gzip => all_of(MultiGzDecoder::new(text.source), &|| meter.total(), "gzip"),
        Packing::Base64 => all_of(
            DecoderReader::new(text, &BASE64),
            &|| meter.total(),
            "Base64",
        ),
        Packing::GzipInBase64 => {
            let packed = DecoderReader::new(text, &BASE64);
            all_of(
                MultiGzDecoder::new(packed),
                &|| meter.total(),
                "gzip, Base64",
            )
        }
    };
    Ok(Some(input.holding(octets?)))
}

/// All that comes, unless it is too much, or too much for what it is packed in.
fn all_of(mut source: impl Read, packed: &dyn Fn() -> u64, place: &str) -> Result<Vec<u8>, Fault> {
    let mut octets = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = source.read(&mut buffer);
        let read = read.map_err(|_| faults::file_damaged(place))?;
        match buffer.get(..read) {
            Some(piece) if read > 0 => octets.extend_from_slice(piece),
            _ => return Ok(octets),
        }
        let bytes = u64::try_from(octets.len()).unwrap_or(u64::MAX);
        check_ratio(bytes, packed().max(1))?;
        if bytes > PACKED_BYTES_MAX {
            return Err(faults::unpacked_too_large(
                &format!("gzip、Base64 内最多 {PACKED_BYTES_MAX} 字节"),
                &format!("at most {PACKED_BYTES_MAX} bytes are taken out of gzip and Base64"),
            ));
        }
    }
}

/// Base64 without its mark and its line ends.
struct Base64Text<R> {
    source: R,
}

impl<R: Read> Read for Base64Text<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.source.read(buffer)?;
            let mut kept = 0;
            for at in 0..read {
                let byte = buffer.get(at).copied().unwrap_or_default();
                if matches!(byte, b'\r' | b'\n' | b' ') || MARK.contains(&byte) {
                    continue;
                }
                if let Some(place) = buffer.get_mut(kept) {
                    *place = byte;
                }
                kept += 1;
            }
            if kept > 0 || read == 0 {
                return Ok(kept);
            }
        }
    }
}
