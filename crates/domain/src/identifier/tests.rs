use proptest::prelude::*;

use super::*;
use IdentifierKind::{
    ForeignPermanentResidence, HkMacaoTravelPermit, Passport, ResidencePermit, ResidentId,
    StudentNumber, TaiwanTravelPermit,
};

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 1).unwrap()
}

/// Asserts the kind and canonical form, or the code.
fn check(kind: IdentifierKind, text: &str, expected: Result<(IdentifierKind, &str), &str>) {
    let read = Identifier::parse(kind, text, today());
    let read = read
        .as_ref()
        .map(|it| (it.kind(), it.canonical()))
        .map_err(IdentifierError::code);
    assert_eq!(read, expected, "{kind} {text:?}");
}

#[test]
fn the_vectors_of_the_standard_are_read() {
    let valid = |text: &str, kind, canonical: &str| {
        check(ResidentId, text, Ok((kind, canonical)));
        let recognised = Identifier::recognise_national(text, today()).unwrap();
        assert_eq!(
            (recognised.kind(), recognised.canonical()),
            (kind, canonical)
        );
        check(kind, text, Ok((kind, canonical)));
    };
    valid("11010519491231002X", ResidentId, "11010519491231002X");
    valid("340100199001010011", ResidentId, "340100199001010011");
    valid("34010019900101002X", ResidentId, "34010019900101002X");
    valid("810000199101010016", ResidencePermit, "810000199101010016");
    valid(
        "999999190001010015",
        ForeignPermanentResidence,
        "999999190001010015",
    );
    valid("110105491231002", ResidentId, "11010519491231002X");
    valid(
        "USA110068091001",
        ForeignPermanentResidence,
        "USA110068091001",
    );
}

#[test]
fn what_people_type_is_folded() {
    let same = |text: &str| check(ResidentId, text, Ok((ResidentId, "11010519491231002X")));
    same("11010519491231002x");
    same("　１１０１０５１９４９１２３１００２Ｘ　");
    same("\u{FEFF}11010519491231002X\t");
    same(" 110105491231002\u{A0}");
}

#[test]
fn wrong_national_numbers_are_refused_by_code() {
    let refused = |text: &str, code| check(ResidentId, text, Err(code));
    refused("110105194912310021", "IDENTIFIER_CHECK_DIGIT");
    refused("340100199001010012", "IDENTIFIER_CHECK_DIGIT");
    refused("340100199002300019", "IDENTIFIER_DATE");
    refused("340100199013010019", "IDENTIFIER_DATE");
    refused("340100901301001", "IDENTIFIER_DATE");
    refused("340100209001010011", "IDENTIFIER_FUTURE_DATE");
    refused("000000199001010011", "IDENTIFIER_AREA");
    refused("34010019900101001", "IDENTIFIER_LENGTH");
    refused("3401001990010100111", "IDENTIFIER_LENGTH");
    refused("3401OO199001010011", "IDENTIFIER_CHARACTER");
    refused("X40100199001010011", "IDENTIFIER_CHARACTER");
    refused("340100 99001010011", "IDENTIFIER_CHARACTER");
    refused("34010090010100X", "IDENTIFIER_CHARACTER");
    refused("", "IDENTIFIER_MISSING");
    refused(" 　", "IDENTIFIER_MISSING");
    check(
        ResidencePermit,
        "340100199001010011",
        Err("IDENTIFIER_KIND"),
    );
    check(
        ForeignPermanentResidence,
        "810000199101010016",
        Err("IDENTIFIER_KIND"),
    );
}

#[test]
fn what_a_spreadsheet_rounded_is_refused_as_rounded() {
    let rounded = |text: &str| check(ResidentId, text, Err("IDENTIFIER_ROUNDED"));
    rounded("1.10105E+17");
    rounded("1.10105e17");
    rounded("１.10105Ｅ+17");
    rounded("1E+17");
    rounded("1.101051949123100E+17");
    rounded("110105194912310000.0");
    rounded("110105194912310000");
    rounded("110105491231002.00");
    check(StudentNumber, "2.0202E+11", Err("IDENTIFIER_ROUNDED"));
    check(StudentNumber, "20260001.0", Err("IDENTIFIER_ROUNDED"));
    check(TaiwanTravelPermit, "12345678.0", Err("IDENTIFIER_ROUNDED"));
    // The nearest accepted ones: a true number that ends in 000, and numbers that only look so.
    check(ResidentId, "110105194912319000", Err("IDENTIFIER_ROUNDED"));
    check(
        ResidentId,
        "110105194912301000",
        Ok((ResidentId, "110105194912301000")),
    );
    check(StudentNumber, "2E10", Ok((StudentNumber, "2E10")));
    check(StudentNumber, "2020.15", Ok((StudentNumber, "2020.15")));
}

#[test]
fn a_birth_today_is_accepted_and_tomorrow_is_not() {
    let parse = |today| Identifier::parse(ResidentId, "340100199001010011", today).err();
    let born_on = NaiveDate::from_ymd_opt(1990, 1, 1).unwrap();
    assert_eq!(parse(born_on), None);
    assert_eq!(
        parse(born_on.pred_opt().unwrap()),
        Some(IdentifierError::FutureDate)
    );
}

#[test]
fn the_other_kinds_have_their_shapes() {
    let ok = |kind, text: &str, canonical: &str| check(kind, text, Ok((kind, canonical)));
    ok(HkMacaoTravelPermit, "h12345678", "H12345678");
    ok(HkMacaoTravelPermit, "Ｍ０１２３４５６７", "M01234567");
    check(
        HkMacaoTravelPermit,
        "A12345678",
        Err("IDENTIFIER_CHARACTER"),
    );
    check(HkMacaoTravelPermit, "H1234567", Err("IDENTIFIER_LENGTH"));
    ok(TaiwanTravelPermit, "01234567", "01234567");
    check(TaiwanTravelPermit, "0123456A", Err("IDENTIFIER_CHARACTER"));
    check(TaiwanTravelPermit, "123456789", Err("IDENTIFIER_LENGTH"));
    ok(Passport, "e12345678", "E12345678");
    ok(Passport, "12345", "12345");
    check(Passport, "1234", Err("IDENTIFIER_LENGTH"));
    check(Passport, "E1234-5678", Err("IDENTIFIER_CHARACTER"));
    check(Passport, "中国护照号", Err("IDENTIFIER_CHARACTER"));
    ok(StudentNumber, "　００2026０001 ", "0020260001");
    ok(StudentNumber, "函b-2020", "函b-2020");
    ok(StudentNumber, &"9".repeat(40), &"9".repeat(40));
    check(StudentNumber, &"9".repeat(41), Err("IDENTIFIER_LENGTH"));
    check(StudentNumber, "1\u{0}2", Err("IDENTIFIER_CHARACTER"));
    check(
        ForeignPermanentResidence,
        "US1110068091001",
        Err("IDENTIFIER_CHARACTER"),
    );
}

#[test]
fn the_same_card_in_15_and_18_characters_is_one_identifier() {
    let old = Identifier::parse(ResidentId, "110105491231002", today()).unwrap();
    let new = Identifier::parse(ResidentId, "11010519491231002X", today()).unwrap();
    assert_eq!(old, new);
    let both = PersonIdentifiers::new([old, new]).unwrap();
    assert_eq!((both.count(), both.iter().count()), (1, 1));
}

#[test]
fn a_report_states_each_identifier_once_and_the_first_is_the_primary_one() {
    let read = |kind, text| Identifier::parse(kind, text, today()).unwrap();
    let id = read(ResidentId, "340100199001010011");
    let number = read(StudentNumber, "01");
    let several =
        PersonIdentifiers::new([id.clone(), number.clone(), id.clone(), number.clone()]).unwrap();
    assert_eq!(several.primary(), &id);
    assert_eq!(several.iter().collect::<Vec<_>>(), [&id, &number]);
    assert_eq!(PersonIdentifiers::new([]), None);
    // A student number that looks like a card is still another identifier.
    let alike = read(StudentNumber, "340100199001010011");
    assert_eq!(PersonIdentifiers::new([id, alike]).unwrap().count(), 2);
}

#[test]
fn national_numbers_of_18_characters_carry_the_birth_date() {
    let born_on = |kind, text: &str| {
        Identifier::parse(kind, text, today())
            .unwrap()
            .birth_date()
            .map(|day| day.to_string())
    };
    let date = |text: &str| Some(text.to_owned());
    assert_eq!(born_on(ResidentId, "110105491231002"), date("1949-12-31"));
    assert_eq!(
        born_on(ResidentId, "810000199101010016"),
        date("1991-01-01")
    );
    assert_eq!(
        born_on(ResidentId, "999999190001010015"),
        date("1900-01-01")
    );
    assert_eq!(born_on(ResidentId, "USA110068091001"), None);
    assert_eq!(born_on(StudentNumber, "340100199001010011"), None);
    assert_eq!(born_on(Passport, "E12345678"), None);
}

#[test]
fn a_mask_hides_at_least_half() {
    let mask = |kind, text: &str, expected: &str| {
        assert_eq!(
            Identifier::parse(kind, text, today()).unwrap().masked(),
            expected
        );
    };
    mask(ResidentId, "11010519491231002X", "110*************2X");
    mask(HkMacaoTravelPermit, "H12345678", "H*******8");
    mask(StudentNumber, "0020260001", "002*****01");
    mask(StudentNumber, "00202", "*****");
    mask(StudentNumber, "函2020一", "函****一");
}

#[test]
fn neither_debug_nor_refusals_tell_the_number() {
    let identifier = Identifier::parse(ResidentId, "11010519491231002X", today()).unwrap();
    assert_eq!(format!("{identifier:?}"), "Identifier(resident_id, …)");
    let refused = Identifier::parse(ResidentId, "110105194912310021", today()).unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains("1101"));
}

#[test]
fn kinds_read_back_from_their_names() {
    for kind in IdentifierKind::ALL {
        assert_eq!(kind.as_str().parse(), Ok(kind));
    }
    assert_eq!(
        "ResidentId".parse::<IdentifierKind>(),
        Err(IdentifierError::UnknownKind)
    );
}

/// A valid number: 15 digits are always completed by the check.
fn number() -> impl Strategy<Value = String> {
    (
        "[1-8][0-9]{5}",
        0..=99_u32,
        1..=12_u32,
        1..=28_u32,
        0..=999_u32,
    )
        .prop_map(|(area, year, month, day, sequence)| {
            let old = format!("{area}{year:02}{month:02}{day:02}{sequence:03}");
            let read = Identifier::recognise_national(&old, today()).unwrap();
            read.canonical().to_owned()
        })
}

proptest! {
    #[test]
    fn a_canonical_number_reads_back_as_itself(number in number()) {
        let read = Identifier::recognise_national(&number, today()).unwrap();
        prop_assert_eq!(read.canonical(), &number);
        prop_assert_eq!(Identifier::parse(read.kind(), &number, today()), Ok(read));
    }

    #[test]
    fn any_single_wrong_character_is_found(
        number in number(), place in 0..18_usize, wrong in "[0-9X]",
    ) {
        let mut typed = number.clone();
        typed.replace_range(place..=place, &wrong);
        let read = Identifier::recognise_national(&typed, today());
        prop_assert_eq!(read.is_ok(), typed == number);
    }

    #[test]
    fn any_swap_of_neighbours_is_found(number in number(), place in 0..17_usize) {
        let mut typed: Vec<char> = number.chars().collect();
        typed.swap(place, place + 1);
        let typed: String = typed.into_iter().collect();
        let read = Identifier::recognise_national(&typed, today());
        prop_assert_eq!(read.is_ok(), typed == number);
    }

    #[test]
    fn no_text_panics_and_what_is_taken_is_taken_again(
        text in "\\PC{0,20}", kind in prop::sample::select(&IdentifierKind::ALL[..]),
    ) {
        if let Ok(read) = Identifier::parse(kind, &text, today()) {
            let again = Identifier::parse(read.kind(), read.canonical(), today());
            prop_assert_eq!(again, Ok(read));
        }
    }
}
