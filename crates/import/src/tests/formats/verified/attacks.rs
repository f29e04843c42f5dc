//! What is done to a signed document afterwards.

use super::*;

#[test]
fn whatever_of_the_content_is_changed_is_noticed() {
    let of = |from: &str, to: &str| why(changed("exclusive.xml", from, to));
    for (from, to) in [
        (">85<", ">99<"),
        (">85<", ">85 <"),
        (">85<", "><![CDATA[86]]><"),
        ("张甲", "张乙"),
        ("type=\"local\"", "type=\"esi\""),
        ("<empty/>", "<full/>"),
        ("<empty/>", ""),
        ("<empty/>", "<empty> </empty>"),
        (
            "emrex-eu/elmo-schemas/tree/v1",
            "emrex-eu/elmo-schemas/tree/v2",
        ),
        ("</report>", "</report><report/>"),
        ("<report>", "<report xmlns=\"\">"),
        (
            "?xml-stylesheet href=\"elmo.xsl\"?",
            "?xml-stylesheet href=\"other.xsl\"?",
        ),
    ] {
        assert_eq!(of(from, to), "SIGNED_CONTENT_CHANGED", "{from} to {to}");
    }
    let extended = changed("exclusive.xml", "\n</elmo>", "<report/>\n</elmo>");
    assert_eq!(why(extended), "SIGNED_CONTENT_CHANGED");
}

#[test]
fn what_says_the_same_in_other_bytes_stays_verified_and_is_read_as_it_was_signed() {
    for (from, to) in [
        ("张甲", "张&#x7532;"),
        ("<![CDATA[数据结构 <A&B>]]>", "数据结构 &lt;A&amp;B&gt;"),
        ("z=\"1\" a=\"2\"", "a='2'   z='1'"),
        ("<empty/>", "<empty></empty>"),
        ("2024<!-- a comment -->0007", "20<!-- -->240<!---->007"),
        ("2024<!-- a comment -->0007", "20240007"),
    ] {
        let seen = seen(changed("exclusive.xml", from, to));
        assert!(seen.is_verified(), "{from} to {to}: {:?}", seen.reason);
        assert!(seen.told().contains("20240007") && seen.told().contains("张甲三"));
    }
}

#[test]
fn a_comment_never_cuts_a_number_in_two() {
    let cut = changed(
        "exclusive.xml",
        "2024<!-- a comment -->0007",
        "2024<!-- -->0008",
    );
    assert_eq!(why(&cut), "SIGNED_CONTENT_CHANGED");
    assert!(seen(&cut).told().contains("20240008"));
}

#[test]
fn a_signed_document_that_is_wrapped_into_another_one_verifies_nothing_of_that() {
    let signed = signed("exclusive.xml");
    let (_, original) = signed.split_once("<!-- before the root -->").unwrap();
    let from = original.find("<ds:Signature").unwrap();
    let until = original.find("</ds:Signature>").unwrap();
    let end = "</ds:Signature>".len();
    let signature = &original[from..until];
    let bare = format!("{}{}", &original[..from], &original[until + end..]);
    let forged = bare.replace(">85<", ">99<").replace("20240007", "6");
    let head = forged
        .strip_suffix("\n</elmo>\n")
        .unwrap_or_else(|| forged.trim_end().strip_suffix("</elmo>").unwrap());
    let with = |inside: &str| format!("{head}{inside}</elmo>");
    // The original inside the signature, beside it, and under a root of its own.
    let object = with(&format!(
        "{signature}<ds:Object>{bare}</ds:Object></ds:Signature>"
    ));
    assert_eq!(why(object), "SIGNED_CONTENT_CHANGED");
    let beside = with(&format!(
        "{signature}</ds:Signature><extension>{bare}</extension>"
    ));
    assert_eq!(why(beside), "SIGNED_CONTENT_CHANGED");
    let inside = with(original);
    assert_eq!(why(inside), "SIGNATURE_NOT_IN_ROOT");
    let twice = with(&format!("{original}{signature}</ds:Signature>"));
    assert_eq!(why(twice), "SEVERAL_SIGNATURES");
}

#[test]
fn a_reference_by_id_is_to_the_one_root_and_to_nothing_else() {
    let of = |from: &str, to: &str| why(changed("by-id.xml", from, to));
    // The root that was signed, put under another one that has taken its place.
    let signed = signed("by-id.xml");
    let root = signed.find("<elmo").unwrap();
    let from = signed.find("<ds:Signature").unwrap();
    let until = signed.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
    let original = format!("{}{}", &signed[root..from], &signed[until..]);
    let signature = &signed[from..until];
    let forged = original.replacen(">85<", ">99<", 1);
    let forged = forged.trim_end().strip_suffix("</elmo>").unwrap();
    let other_id = forged.replacen("\"whole\"", "\"forged\"", 1);
    let wrapped = format!("{other_id}{signature}<extension>{original}</extension></elmo>");
    assert_eq!(why(wrapped), "SIGNATURE_OF_A_PART");
    let same_id = format!("{forged}{signature}<extension>{original}</extension></elmo>");
    assert_eq!(why(same_id), "SIGNATURE_ID_TWICE");
    assert_eq!(
        of("<empty/>", "<empty id=\"whole\"/>"),
        "SIGNATURE_ID_TWICE"
    );
    assert_eq!(of(" ID=\"whole\"", ""), "SIGNATURE_OF_A_PART");
    assert_eq!(of("URI=\"#whole\"", "URI=\"\""), "SIGNATURE_WRONG");
}

#[test]
fn nothing_of_signed_info_can_be_changed() {
    for (from, to, expected) in [
        ("xmlenc#sha256", "xmlenc#sha512", "SIGNATURE_WRONG"),
        ("<ds:DigestValue>", "<ds:DigestValue>A", "SIGNATURE_WRONG"),
        (
            "<ds:SignatureValue>",
            "<ds:SignatureValue>A",
            "SIGNATURE_FORM",
        ),
        (
            "<ds:SignatureValue>",
            "<ds:SignatureValue>AAAA",
            "SIGNATURE_WRONG",
        ),
        (
            "xmldsig-more#rsa-sha256",
            "xmldsig-more#ecdsa-sha256",
            "SIGNATURE_KEY",
        ),
        (
            "</ds:SignedInfo>",
            "</ds:SignedInfo><ds:SignedInfo/>",
            "SIGNATURE_FORM",
        ),
        (
            "<ds:SignedInfo>",
            "<ds:SignedInfo><ds:Reference URI=\"\"/>",
            "SIGNATURE_WRONG",
        ),
        (
            "ds:Reference URI=\"\"",
            "ds:Reference URI=\"http://127.0.0.1/\"",
            "SIGNATURE_WRONG",
        ),
    ] {
        let text = changed("exclusive.xml", from, to);
        assert_eq!(why(text), expected, "{from} to {to}");
    }
    // A signature of another document of the same sender.
    let other = signed("inclusive.xml");
    let (from, until) = (
        other.find("<ds:Sig").unwrap(),
        other.find("</ds:Signature>").unwrap(),
    );
    let text = signed("rsa-sha512.xml");
    let (begin, end) = (
        text.find("<ds:Sig").unwrap(),
        text.find("</ds:Signature>").unwrap(),
    );
    let moved = format!("{}{}{}", &text[..begin], &other[from..until], &text[end..]);
    let moved = moved.replacen(">85<", ">99<", 1);
    assert_eq!(why(moved), "SIGNED_CONTENT_CHANGED");
}

#[test]
fn other_encodings_and_marks_change_nothing_of_what_was_signed() {
    let text = signed("exclusive.xml");
    assert!(seen(format!("\u{FEFF}{text}")).is_verified());
    let lying = text.replacen("encoding=\"UTF-8\"", "encoding=\"ISO-8859-1\"", 1);
    assert_eq!(why(lying), "SIGNED_DOCUMENT_ENCODING");
    let bytes: Vec<u8> = { "\u{FEFF}".encode_utf16() }
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(why(bytes), "SIGNED_DOCUMENT_ENCODING");
    let entity = TestFile::new(text.replacen("?>", "?><!DOCTYPE elmo [<!ENTITY x \"y\">]>", 1));
    assert_eq!(entity.read().unwrap_err().code, "XML_DOCTYPE");
    let entity = TestFile::new(text.replacen(">85<", ">&grade;<", 1));
    assert_eq!(entity.read().unwrap_err().code, "XML_ENTITY");
}
