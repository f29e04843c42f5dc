//! A grade of a scheme as it is kept, with what tables stated of it: whatever is loaded later, the
//! decision is made again by what there was.

use creditbank_domain::grading::{SchemeGrade, StatedGrade};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct StoredGrade {
    scheme: String,
    grade: String,
    passes: bool,
    is_plain: bool,
    stated: Vec<StoredEqual>,
}

#[derive(Serialize, Deserialize)]
struct StoredEqual {
    scheme: String,
    table: String,
    document_number: String,
    equals: Option<String>,
}

impl From<&SchemeGrade> for StoredGrade {
    fn from(graded: &SchemeGrade) -> Self {
        let stated = graded.stated.iter().map(|it| StoredEqual {
            scheme: it.scheme.clone(),
            table: it.table.clone(),
            document_number: it.document_number.clone(),
            equals: it.equals.clone(),
        });
        Self {
            scheme: graded.scheme.clone(),
            grade: graded.grade.clone(),
            passes: graded.passes,
            is_plain: graded.is_plain,
            stated: stated.collect(),
        }
    }
}

impl From<StoredGrade> for SchemeGrade {
    fn from(stored: StoredGrade) -> Self {
        let stated = stored.stated.into_iter().map(|it| StatedGrade {
            scheme: it.scheme,
            table: it.table,
            document_number: it.document_number,
            equals: it.equals,
        });
        Self {
            scheme: stored.scheme,
            grade: stored.grade,
            passes: stored.passes,
            is_plain: stored.is_plain,
            stated: stated.collect(),
        }
    }
}
