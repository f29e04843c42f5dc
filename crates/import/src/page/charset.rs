//! In which encoding a page is written: by its mark, else strict UTF-8, else what it declares, else
//! GB 18030. Pages that declare gb2312 and are UTF-8 are common; no longer page in GB 2312 is UTF-8.

use std::io::Read;

use creditbank_domain::fault::Fault;
use encoding_rs::{DecoderResult, Encoding, GB18030, GBK, UTF_8};

use crate::faults;
use crate::input::Input;

/// A browser looks no further for a declaration.
const DECLARED_WITHIN: u64 = 1_024;
const PIECE: usize = 1 << 16;

/// The encoding of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    /// Said by a mark, or UTF-8: whoever decodes finds out.
    Found,
    /// Any other.
    Of(&'static Encoding),
}

impl Charset {
    /// Reads the whole file once, unless its mark says enough.
    pub(super) fn of(input: &Input) -> Result<Self, Fault> {
        let unreadable = |reason| faults::file_unreadable(&reason);
        let mut start = Vec::new();
        let file = input.open().map_err(unreadable)?;
        file.take(DECLARED_WITHIN)
            .read_to_end(&mut start)
            .map_err(unreadable)?;
        let marked = Encoding::for_bom(&start).map(|(encoding, _)| encoding);
        let first = marked.unwrap_or(UTF_8);
        let Some(mut offset) = bad_byte(input, first)? else {
            return Ok(Self::Found);
        };
        let declared = declared(&start).filter(|encoding| *encoding != UTF_8);
        let others = declared.into_iter().chain([GB18030]);
        for encoding in others.filter(|_| marked.is_none()) {
            match bad_byte(input, encoding)? {
                None => return Ok(Self::Of(encoding)),
                Some(bad) => offset = bad,
            }
        }
        Err(faults::file_encoding(offset))
    }

    /// What a decoder has to be told.
    pub(super) const fn to_decode(self) -> Option<&'static Encoding> {
        match self {
            Self::Found => None,
            Self::Of(encoding) => Some(encoding),
        }
    }
}

/// `charset=gb2312` in a tag at the start; GB 18030 holds what GB 2312 and GBK do.
fn declared(start: &[u8]) -> Option<&'static Encoding> {
    let start = String::from_utf8_lossy(start).to_ascii_lowercase();
    let (_, behind) = start.split_once("charset=")?;
    let label = behind.trim_start_matches(['"', '\'', ' ']);
    let label = label.split(['"', '\'', ' ', ';', '>', '/']).next()?;
    let encoding = Encoding::for_label(label.as_bytes())?;
    let encoding = if encoding == GBK { GB18030 } else { encoding };
    encoding.is_ascii_compatible().then_some(encoding)
}

/// Where the first byte is that means nothing in this encoding.
fn bad_byte(input: &Input, encoding: &'static Encoding) -> Result<Option<u64>, Fault> {
    let unreadable = |reason| faults::file_unreadable(&reason);
    let mut file = input.open().map_err(unreadable)?;
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let mut text = vec![0; PIECE * 4];
    let mut piece = vec![0; PIECE];
    let mut offset = 0_u64;
    loop {
        let read = file.read(&mut piece).map_err(unreadable)?;
        let bytes = piece.get(..read).unwrap_or_default();
        let (result, used, _) =
            decoder.decode_to_utf8_without_replacement(bytes, &mut text, read == 0);
        offset = offset.saturating_add(u64::try_from(used).unwrap_or_default());
        match result {
            DecoderResult::Malformed(bad, after) => {
                return Ok(Some(
                    offset.saturating_sub(u64::from(bad) + u64::from(after)),
                ));
            }
            DecoderResult::InputEmpty if read == 0 => return Ok(None),
            // Every byte becomes at most three: there is room for a whole piece.
            DecoderResult::InputEmpty | DecoderResult::OutputFull => {}
        }
    }
}
