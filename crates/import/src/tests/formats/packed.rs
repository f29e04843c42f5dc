//! Transcripts in gzip, in Base64, in both.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::verified::{seen, signed};
use super::*;

fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes.as_ref()).unwrap();
    packed.finish().unwrap()
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

/// As `base64` writes it: lines of 76.
fn in_lines(text: &str, end: &str) -> String {
    let lines: Vec<_> = text.as_bytes().chunks(76).collect();
    let lines = lines.into_iter().map(|it| std::str::from_utf8(it).unwrap());
    lines.collect::<Vec<_>>().join(end) + end
}

fn refused(bytes: impl AsRef<[u8]>) -> (&'static str, String) {
    let fault = TestFile::new(bytes).read().unwrap_err();
    (fault.code, fault.en)
}

#[test]
fn a_transcript_is_read_alike_however_it_is_packed() {
    let plain = signed("exclusive.xml");
    let expected = TestFile::new(&plain).read().unwrap();
    let both = base64(gzip(&plain));
    for (how, packed) in [
        ("by the tools of Debian", signed("emrex.txt").into_bytes()),
        ("in one line", both.clone().into_bytes()),
        ("in lines", in_lines(&both, "\n").into_bytes()),
        ("in lines of Windows", in_lines(&both, "\r\n").into_bytes()),
        ("with a mark", format!("\u{FEFF}{both}").into_bytes()),
        (
            "without padding",
            both.trim_end_matches('=').as_bytes().to_vec(),
        ),
        ("in Base64 alone", base64(&plain).into_bytes()),
        (
            "with a mark inside",
            base64(format!("\u{FEFF}{plain}")).into_bytes(),
        ),
        ("in gzip alone", gzip(&plain)),
        (
            "in two pieces of gzip",
            [gzip(&plain[..900]), gzip(&plain[900..])].concat(),
        ),
    ] {
        let read = TestFile::new(&packed).read();
        assert_eq!(told(&read.unwrap()), told(&expected), "{how}");
        assert!(
            seen(&packed).is_verified(),
            "{how}: what is inside is signed"
        );
    }
    assert_comes_back(&TestFile::new(both), &options());
}

#[test]
fn what_would_fill_the_memory_is_refused_by_its_size_and_by_its_ratio() {
    let noise: String = (0..40_u64 << 20)
        .step_by(16)
        .map(|nth| format!("{:016x}", nth.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
        .collect();
    let large = format!("<elmo><x>{noise}</x></elmo>");
    for packed in [
        gzip(&large),
        base64(gzip(&large)).into(),
        base64(&large).into(),
    ] {
        let (code, text) = refused(packed);
        assert_eq!(code, "FILE_TOO_LARGE_UNPACKED");
        assert!(text.contains("33554432"), "{text}");
    }
    let blanks = format!("<elmo>{}</elmo>", " ".repeat(12 << 20));
    for packed in [gzip(&blanks), base64(gzip(&blanks)).into()] {
        let (code, text) = refused(packed);
        assert_eq!(code, "FILE_TOO_LARGE_UNPACKED");
        assert!(text.contains("200:1"), "{text}");
    }
}

#[test]
fn what_is_broken_says_in_which_wrapping() {
    let plain = signed("exclusive.xml");
    let packed = gzip(&plain);
    let both = base64(&packed);
    let mut flipped = packed.clone();
    flipped[packed.len() / 2] ^= 0x55;
    let mut checked = packed.clone();
    checked[packed.len() - 6] ^= 0x01;
    for (what, bytes, place) in [
        ("broken off", packed[..packed.len() - 9].to_vec(), "gzip"),
        ("changed", flipped.clone(), "gzip"),
        ("of another digest", checked, "gzip"),
        (
            "with something behind it",
            [&packed[..], b"<elmo/>"].concat(),
            "gzip",
        ),
        (
            "broken off in Base64",
            both[..both.len() / 2].into(),
            "gzip, Base64",
        ),
        ("changed in Base64", base64(flipped).into(), "gzip, Base64"),
        (
            "no Base64 in its midst",
            format!("{}*{}", &both[..800], &both[800..]).into(),
            "gzip, Base64",
        ),
        (
            "half a group",
            format!("{}!", base64(&plain)).into(),
            "Base64",
        ),
    ] {
        let (code, text) = refused(bytes);
        assert_eq!(code, "FILE_DAMAGED", "{what}");
        assert!(text.contains(&format!("({place})")), "{what}: {text}");
    }
    // Half a document is broken too, where Base64 cannot tell.
    assert_eq!(refused(&base64(&plain)[..1_200]).0, "FILE_DAMAGED");
}

#[test]
fn only_transcripts_are_taken_out_of_a_wrapping_and_tables_are_no_wrapping() {
    let table = "学号,姓名,课程代码,成绩,获得日期\n1,张三,C1,85,2024-06-30\n";
    for bytes in [
        gzip(table),
        gzip(gzip("<elmo/>")),
        gzip(""),
        base64(gzip(table)).into(),
    ] {
        assert_eq!(refused(bytes).0, "FILE_KIND");
    }
    assert_eq!(refused(base64("<html><table/></html>")).0, "FILE_KIND");
    // Of letters and digits alone, and no Base64 of anything.
    assert_eq!(refused("PD94bWwgdmVyc2lvbg,grade\n").0, "HEADER_NOT_FOUND");
    assert_eq!(
        refused("Transcript2024\nAAAABBBBCCCCDDDD\n").0,
        "HEADER_NOT_FOUND"
    );
    assert_eq!(TestFile::new(table).read().unwrap().len(), 1);
}
