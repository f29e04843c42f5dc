//! Workbooks whose parts lie inside a sound archive.

use std::io::{Read as _, Write as _};

use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::*;

const STRINGS: &str = "xl/sharedStrings.xml";
const SHEET: &str = "xl/worksheets/sheet1.xml";

type Parts = Vec<(String, Vec<u8>)>;

fn parts_of(archive: &[u8]) -> Parts {
    let mut archive = ZipArchive::new(std::io::Cursor::new(archive)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut part = archive.by_index(index).unwrap();
            let name = part.name().unwrap().into_owned();
            let mut bytes = Vec::new();
            part.read_to_end(&mut bytes).unwrap();
            (name, bytes)
        })
        .collect()
}

fn zipped(parts: &Parts) -> Vec<u8> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer
            .start_file(name.as_str(), SimpleFileOptions::default())
            .unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn sound() -> Parts {
    let rows: &[&[&str]] = &[
        &["学号", "课程代码", "学期", "成绩"],
        &["1", "M", "2024-2025-1", "60"],
    ];
    parts_of(&workbook(rows).save_to_buffer().unwrap())
}

/// The sound one with a part changed.
fn with(part: &str, change: impl Fn(&str) -> String) -> TestFile {
    let mut parts = sound();
    let (_, bytes) = parts.iter_mut().find(|(name, _)| name == part).unwrap();
    let changed = change(std::str::from_utf8(bytes).unwrap());
    assert_ne!(changed.as_bytes(), bytes, "{part} is as it was");
    *bytes = changed.into_bytes();
    TestFile::new(zipped(&parts))
}

fn claiming(count: &str) -> TestFile {
    with(STRINGS, |text| {
        let (before, behind) = text.split_once("uniqueCount=\"").unwrap();
        let (_, behind) = behind.split_once('"').unwrap();
        format!("{before}uniqueCount=\"{count}\"{behind}")
    })
}

#[test]
fn a_count_of_strings_that_the_part_cannot_hold_is_refused_and_a_wrong_one_is_not() {
    for count in [
        "18446744073709551615",
        "18446744073709551616",
        "1000000000000",
        "+1000000000000",
        " 400000000",
        "2000001",
        "5000",
    ] {
        let fault = claiming(count).read().unwrap_err();
        assert_eq!(fault.code, "FILE_DAMAGED", "{count}");
        assert!(fault.zh.contains("共享字符串"), "{count}: {fault}");
    }
    // Many programs count wrongly, which harms nobody.
    for count in ["0", "1", "9", ""] {
        assert_eq!(claiming(count).read().unwrap().len(), 1, "{count}");
    }
}

#[test]
fn a_lying_part_is_found_wherever_the_workbook_says_that_it_is() {
    let mut parts = sound();
    let bomb = "<sst uniqueCount=\"1000000000000\"><si/></sst>";
    parts.push(("elsewhere/sharedStrings.xml".to_owned(), bomb.into()));
    parts.push(("xl/media/image1.png".to_owned(), b"\x89PNG\r\n".to_vec()));
    let fault = TestFile::new(zipped(&parts)).read().unwrap_err();
    assert_eq!(fault.code, "FILE_DAMAGED");
    // A picture is none of its business.
    parts.remove(parts.len() - 2);
    assert_eq!(TestFile::new(zipped(&parts)).read().unwrap().len(), 1);
}

#[test]
fn a_doctype_in_any_part_is_refused() {
    for part in [STRINGS, SHEET, "xl/workbook.xml", "xl/styles.xml"] {
        let file = with(part, |text| {
            text.replacen("?>", "?><!DOCTYPE x [<!ENTITY a \"b\">]>", 1)
        });
        assert_eq!(file.read().unwrap_err().code, "XML_DOCTYPE", "{part}");
    }
}

#[test]
fn strings_and_styles_that_would_fill_the_memory_are_refused() {
    let many = "<si><t>a</t></si>".repeat(2_000_100);
    let file = with(STRINGS, |text| {
        text.replacen("</sst>", &format!("{many}</sst>"), 1)
    });
    // So many small ones are packed so tightly that either limit may be the first.
    assert_eq!(file.read().unwrap_err().code, "FILE_TOO_LARGE_UNPACKED");
    let long = "x".repeat(1 << 20);
    let file = with(STRINGS, |text| {
        text.replacen("<t>", &format!("<t>{long}</t><t>"), 1)
    });
    assert_eq!(file.read().unwrap_err().code, "ELEMENT_TOO_LARGE");
    let styles = "<xf/>".repeat(100_001);
    let file = with("xl/styles.xml", |text| {
        text.replacen("</cellXfs>", &format!("{styles}</cellXfs>"), 1)
    });
    assert_eq!(file.read().unwrap_err().code, "FILE_TOO_LARGE_UNPACKED");
    let inline = format!(
        "<is><t>{}</t><t>{}</t></is>",
        &long[..600_000],
        &long[..600_000]
    );
    let file = with(SHEET, |text| {
        text.replacen("</c>", &format!("{inline}</c>"), 1)
    });
    assert_eq!(file.read().unwrap_err().code, "ELEMENT_TOO_LARGE");
}

#[test]
fn a_row_that_refers_to_one_long_string_many_times_is_one_bad_line() {
    let long = "x".repeat(900_000);
    let mut parts = sound();
    for (name, bytes) in &mut parts {
        let text = String::from_utf8(bytes.clone()).unwrap();
        if name == STRINGS {
            let text = text.replacen("</sst>", &format!("<si><t>{long}</t></si></sst>"), 1);
            *bytes = text.into_bytes();
        } else if name == SHEET {
            // The shared strings are eight; this is the ninth.
            let cells: String = ["AA", "AB", "AC", "AD"]
                .iter()
                .map(|column| format!("<c r=\"{column}2\" t=\"s\"><v>8</v></c>"))
                .collect();
            let at = text.rfind("</row>").unwrap();
            *bytes = format!("{}{cells}{}", &text[..at], &text[at..]).into_bytes();
        }
    }
    let lines = TestFile::new(zipped(&parts)).read().unwrap();
    assert_eq!(faults(&lines), [(2, vec!["LINE_TOO_LONG"])]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// The container is sound, so that what is broken is what is read.
    #[test]
    fn parts_that_are_broken_inside_a_sound_archive_end_in_lines_or_a_fault(
        part in any::<prop::sample::Index>(),
        edits in proptest::collection::vec(
            (any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>(), 0_u8..6),
            1..12,
        ),
    ) {
        let mut parts = sound();
        let names = [STRINGS, SHEET, "xl/workbook.xml", "xl/styles.xml", "_rels/.rels",
            "xl/_rels/workbook.xml.rels"];
        let name = names[part.index(names.len())];
        let (_, bytes) = parts.iter_mut().find(|(known, _)| known == name).unwrap();
        for (place, other, byte, how) in edits {
            if bytes.is_empty() {
                break;
            }
            let (at, from) = (place.index(bytes.len()), other.index(bytes.len()));
            let (first, last) = (at.min(from), at.max(from).min(at.min(from) + 200));
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => drop(bytes.drain(first..last)),
                // Pieces of itself keep it nearly XML.
                3 => {
                    let piece = bytes[first..last].to_vec();
                    bytes.splice(at..at, piece);
                }
                // Digits are what counts and places are made of.
                4 => {
                    let digits: Vec<_> = bytes.iter().enumerate()
                        .filter(|(_, byte)| byte.is_ascii_digit())
                        .map(|(at, _)| at)
                        .collect();
                    if !digits.is_empty() {
                        let at = digits[other.index(digits.len())];
                        bytes.splice(at..=at, b"99999999999".iter().copied());
                    }
                }
                _ => bytes.truncate(at),
            }
        }
        let file = TestFile::new(zipped(&parts));
        let beside = ReadOptions { learner: Some(student("7")), ..options() };
        if let Ok(lines) = file.read().or_else(|_| file.read_with(&beside)) {
            let numbers = line_nos(&lines);
            prop_assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
        }
    }
}
