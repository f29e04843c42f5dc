use proptest::prelude::*;

use super::*;

const FIELD: &str = "course code";

#[test]
fn a_text_is_trimmed_and_bounded_or_refused() {
    let check = |text: &str, expected: Result<&str, TextError>| {
        let taken = CourseCode::new(text);
        assert_eq!(
            taken.map(|code| code.0),
            expected.map(str::to_owned),
            "{text:?}"
        );
    };
    let empty = || Err(TextError::Empty { field: FIELD });
    let control = || Err(TextError::ControlCharacter { field: FIELD });
    check("EN-2", Ok("EN-2"));
    check(" \t EN-2\r\n", Ok("EN-2"));
    check("\u{3000}大学英语(二)\u{a0}", Ok("大学英语(二)"));
    check("EN  2", Ok("EN  2"));
    check("", empty());
    check(" \t\r\n\u{3000}", empty());
    check("EN\0", control());
    check("EN\n2", control());
    check("EN\t2", control());
    check("EN\u{7f}2", control());
    check("EN\u{85}2", control());
}

#[test]
fn the_limit_counts_characters_and_not_bytes_or_the_space_around_them() {
    let too_long = |characters_max| {
        Err(TextError::TooLong {
            field: FIELD,
            characters_max,
        })
    };
    let check = |text: &str, expected: Result<usize, TextError>| {
        let taken = CourseCode::new(text);
        assert_eq!(
            taken.map(|code| code.as_str().chars().count()),
            expected,
            "{text}"
        );
    };
    check(&"x".repeat(80), Ok(80));
    check(&"x".repeat(81), too_long(80));
    check(&"学".repeat(80), Ok(80));
    check(&"学".repeat(81), too_long(80));
    check(&format!("  {}  ", "x".repeat(80)), Ok(80));
}

#[test]
fn every_text_names_its_field_and_its_limit() {
    let check = |refused: Option<TextError>, expected: &str| {
        assert_eq!(refused.unwrap().to_string(), expected);
    };
    let long = "x".repeat(201);
    check(
        SourceRef::new(&long).err(),
        "source reference is longer than 200 characters",
    );
    check(
        CourseCode::new(&long).err(),
        "course code is longer than 80 characters",
    );
    check(
        InstitutionCode::new(&long).err(),
        "institution code is longer than 40 characters",
    );
    check(
        PersonName::new(&long).err(),
        "name is longer than 120 characters",
    );
    check(PersonName::new("").err(), "name is missing");
    check(
        PersonName::new("张\u{1b}三").err(),
        "name holds a control character",
    );
    assert!(SourceRef::new(&"x".repeat(200)).is_ok());
    assert!(InstitutionCode::new(&"x".repeat(40)).is_ok());
    assert!(PersonName::new(&"x".repeat(120)).is_ok());
}

#[test]
fn a_name_never_shows_unless_it_is_revealed() {
    let name = PersonName::new(" 张三 ").unwrap();
    assert_eq!(name.reveal(), "张三");
    assert_eq!(format!("{name:?}"), "PersonName(…)");
    assert_eq!(format!("{name:#?}"), "PersonName(…)");
    assert_eq!(format!("{:?}", Some(&name)), "Some(PersonName(…))");
}

#[test]
fn a_masked_name_shows_its_first_character_only() {
    let masked = |name: &str| PersonName::new(name).unwrap().masked();
    assert_eq!(masked("张三"), "张*");
    assert_eq!(masked("𠮷野"), "𠮷*");
    assert_eq!(masked("阿依古丽·买买提"), "阿*");
}

#[test]
fn spellings_of_one_name_fold_to_one_text() {
    let folded = |name: &str| PersonName::new(name).unwrap().folded();
    for spelling in [
        "阿依古丽·买买提",
        "阿依古丽•买买提",
        "阿依古丽・买买提",
        "阿依古丽．买买提",
        "阿依古丽 买买提",
        "阿依古丽\u{200B}买买提",
    ] {
        assert_eq!(folded(spelling), "阿依古丽买买提", "{spelling:?}");
    }
    assert_eq!(folded("李\u{3000}明"), folded("李明"));
    assert_eq!(folded("ＷＡＮＧ Xiao-Ming"), folded("Wang Xiaoming"));
    assert_eq!(folded("O’Brien"), folded("o'brien"));
    assert_ne!(folded("张三"), folded("张叁"));
    // Rare characters, also those of no standard, are part of a name.
    assert_ne!(folded("\u{E863}田"), folded("田"));
    assert_ne!(folded("𠮷野"), folded("吉野"));
    assert_eq!(folded("··"), "··");
}

proptest! {
    #[test]
    fn folding_a_folded_name_changes_nothing(text in "\\PC{1,20}") {
        if let Ok(name) = PersonName::new(&text)
            && let Ok(again) = PersonName::new(&name.folded())
        {
            prop_assert_eq!(again.folded(), name.folded());
        }
    }

    #[test]
    fn a_refusal_never_repeats_what_was_written(text in "\\PC{0,10}[\\x00-\\x1f]?\\PC{41,90}") {
        for refused in [InstitutionCode::new(&text).err(), PersonName::new(&text).err()] {
            let told = refused.map(|refused| format!("{refused} {refused:?}"));
            prop_assert!(!told.is_some_and(|told| told.contains(text.trim())), "{text:?}");
        }
    }

    #[test]
    fn what_is_taken_is_taken_again_unchanged(text in any::<String>()) {
        if let Ok(taken) = CourseCode::new(&text) {
            prop_assert_eq!(CourseCode::new(taken.as_str()), Ok(taken.clone()));
            prop_assert_eq!(taken.to_string(), text.trim());
        }
    }
}
