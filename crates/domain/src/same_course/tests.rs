use chrono::NaiveDate;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::ids::{EntryId, SameCourseGroupId};

fn key(name: &str) -> String {
    NameKey::of(name).as_str().to_owned()
}

#[test]
fn spellings_of_one_name_have_one_key() {
    let families: [&[&str]; 9] = [
        &[
            "大学英语1",
            "大学英语(1)",
            "大学英语(一)",
            "大学英语一",
            "大学英语Ⅰ",
            "大学英语 I",
            "大学英语①",
            "大学英语㈠",
            "大学英语01",
            "大学英语[壹]",
            "大学 英语-1",
            "大学英语ⅰ",
        ],
        &[
            "大学英语12",
            "大学英语Ⅻ",
            "大学英语十二",
            "大学英语(XII)",
            "大学英语⑫",
        ],
        &[
            "高等数学(上)",
            "高等数学 上",
            "高等数学上",
            "「高等数学」(上)",
        ],
        &[
            "计算机原理与应用",
            "计算机原理及应用",
            "计算机原理和应用",
            "计算机原理及其应用",
            "计算机原理、应用",
            "计算机原理 & 应用",
        ],
        &["管理的艺术", "管理艺术", "《管理艺术》"],
        &["C++程序设计", "C++ 程序设计", "c++·程序设计"],
        &["English II", "ENGLISH 2", "english(二)", "English Ⅱ"],
        &[
            "Research and Design",
            "research & design",
            "Research与Design",
        ],
        &[
            "思想道德修养与法律基础",
            "思想道德修养 与 法律基础",
            "思想道德修养和法律基础",
        ],
    ];
    for family in families {
        for name in family {
            assert_eq!(key(name), key(family[0]), "{name} / {}", family[0]);
        }
    }
}

#[test]
fn different_courses_have_different_keys() {
    let apart = [
        ("高等数学(上)", "高等数学(下)"),
        ("大学英语1", "大学英语2"),
        ("大学英语1", "大学英语11"),
        ("数学1(1)", "数学11"),
        ("数学1 1", "数学11"),
        ("和声学", "声学"),
        ("C语言", "C++语言"),
        ("C++语言", "C#语言"),
        ("经济学", "经济学概论"),
        ("三维设计", "3维设计"),
        ("VI设计", "6设计"),
        ("大学英语", "大学英语1"),
        ("大学英语Ⅲ", "大学英语Ⅳ"),
        ("大学英语二十", "大学英语十二"),
        ("程序设计(甲)", "程序设计(乙)"),
    ];
    for (one, other) in apart {
        assert_ne!(key(one), key(other), "{one} / {other}");
    }
}

#[test]
fn a_name_of_nothing_but_marks_is_its_own_key() {
    assert_eq!(key("——"), "——");
    assert_eq!(key(""), "");
}

/// Names as they are written: Chinese, numbers of every kind, brackets, Latin words, particles.
fn names() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "大学", "英语", "高等", "数学", "上", "下", "一", "二", "十", "三", "1", "2", "10", "01",
        "Ⅰ", "Ⅳ", "I", "ii", "x", "v", "a", "nd", "and", "(", ")", "(", ")", "-", "、", "&", "与",
        "和", "及", "其", "以", "的", "C", "+", "#", " ", "\u{3000}", "①", "㈠", "Web", ".", "é",
    ]);
    prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

fn wide(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '!'..='~' => char::from_u32(u32::from(character) + 0xFEE0).unwrap(),
            other => other,
        })
        .collect()
}

proptest! {
    #[test]
    fn the_key_of_a_key_is_the_key(name in names()) {
        let once = key(&name);
        prop_assert_eq!(key(&once), once);
    }

    #[test]
    fn the_key_of_any_text_settles(name in "\\PC{0,20}") {
        let once = key(&name);
        prop_assert_eq!(key(&once), once);
    }

    #[test]
    fn width_and_case_change_nothing(name in names()) {
        prop_assert_eq!(key(&wide(&name)), key(&name));
        prop_assert_eq!(key(&name.to_uppercase()), key(&name));
    }

    #[test]
    fn spaces_change_nothing_but_between_two_letters_or_two_digits(
        name in names(), at in any::<prop::sample::Index>()
    ) {
        let characters: Vec<char> = name.chars().collect();
        let at = at.index(characters.len() + 1);
        let word = |character: Option<&char>| character.is_some_and(|it| it.is_alphanumeric() && *it < '\u{2000}');
        let before = at.checked_sub(1).and_then(|at| characters.get(at));
        if word(before) && word(characters.get(at)) {
            return Ok(());
        }
        let spaced: String = characters[..at].iter().chain([&'\u{3000}']).chain(&characters[at..]).collect();
        prop_assert_eq!(key(&spaced), key(&name));
    }
}

fn group(code: &str, from: &str, to: &str, members: &[u128]) -> DuplicateGroup {
    let day = |text: &str| text.parse::<NaiveDate>().ok();
    DuplicateGroup {
        code: code.to_owned(),
        valid_from: day(from).unwrap(),
        valid_to: day(to),
        members: members
            .iter()
            .map(|id| EntryId::from_uuid(Uuid::from_u128(*id)))
            .collect(),
    }
}

#[test]
fn a_course_is_in_one_group_on_any_day() {
    let stands = group("G1", "2024-01-01", "2024-12-31", &[1, 2]);
    let check = |next: DuplicateGroup| next.check([&stands]);
    let overlap = GroupFault::Overlap("G1".to_owned(), "G2".to_owned());
    assert_eq!(
        check(group("G2", "2024-12-31", "", &[2, 3])),
        Err(overlap.clone())
    );
    assert_eq!(
        check(group("G2", "2020-01-01", "2024-01-01", &[2, 3])),
        Err(overlap.clone())
    );
    assert_eq!(check(group("G2", "2020-01-01", "", &[2, 3])), Err(overlap));
    assert_eq!(check(group("G2", "2025-01-01", "", &[2, 3])), Ok(()));
    assert_eq!(
        check(group("G2", "2020-01-01", "2023-12-31", &[1, 2])),
        Ok(())
    );
    assert_eq!(check(group("G2", "2024-02-29", "", &[3, 4])), Ok(()));
}

#[test]
fn a_group_has_two_courses_and_ends_after_it_begins() {
    let check = |one: DuplicateGroup| one.check([]);
    assert_eq!(
        check(group("G", "2024-01-01", "", &[1])),
        Err(GroupFault::TooFew("G".to_owned()))
    );
    let backwards = group("G", "2024-01-02", "2024-01-01", &[1, 2]);
    assert_eq!(
        check(backwards),
        Err(GroupFault::EndsBeforeItBegins("G".to_owned()))
    );
    assert_eq!(
        check(group("G", "2024-01-01", "2024-01-01", &[1, 2])),
        Ok(())
    );
}

#[test]
fn a_membership_holds_from_its_first_to_its_last_day() {
    let membership = Membership {
        group_id: SameCourseGroupId::from_uuid(Uuid::from_u128(1)),
        valid_from: NaiveDate::from_ymd_opt(2024, 2, 29).unwrap(),
        valid_to: NaiveDate::from_ymd_opt(2024, 12, 31),
    };
    let holds = |text: &str| membership.in_force_on(text.parse().unwrap());
    assert!(!holds("2024-02-28") && holds("2024-02-29"));
    assert!(holds("2024-12-31") && !holds("2025-01-01"));
}
