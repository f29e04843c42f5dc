//! What is wrong with a mapping that somebody says, and where in it.

use creditbank_domain::fault::Fault;
use serde::Deserialize as _;
use serde_json::{Value, json};

use crate::faults::mapping_invalid;
use crate::mapping::{ColumnMapping, with_whole_columns};

/// A mapping in the form in which it is kept; refuses what is none, or could not be applied.
///
/// # Errors
/// `MAPPING_INVALID`.
pub fn check_mapping(value: &Value) -> Result<Value, Fault> {
    if !value.is_object() {
        return Err(mapping_invalid("格式有误", "it is no object"));
    }
    let mapping = ColumnMapping::deserialize(value)
        .map_err(|wrong| mapping_invalid("格式有误", &format!("it is malformed: {wrong}")))?;
    mapping.check()?;
    Ok(with_whole_columns(value.clone()))
}

/// Everything that is wrong with a mapping, each with the names of the members that lead to it.
#[must_use]
pub fn mapping_faults(value: &Value) -> Vec<(Vec<String>, Fault)> {
    let mut faults = Vec::new();
    // Whether a name can be applied does not depend on the others, so each is tried by itself.
    for (member, said) in value.as_object().into_iter().flatten() {
        let whole = check_mapping(&json!({ member: said }));
        let Err(whole) = whole else { continue };
        let before = faults.len();
        for (name, one) in said.as_object().into_iter().flatten() {
            if let Err(fault) = check_mapping(&json!({ member: { name: one } })) {
                faults.push((vec![member.clone(), name.clone()], fault));
            }
        }
        if faults.len() == before {
            faults.push((vec![member.clone()], whole));
        }
    }
    if let (true, Err(fault)) = (faults.is_empty(), check_mapping(value)) {
        faults.push((Vec::new(), fault));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_of_a_mapping_is_told_at_its_place() {
        let said = json!({
            "colums": {},
            "columns": { "grade": { "columns": ["CJ"] }, "shoe_size": { "columns": ["XF"] } },
            "grade_words": { "A*": "superb", "A": "优秀", "B": 4 },
            "awarded_on": "1949-12-31",
            "courses": "MATH101",
        });
        let places: Vec<String> = mapping_faults(&said)
            .iter()
            .map(|(place, fault)| {
                assert_eq!(fault.code, "MAPPING_INVALID");
                place.join("/")
            })
            .collect();
        assert_eq!(
            places,
            [
                "awarded_on",
                "columns/shoe_size",
                "colums",
                "courses",
                "grade_words/A*",
                "grade_words/B"
            ]
        );
        assert_eq!(mapping_faults(&json!([]))[0].0, Vec::<String>::new());
        assert_eq!(
            mapping_faults(&json!({ "grade_words": { "A*": "优秀" } })),
            []
        );
    }
}
