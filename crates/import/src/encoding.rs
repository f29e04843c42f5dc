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

    /// True where bytes that this encoding would accept were all the same written in UTF-8.
    ///
    /// GB 18030 accepts most UTF-8: 学号 in UTF-8 reads as 瀛﹀彿. So a line of a GB 18030 file that
    /// is strictly UTF-8 and holds a Chinese character or a wide sign, three bytes, is taken for
    /// what it most likely is, and refused, for it would put a wrong name or course into the books.
    ///
    /// Can that hit a line that is GB 18030 after all? Its bytes would have to be UTF-8 throughout.
    /// The characters of GB 2312 are pairs of bytes from A1 on, so between ASCII three-byte
    /// sequences come in twos and stand across the borders of at least three characters, the first
    /// of them with a lead byte E2 to EF (rare ones) and the second with such a trail byte: some in
    /// a hundred thousand names of three characters, and every other cell of the line must fit too.
    /// Characters beyond GB 2312, whose trail byte may be ASCII, can do it in twos and are rarer
    /// still. Such a line is lost with its number and its code, never silently. Sequences of two
    /// bytes (é) prove nothing: a character such as 隆 is one, so those lines are read as GB 18030.
    pub(crate) fn is_belied_by(self, bytes: &[u8]) -> bool {
        let wide = |c: char| matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}');
        self == Self::Gb18030
            && !bytes.is_ascii()
            && std::str::from_utf8(bytes).is_ok_and(|text| text.contains(wide))
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

    #[test]
    fn utf8_in_a_gb18030_file_is_told_by_its_chinese_characters() {
        let belied = |bytes: &[u8]| Encoding::Gb18030.is_belied_by(bytes);
        for utf8 in ["1,欧阳", "1,张三丰,60", "１", "S1，x"] {
            assert!(belied(utf8.as_bytes()), "{utf8}");
            assert!(!Encoding::Utf8.is_belied_by(utf8.as_bytes()), "{utf8}");
        }
        // The last one is a character of GB 2312 whose two bytes are a letter of UTF-8.
        for gb in [
            "1,欧阳",
            "1,张三丰,60",
            "学号,姓名,课程代码",
            "阿依古丽·买买提",
            "隆",
        ] {
            assert!(!belied(&Encoding::Gb18030.encode(gb)), "{gb}");
        }
        assert!(!belied(b"plain,ascii"));
    }

    #[test]
    fn no_name_of_one_or_two_common_characters_is_taken_for_utf8() {
        let characters: Vec<[u8; 2]> = (0xB0..=0xF7)
            .flat_map(|lead| (0xA1..=0xFE).map(move |trail| [lead, trail]))
            .collect();
        // A sequence of three bytes begins with one from E0 on and goes on with two below C0.
        let begins = |first: &&[u8; 2]| first[0] >= 0xE0 && first[1] < 0xC0;
        for first in characters.iter().filter(begins) {
            assert!(!Encoding::Gb18030.is_belied_by(first), "{first:X?}");
            for second in characters.iter().filter(|second| second[0] < 0xC0) {
                let name = [first.as_slice(), second.as_slice()].concat();
                assert!(!Encoding::Gb18030.is_belied_by(&name), "{name:X?}");
            }
        }
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
