//! Which of our two languages a client reads.

use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};

use super::Words;

/// The language of titles and details; both are always in `reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Chinese,
    English,
}

impl Language {
    /// By `Accept-Language`; Chinese where it names neither or both alike.
    pub(crate) fn preferred(headers: &HeaderMap) -> Self {
        let header = headers
            .get(ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        let wish = |language| header.map_or(0, |header| wish(header, language));
        if wish("en") > wish("zh") {
            Self::English
        } else {
            Self::Chinese
        }
    }

    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    pub(crate) fn pick(self, words: &Words) -> &str {
        match self {
            Self::Chinese => &words.zh,
            Self::English => &words.en,
        }
    }
}

/// How much a language is wished for, in thousandths.
fn wish(header: &str, language: &str) -> u16 {
    header
        .split(',')
        .filter_map(|part| thousandths(part, language))
        .max()
        .unwrap_or(0)
}

fn thousandths(part: &str, language: &str) -> Option<u16> {
    let (tag, weight) = part.split_once(';').unwrap_or((part, "q=1"));
    let primary = tag.trim().split('-').next()?;
    if !primary.eq_ignore_ascii_case(language) {
        return None;
    }
    let weight = weight.trim().strip_prefix("q=")?;
    if weight.starts_with('1') {
        return Some(1000);
    }
    let decimals = weight.strip_prefix("0.").unwrap_or("0");
    format!("{:0<3}", decimals.get(..3).unwrap_or(decimals))
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;
    use proptest::prelude::*;

    fn check(header: &'static str, expected: Language) {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(header));
        assert_eq!(Language::preferred(&headers), expected, "{header}");
    }

    #[test]
    fn the_wish_with_the_greater_weight_wins_and_chinese_otherwise() {
        check("en", Language::English);
        check("en-GB,en;q=0.9", Language::English);
        check("zh-CN,zh;q=0.9,en;q=0.8", Language::Chinese);
        check("zh;q=0.3, en;q=0.55", Language::English);
        check("de", Language::Chinese);
        check("en;q=0", Language::Chinese);
        check("en;q=x", Language::Chinese);
        check("", Language::Chinese);
    }

    proptest! {
        #[test]
        fn a_wish_is_never_above_one_and_the_greater_one_wins_in_any_order(
            text in any::<String>(), near in "(en|zh|\\*)(-[A-Z]{2})?;q=[0-9.é+-]{0,6}",
            english in 0..=1000u16, chinese in 0..=1000u16,
        ) {
            for text in [text, near] {
                prop_assert!(wish(&text, "en") <= 1000 && wish(&text, "zh") <= 1000);
            }
            let weight = |it: u16| format!("q={}.{:03}", it / 1000, it % 1000);
            let (en, zh) = (weight(english), weight(chinese));
            for header in [format!("en;{en}, zh;{zh}"), format!("zh-CN; {zh},en-GB; {en}")] {
                prop_assert_eq!(wish(&header, "en"), english);
                let mut headers = HeaderMap::new();
                headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_str(&header).unwrap());
                let read = Language::preferred(&headers) == Language::English;
                prop_assert_eq!(read, english > chinese);
            }
        }
    }
}
