use proptest::prelude::*;

use super::GOOD;
use super::bad_files::first;
use crate::{BYTES_MAX, parse};

#[test]
fn bombs_are_refused_before_anything_is_built() {
    let mut laughs = "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for (name, other) in [("b", "a"), ("c", "b"), ("d", "c"), ("e", "d"), ("f", "e")] {
        let of = vec![format!("*{other}"); 9].join(", ");
        laughs += &format!("{name}: &{name} [{of}]\n");
    }
    assert!(
        first(laughs.as_bytes()).ends_with("/a RULES_ALIAS"),
        "{}",
        first(laughs.as_bytes())
    );
    let large = vec![b'#'; 10_000_000];
    assert_eq!(first(&large), "1:1  RULES_TOO_LARGE");
    let blank = vec![b' '; BYTES_MAX + 1];
    assert_eq!(first(&blank), "1:1  RULES_TOO_LARGE");
    let deep = format!("a: {}{}", "[".repeat(200), "]".repeat(200));
    assert!(first(deep.as_bytes()).ends_with("RULES_TOO_DEEP"));
    let deeper = "[".repeat(500_000);
    assert!(first(deeper.as_bytes()).ends_with("RULES_SYNTAX"));
    let blocks: String = (0..700).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
    assert!(first(blocks.as_bytes()).ends_with("RULES_TOO_DEEP"));
    let many = format!("a: [{}]", "1,".repeat(200_000));
    assert!(first(many.as_bytes()).ends_with("RULES_TOO_MANY_VALUES"));
    let unknown: String = (0..40_000).map(|i| format!("f{i}: 1\n")).collect();
    let faults = parse(unknown.as_bytes()).unwrap_err();
    assert_eq!(faults.len(), crate::FAULTS_MAX);
}

#[test]
fn a_chain_as_long_as_a_document_is_followed_without_a_deep_stack() {
    let mut text = "format: 1\nreceiving: A\ncode: X\ndocument: {number: n, title: t}\n\
         valid_from: 2021-09-01\napproval: {people: 2}\ncourses:\n"
        .to_owned();
    for nth in 0..4_000 {
        text += &format!("- {{code: C{nth:04}, title: t, credits: 1}}\n");
    }
    text += "rules:\n";
    for nth in 0..4_000 {
        let next = (nth + 1) % 4_000;
        text += &format!(
            "- {{code: R{nth}, when: {{entries: [A/C{nth:04}]}}, gives: [{{course: C{next:04}}}]}}\n"
        );
    }
    let faults = parse(text.as_bytes()).unwrap_err();
    assert_eq!((faults.len(), faults[0].fault.code), (1, "RULES_CYCLE"));
    assert!(faults[0].fault.en.len() < 400, "{}", faults[0].fault.en);
}

/// Whatever is allowed is also looked at in a bounded time: the largest documents of several kinds.
#[test]
fn the_largest_documents_are_read_and_linted_in_a_bounded_time() {
    let header = "format: 1\nreceiving: A\ncode: X\ndocument: {number: n, title: t}\n\
         valid_from: 2021-09-01\napproval: {people: 2}\ncourses:\n";
    let begun = std::time::Instant::now();
    let mut many = header.to_owned();
    let mut same = format!("{header}- {{code: C, title: t, credits: 1}}\nrules:\n");
    for nth in 0..4_000 {
        many += &format!("- {{code: C{nth}, title: t, credits: 1}}\n");
        same +=
            &format!("- {{code: R{nth}, when: {{entries: [B/{nth}]}}, gives: [{{course: C}}]}}\n");
    }
    many += "caps:\n";
    for nth in 0..100 {
        many += &format!("- {{code: K{nth}, shape: programme, most: {{credits: 1{nth}}}}}\n");
    }
    many += "rules:\n";
    for nth in 0..4_000 {
        many += &format!(
            "- {{code: R{nth}, when: {{entries: [B/{nth}]}}, gives: [{{course: C{nth}}}]}}\n"
        );
    }
    for text in [many, same] {
        let document = parse(text.as_bytes()).unwrap();
        assert!(!crate::lint(&document, &super::context()).is_empty());
        assert_eq!(parse(crate::export(&document).as_bytes()), Ok(document));
    }
    // Far above what it takes, far below what a step that goes with the square would.
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 400 } else { 5_000 }))]

    #[test]
    fn no_damage_to_a_good_file_panics(
        damages in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..4), 1..12),
    ) {
        let mut bytes = GOOD.as_bytes().to_vec();
        for (at, byte, what) in damages {
            let at = at.index(bytes.len().max(1)).min(bytes.len().saturating_sub(1));
            match what {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, b" \n:-[]{}&*!|>'\"%@,?#\t0"[usize::from(byte) % 22]),
                2 => { bytes.remove(at); }
                _ => { let tail = bytes.split_off(at); bytes.extend(tail.into_iter().rev()); }
            }
            if bytes.is_empty() { break; }
        }
        match parse(&bytes) {
            Ok(document) => {
                crate::run_tests(&document).unwrap();
                let _ = crate::lint(&document, &super::context());
                prop_assert_eq!(parse(crate::export(&document).as_bytes()), Ok(document));
            }
            Err(faults) => {
                prop_assert!(!faults.is_empty());
                prop_assert!(faults.iter().all(|it| it.line > 0 && it.column > 0));
            }
        }
    }
}
