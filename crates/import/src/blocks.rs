//! Several records in one row: blocks of the same columns beside each other, and NAD/ABC uploads.
//!
//! Each block is seen as a header of its own, in which the columns of the others are blank.

use std::collections::BTreeMap;

use creditbank_domain::fault::Fault;

use crate::dictionary::{self, Field};
use crate::faults;
use crate::header::KNOWN_MIN;
use crate::limits::BLOCKS_MAX;

/// What the members of a subject's group mean, by the exact heading of their field.
///
/// The letter decides before the marks do: a pass mark of 40 is usual there, and ours is 60.
const SUBJECT: [(&str, &str); 6] = [
    ("nm", "课程名称"),
    ("", "课程代码"),
    ("_grade", "成绩"),
    ("_credit", "学分"),
    ("_remarks", "成绩标识"),
    ("_credit_eligibility", "是否通过"),
];

/// The header as one block sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct View {
    /// One key a column; blank where the column is another block's.
    pub(crate) keys: Vec<String>,
    /// The columns of this block alone; none where there is no other.
    pub(crate) own: Vec<usize>,
    /// Days are written day first.
    pub(crate) day_first: bool,
}

/// The blocks of a header row, from its folded headings.
pub(crate) fn views(keys: &[String]) -> Result<Vec<View>, Fault> {
    // Every view is as wide as the row, so they are counted before they are made.
    let groups = subjects(keys);
    let starts = if groups.is_empty() {
        starts(keys)?
    } else {
        Vec::new()
    };
    if groups.len().max(starts.len()) > BLOCKS_MAX {
        return Err(faults::side_by_side());
    }
    Ok(if !groups.is_empty() {
        pivot(keys, &groups)
    } else if starts.len() > 1 {
        beside(keys, &starts)
    } else {
        vec![View {
            keys: keys.to_vec(),
            own: Vec::new(),
            day_first: false,
        }]
    })
}

/// The numbered groups `SUB1NM, SUB1, … SUB1_CREDIT_ELIGIBILITY`, where it is such an upload.
fn subjects(keys: &[String]) -> BTreeMap<u32, Vec<(usize, String)>> {
    let mut groups: BTreeMap<u32, Vec<(usize, String)>> = BTreeMap::new();
    for (index, key) in keys.iter().enumerate() {
        let Some(rest) = key.strip_prefix("sub") else {
            continue;
        };
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, member) = rest.split_at_checked(digits).unwrap_or_default();
        if let Ok(number) = number.parse() {
            let group = groups.entry(number).or_default();
            group.push((index, member.to_owned()));
        }
    }
    let is_whole = |group: &Vec<(usize, String)>| {
        let has = |wanted: &str| group.iter().any(|(_, member)| member == wanted);
        has("") && (has("_grade") || has("_tot"))
    };
    groups.retain(|_, group| is_whole(group));
    groups
}

fn pivot(keys: &[String], groups: &BTreeMap<u32, Vec<(usize, String)>>) -> Vec<View> {
    let in_groups = |index: usize| groups.values().flatten().any(|(at, _)| *at == index);
    let shared: Vec<String> = (0..)
        .zip(keys)
        .map(|(index, key)| match key.as_str() {
            _ if in_groups(index) => String::new(),
            // The day of issue; the programme is nobody's course.
            "doi" => "获得日期".to_owned(),
            "course_name" | "year" | "month" => String::new(),
            // No number of a person's Aadhaar card is read, whatever the column is called.
            key if key.contains("aadha") => String::new(),
            key => key.to_owned(),
        })
        .collect();
    let of_group = |group: &Vec<(usize, String)>| {
        let mut keys = shared.clone();
        let graded = group.iter().any(|(_, member)| member == "_grade");
        for (index, member) in group {
            let known = SUBJECT.iter().find(|(name, _)| name == member);
            let heading = match known {
                Some((_, heading)) => heading,
                None if member == "_tot" && !graded => "成绩",
                None => "",
            };
            if let Some(key) = keys.get_mut(*index) {
                heading.clone_into(key);
            }
        }
        View {
            keys,
            own: group.iter().map(|(index, _)| *index).collect(),
            day_first: true,
        }
    };
    groups.values().map(of_group).collect()
}

/// Where the blocks begin; fewer than two for an ordinary table.
///
/// The headings that come several times have to come once in every block, among them a course and
/// a grade; whatever is left of the first block belongs to all of them.
fn starts(keys: &[String]) -> Result<Vec<usize>, Fault> {
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, key) in keys.iter().enumerate() {
        let means = dictionary::meaning(key).map(|(field, _)| field);
        if means.is_some_and(|field| field != Field::Ignored) {
            places.entry(key).or_default().push(index);
        }
    }
    places.retain(|_, at| at.len() > 1);
    let has = |field: Field| {
        let mut keys = places.keys();
        keys.any(|key| dictionary::meaning(key).is_some_and(|(means, _)| means == field))
    };
    let irregular = places.len() >= KNOWN_MIN;
    if !has(Field::CourseCode) || !has(Field::Grade) {
        // One column too many is ambiguous; a whole block without its course is another layout.
        return if irregular {
            Err(faults::side_by_side())
        } else {
            Ok(Vec::new())
        };
    }
    let starts = places.values().min().cloned().unwrap_or_default();
    let in_step = |at: &Vec<usize>| {
        let ends = starts.iter().skip(1).copied().chain([keys.len()]);
        let mut spans = starts.iter().zip(ends).zip(at);
        at.len() == starts.len() && spans.all(|((start, end), at)| start <= at && *at < end)
    };
    if places.values().all(in_step) {
        Ok(starts)
    } else {
        Err(faults::side_by_side())
    }
}

fn beside(keys: &[String], starts: &[usize]) -> Vec<View> {
    let first = starts.first().copied().unwrap_or_default();
    let ends = starts.iter().skip(1).copied().chain([keys.len()]);
    let block = |(start, end): (usize, usize)| {
        let seen = |index: usize| index < first || (start..end).contains(&index);
        let keys = (0..).zip(keys).map(|(index, key)| {
            if seen(index) {
                key.clone()
            } else {
                String::new()
            }
        });
        View {
            keys: keys.collect(),
            own: (start..end).collect(),
            day_first: false,
        }
    };
    starts.iter().copied().zip(ends).map(block).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(headings: &str) -> Vec<String> {
        headings.split(',').map(str::to_owned).collect()
    }

    fn seen(headings: &str) -> Vec<String> {
        let views = views(&keys(headings)).unwrap();
        views.into_iter().map(|view| view.keys.join(",")).collect()
    }

    #[test]
    fn an_ordinary_header_is_one_block_that_owns_no_column_alone() {
        let views = views(&keys("学号,课程代码,成绩,备注,备注")).unwrap();
        assert_eq!(views.len(), 1);
        assert!(views[0].own.is_empty());
    }

    #[test]
    fn what_is_left_of_the_first_block_belongs_to_all_and_what_is_inside_to_one() {
        let found = seen("学号,姓名,课程代码,成绩,备注,课程代码,成绩");
        assert_eq!(
            found,
            [
                "学号,姓名,课程代码,成绩,备注,,",
                "学号,姓名,,,,课程代码,成绩"
            ]
        );
    }

    #[test]
    fn blocks_out_of_step_are_refused_and_a_second_grade_column_is_no_block() {
        for headings in [
            "学号,课程代码,成绩,学号,成绩,课程代码,课程代码",
            "学号,姓名,学分,学号,姓名,学分,课程代码,成绩",
        ] {
            let code = views(&keys(headings)).unwrap_err().code;
            assert_eq!(code, "LAYOUT_SIDE_BY_SIDE", "{headings}");
        }
        assert_eq!(seen("学号,课程代码,成绩,成绩").len(), 1);
    }

    #[test]
    fn the_columns_of_a_result_file_make_no_block() {
        assert_eq!(
            seen("学号,课程代码,成绩,行状态,错误代码,说明,行状态,错误代码,说明").len(),
            1
        );
    }

    #[test]
    fn subjects_are_numbered_groups_and_no_card_number_is_read() {
        let found = seen("regn_no,aadhaar_no,doi,sub1nm,sub1,sub1_tot,sub1_grade,sub10,sub10_tot");
        assert_eq!(
            found,
            [
                "regn_no,,获得日期,课程名称,课程代码,,成绩,,",
                "regn_no,,获得日期,,,,,课程代码,成绩"
            ]
        );
    }
}
