//! Terms of the academic year: 2024-2025-1 and the other ways of writing it.

use std::fmt;

use chrono::NaiveDate;

use crate::fold;

/// One term of one academic year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Term {
    starts_in: i32,
    number: u32,
}

impl Term {
    /// Reads `2024-2025-1`, `2024/2025(1)`, `2024-2025学年第一学期` and the like.
    ///
    /// `None` where it is none of them: 2025秋 means other terms in other schools, so it is for the
    /// mapping to say.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let folded = fold::key(text);
        let (first, rest) = year(&folded)?;
        let (second, rest) = year(rest.strip_prefix(['-', '/', '~', '至', '—', '–'])?)?;
        let rest = rest.strip_prefix("学年").unwrap_or(rest);
        let rest = rest.trim_start_matches(['-', '/', '(', '_', '第']);
        let rest = rest.strip_suffix(')').unwrap_or(rest);
        let rest = rest.strip_suffix("学期").unwrap_or(rest);
        let number = match rest {
            "1" | "01" | "一" => 1,
            "2" | "02" | "二" => 2,
            "3" | "03" | "三" => 3,
            _ => return None,
        };
        (second == first + 1).then_some(Self {
            starts_in: first,
            number,
        })
    }

    /// The day on which the results of the term count as achieved where nothing else says so.
    ///
    /// Results come at a term's end: 31 January for the first, 31 July for the second and 31 August
    /// for the third, short one. Schools that need other days give them in their mapping.
    pub(crate) fn last_day(self) -> Option<NaiveDate> {
        let month = match self.number {
            1 => 1,
            2 => 7,
            _ => 8,
        };
        NaiveDate::from_ymd_opt(self.starts_in + 1, month, 31)
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}-{}-{}",
            self.starts_in,
            self.starts_in + 1,
            self.number
        )
    }
}

fn year(text: &str) -> Option<(i32, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let year: i32 = if plain {
        digits.parse().ok()?
    } else {
        return None;
    };
    (1900..=2200).contains(&year).then_some((year, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_form_is_the_same_term() {
        let forms = [
            "2024-2025-1",
            "2024/2025-1",
            "2024-2025(1)",
            "２０２４－２０２５－１",
            "2024-2025-01",
            "2024-2025学年第1学期",
            "2024-2025学年 第一学期",
            "2024-2025-第一学期",
            "2024-2025-一",
        ];
        for form in forms {
            let term = Term::read(form).map(|term| term.to_string());
            assert_eq!(term.as_deref(), Some("2024-2025-1"), "{form}");
        }
    }

    #[test]
    fn terms_end_in_january_july_and_august() {
        let ends = ["2024-2025-1", "2024-2025-2", "2024-2025-3"].map(|term| {
            Term::read(term)
                .and_then(Term::last_day)
                .map(|day| day.to_string())
                .unwrap()
        });
        assert_eq!(ends, ["2025-01-31", "2025-07-31", "2025-08-31"]);
    }

    #[test]
    fn what_is_no_term_is_left_to_the_mapping() {
        let forms = [
            "2024-2026-1",
            "2024-2025",
            "2024-2025-4",
            "2025秋",
            "1",
            "2024",
            "",
            "学期一",
        ];
        for form in forms {
            assert_eq!(Term::read(form), None, "{form}");
        }
    }
}
