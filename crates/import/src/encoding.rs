//! Bytes to text and back: BOM, then strict UTF-8, then GB 18030, and no guess beyond that.

use encoding_rs::{DecoderResult, GB18030, UTF_16BE, UTF_16LE};

/// The encodings in which files come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// UTF-8 without a mark.
    Utf8,
    /// UTF-8 as Excel's "CSV UTF-8" writes it, with a mark.
    Utf8Bom,
    /// Excel's "Unicode text".
    Utf16Le,
    /// The same with the bytes swapped.
    Utf16Be,
    /// GB 18030, GBK and GB 2312 among it.
    Gb18030,
}

impl Encoding {
    /// The encoding that a byte order mark names.
    pub(crate) fn of_bom(start: &[u8]) -> Option<Self> {
        [Self::Utf8Bom, Self::Utf16Le, Self::Utf16Be]
            .into_iter()
            .find(|encoding| start.starts_with(encoding.bom()))
    }

    /// The mark at the start of the file; empty where there is none.
    pub(crate) const fn bom(self) -> &'static [u8] {
        match self {
            Self::Utf8 | Self::Gb18030 => &[],
            Self::Utf8Bom => &[0xEF, 0xBB, 0xBF],
            Self::Utf16Le => &[0xFF, 0xFE],
            Self::Utf16Be => &[0xFE, 0xFF],
        }
    }

    /// The name that a registrar may have seen.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Utf8 | Self::Utf8Bom => "UTF-8",
            Self::Utf16Le | Self::Utf16Be => "UTF-16",
            Self::Gb18030 => "GB 18030",
        }
    }

    /// The text, or `None` where a byte has no meaning in this encoding.
    pub(crate) fn decode(self, bytes: &[u8]) -> Option<String> {
        let table = match self {
            Self::Utf8 | Self::Utf8Bom => {
                return std::str::from_utf8(bytes).ok().map(str::to_owned);
            }
            Self::Utf16Le => UTF_16LE,
            Self::Utf16Be => UTF_16BE,
            Self::Gb18030 => GB18030,
        };
        table
            .decode_without_bom_handling_and_without_replacement(bytes)
            .map(std::borrow::Cow::into_owned)
    }

    /// The bytes; GB 18030 has a code for every character, so nothing is lost in any encoding.
    pub(crate) fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 | Self::Utf8Bom => text.as_bytes().to_vec(),
            Self::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Self::Gb18030 => GB18030.encode(text).0.into_owned(),
        }
    }

    /// How many bytes at the start have a meaning in this encoding.
    pub(crate) fn valid_up_to(self, bytes: &[u8]) -> usize {
        if matches!(self, Self::Utf8 | Self::Utf8Bom) {
            return std::str::from_utf8(bytes).map_or_else(|fault| fault.valid_up_to(), str::len);
        }
        let mut decoder = GB18030.new_decoder_without_bom_handling();
        let mut text = String::with_capacity(bytes.len().saturating_mul(4));
        match decoder.decode_to_string_without_replacement(bytes, &mut text, true) {
            (DecoderResult::Malformed(bad, after), read) => read
                .saturating_sub(usize::from(bad))
                .saturating_sub(usize::from(after)),
            (_, read) => read,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Encoding; 5] = [
        Encoding::Utf8,
        Encoding::Utf8Bom,
        Encoding::Utf16Le,
        Encoding::Utf16Be,
        Encoding::Gb18030,
    ];

    #[test]
    fn characters_beyond_the_common_plane_survive_every_encoding() {
        for encoding in ALL {
            let bytes = encoding.encode("㐂䶮𠮷，阿依古丽·买买提");
            assert_eq!(
                encoding.decode(&bytes).as_deref(),
                Some("㐂䶮𠮷，阿依古丽·买买提")
            );
        }
    }

    #[test]
    fn the_place_of_the_first_bad_byte_is_found() {
        assert_eq!(Encoding::Utf8.valid_up_to(b"ab\xFFcd"), 2);
        assert_eq!(Encoding::Gb18030.valid_up_to(b"\xD1\xA7\xFFcd"), 2);
        assert_eq!(Encoding::Gb18030.valid_up_to(b"a\xD1,b"), 1);
        assert_eq!(Encoding::Gb18030.valid_up_to(b"ab"), 2);
    }

    proptest! {
        #[test]
        fn every_text_comes_back_from_every_encoding(text in "\\PC{0,40}") {
            // U+E5E5 is the one character that the Encoding Standard keeps out of GB 18030.
            prop_assume!(!text.contains('\u{E5E5}'));
            for encoding in ALL {
                prop_assert_eq!(encoding.decode(&encoding.encode(&text)), Some(text.clone()));
            }
        }
    }
}
