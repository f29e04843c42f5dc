//! What a line asks for: to add an outcome, to correct one or to withdraw one.

use creditbank_domain::correction::CorrectionReason;
use creditbank_domain::fault::Fault;
use creditbank_domain::text::DocumentNumber;

use crate::dictionary::Field;
use crate::fold;
use crate::line_cells::LineCells;

/// Why something is changed, and by which document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Because {
    pub(crate) reason: CorrectionReason,
    pub(crate) document: DocumentNumber,
}

/// What a line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LineAction {
    /// What it reports is new, or there already.
    Add,
    /// What it reports takes the place of what was posted.
    Correct(Because),
    /// What was posted should not be there.
    Withdraw(Because),
}

/// Reads 操作, and for a change its reason and document; an empty cell adds.
pub(crate) fn read_action(cells: LineCells<'_>, found: &mut Vec<Fault>) -> Option<LineAction> {
    let action = cells.text(Field::Action).map(|text| fold::key(&text));
    let make: fn(Because) -> LineAction = match action.as_deref() {
        None | Some("新增" | "增加" | "add") => return Some(LineAction::Add),
        Some("更正" | "修改" | "correct") => LineAction::Correct,
        Some("撤销" | "withdraw") => LineAction::Withdraw,
        Some(_) => {
            found.push(cells.fault(
                Field::Action,
                "ACTION_UNKNOWN",
                "操作应为新增、更正或撤销(空白即新增)",
                "an action is add, correct or withdraw; an empty cell adds",
            ));
            return None;
        }
    };
    let reason = reason(cells).map_err(|fault| found.push(fault)).ok();
    let document = document(cells).map_err(|fault| found.push(fault)).ok();
    Some(make(Because {
        reason: reason?,
        document: document?,
    }))
}

/// One of the codes, or its Chinese sentence.
fn reason(cells: LineCells<'_>) -> Result<CorrectionReason, Fault> {
    let field = Field::ChangeReason;
    let codes = || {
        let codes = CorrectionReason::ALL.iter().map(|reason| reason.as_str());
        codes.collect::<Vec<_>>().join(", ")
    };
    let Some(text) = cells.text(field) else {
        let (zh, en) = (
            format!("更正和撤销须写明原因,可用:{}", codes()),
            format!("a correction or withdrawal says why; there are {}", codes()),
        );
        return Err(cells.fault(field, "CHANGE_REASON_MISSING", &zh, &en));
    };
    let key = fold::key(&text);
    let mut known = CorrectionReason::ALL.iter().copied();
    let found = known.find(|it| fold::key(it.as_str()) == key || fold::key(it.text().zh) == key);
    found.ok_or_else(|| {
        let (zh, en) = (
            format!("未知的更正原因,可用:{}", codes()),
            format!("the reason is not known; there are {}", codes()),
        );
        cells.fault(field, "CHANGE_REASON_UNKNOWN", &zh, &en)
    })
}

fn document(cells: LineCells<'_>) -> Result<DocumentNumber, Fault> {
    let field = Field::ChangeDocument;
    let Some(text) = cells.text(field) else {
        let (zh, en) = (
            "更正和撤销须写明依据文号",
            "a correction or withdrawal names the document that it rests on",
        );
        return Err(cells.fault(field, "CHANGE_DOCUMENT_MISSING", zh, en));
    };
    DocumentNumber::new(&text).map_err(|wrong| cells.refused(field, wrong))
}
