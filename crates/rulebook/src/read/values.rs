//! Values that stand in several places: codes, amounts, grades, levels.

use creditbank_domain::amount::Hundredths;
use creditbank_domain::catalogue::Level;
use creditbank_domain::text::{CourseCode, InstitutionCode};

use super::told;
use crate::document::EntryRef;
use crate::limits::CODE_MAX;
use crate::reader::{Reader, Spot};

pub(super) fn institution(reader: &mut Reader, spot: &Spot<'_>) -> Option<InstitutionCode> {
    let written = reader.text(spot, CODE_MAX)?;
    reader.read(spot, InstitutionCode::new(&written), told::code)
}

pub(super) fn course(reader: &mut Reader, spot: &Spot<'_>) -> Option<CourseCode> {
    let written = reader.text(spot, CODE_MAX)?;
    reader.read(spot, CourseCode::new(&written), told::code)
}

/// `95001/JG-ENG-B`; what follows the first stroke is the code, further strokes included.
pub(super) fn entry(reader: &mut Reader, spot: &Spot<'_>) -> Option<EntryRef> {
    let written = reader.text(spot, 2 * CODE_MAX)?;
    let Some((owner, code)) = written.split_once('/') else {
        reader.wrong(&spot.pointer, told::entry(&written));
        return None;
    };
    let owner = reader.read(spot, InstitutionCode::new(owner), told::code);
    let code = reader.read(spot, CourseCode::new(code), told::code);
    Some(EntryRef {
        owner: owner?,
        code: code?,
    })
}

/// An amount from the text as it stands, never by way of a float; `0` is one.
pub(super) fn amount(reader: &mut Reader, spot: &Spot<'_>) -> Option<Hundredths> {
    let written = reader.written(spot)?;
    reader.read(spot, written.parse::<Hundredths>(), |error| {
        told::amount(written, error)
    })
}

/// An amount above zero.
pub(super) fn positive(reader: &mut Reader, spot: &Spot<'_>) -> Option<Hundredths> {
    let read = amount(reader, spot)?;
    if read.is_zero() {
        reader.wrong(&spot.pointer, told::zero());
        return None;
    }
    Some(read)
}

/// A level of a framework; `name` is what its value is called.
pub(super) fn level(reader: &mut Reader, spot: &Spot<'_>, name: &str) -> Option<Level> {
    let fields = reader.fields(spot, &["framework", name])?;
    let framework = reader.need(&fields, "framework");
    let framework = framework.and_then(|it| reader.text(&it, CODE_MAX));
    let value = reader.need(&fields, name);
    let value = value.and_then(|it| reader.count(&it, 0, 100));
    Some(Level {
        framework: framework?,
        value: i16::try_from(value?).ok()?,
    })
}
