//! The name of a layout.

use sha2::{Digest, Sha256};

use super::KNOWN_MIN;
use crate::cell::Cell;
use crate::dictionary::RESULT_HEADINGS;
use crate::fold;

/// The name under which a layout's mapping is kept: `layout:` and the digest of its headings.
///
/// `None` for a row of fewer than three texts, which is no layout.
pub(crate) fn layout_name(cells: &[Cell]) -> Option<String> {
    let mut keys: Vec<_> = cells.iter().map(|cell| fold::key(cell.shown())).collect();
    // A corrected result file comes back with our columns: it is still the same layout.
    keys.retain(|key| !RESULT_HEADINGS.contains(&key.as_str()) && key != "explanation");
    let filled = keys
        .iter()
        .rposition(|key| !key.is_empty())
        .map_or(0, |last| last + 1);
    keys.truncate(filled);
    if keys.iter().filter(|key| !key.is_empty()).count() < KNOWN_MIN {
        return None;
    }
    Some(format!(
        "layout:{}",
        hex::encode(Sha256::digest(keys.join("\u{1F}")))
    ))
}
