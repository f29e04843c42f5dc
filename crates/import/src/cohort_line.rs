//! One row of a file of requests as what it asks for, or everything that is wrong with it.

use chrono::NaiveDate;
use creditbank_domain::consent::{LegalBasis, StatedBasis};
use creditbank_domain::fault::Fault;
use creditbank_domain::text::{CourseCode, SourceRef};
use creditbank_ledger::flows::{CohortEntry, CohortLine};

use crate::cell::{Cell, Row};
use crate::dictionary::Field;
use crate::faults;
use crate::fold;
use crate::header::Header;
use crate::line_cells::LineCells;
use crate::line_learner::read_learner;
use crate::sheet::{LineAt, Sheet};

/// The most courses that one line names.
const COURSES_MAX: usize = 50;
/// What stands between several courses in one cell.
const BETWEEN_COURSES: [char; 5] = [';', ',', '、', '|', '\n'];

/// What turns rows into requests: the layout, and what was said beside the file.
pub(crate) struct CohortParser<'a> {
    pub(crate) sheets: &'a [Sheet],
    /// The programme of the whole file.
    pub(crate) programme: &'a str,
    /// Documents of the future are refused.
    pub(crate) today: NaiveDate,
}

impl CohortParser<'_> {
    /// Reads one line of a row; a row that could not be read keeps its own fault.
    pub(crate) fn line(&self, row: &Row, at: &LineAt) -> CohortLine {
        let sheet = self.sheets.get(at.sheet);
        let header = sheet.and_then(|sheet| sheet.header.blocks.get(at.block));
        let content = match (&row.content, header) {
            (Ok(cells), Some(header)) => self.read(header, cells),
            (Ok(_), None) => Err(Vec::new()),
            (Err(fault), _) => Err(vec![fault.clone()]),
        };
        let place = sheet.and_then(|sheet| sheet.place_of(row, at.block));
        CohortLine {
            line_no: at.line_no,
            content: content.map_err(|found| match &place {
                Some(place) => found.into_iter().map(|it| faults::at(it, place)).collect(),
                None => found,
            }),
        }
    }

    fn read(&self, header: &Header, cells: &[Cell]) -> Result<CohortEntry, Vec<Fault>> {
        let cells = LineCells::new(header, cells);
        let mut found = Vec::new();
        let learner = read_learner(cells, None, self.today, &mut found);
        let mut keep = |fault: Fault| found.push(fault);
        let application = application(cells).map_err(&mut keep).ok();
        let courses = courses(cells).map_err(&mut keep).ok();
        let basis = basis(cells).map_err(&mut keep).ok();
        let _same = self.same_programme(cells).map_err(&mut keep);
        match (learner, application, courses, basis) {
            (Some(learner), Some(application), Some(courses), Some(basis)) if found.is_empty() => {
                Ok(CohortEntry {
                    learner,
                    application,
                    courses,
                    basis,
                })
            }
            _ => Err(found),
        }
    }

    /// A file asks for one programme: a line of another one stands in the wrong file.
    fn same_programme(&self, cells: LineCells<'_>) -> Result<(), Fault> {
        let field = Field::TargetProgramme;
        cells.refuse_errors(field)?;
        match cells.text(field) {
            Some(text) if fold::key(&text) != fold::key(self.programme) => {
                let (zh, en) = (
                    "与本文件申请的专业代码不一致;不同专业请分文件提交",
                    "this is not the programme that the file asks for; hand each in by itself",
                );
                Err(cells.fault(field, "PROGRAMME_OTHER", zh, en))
            }
            _ => Ok(()),
        }
    }
}

/// The school's own number. A column that is there must be filled: a line known by its cohort beside
/// lines known by numbers would be a second identity of the same application.
fn application(cells: LineCells<'_>) -> Result<Option<String>, Fault> {
    let field = Field::ApplicationNo;
    if !cells.header().has(field) {
        return Ok(None);
    }
    cells.refuse_errors(field)?;
    cells.refuse_rounded(field)?;
    let Some(text) = cells.text(field) else {
        let (zh, en) = ("没有填写申请编号", "the application's number is missing");
        return Err(cells.fault(field, "APPLICATION_NO_MISSING", zh, en));
    };
    let number = SourceRef::new(&text).map_err(|wrong| {
        let zh = "申请编号过长或含有控制字符";
        cells.fault(field, "APPLICATION_NO_INVALID", zh, &wrong.to_string())
    })?;
    Ok(Some(number.as_str().to_owned()))
}

fn courses(cells: LineCells<'_>) -> Result<Vec<String>, Fault> {
    let field = Field::TargetCourse;
    cells.refuse_errors(field)?;
    cells.refuse_rounded(field)?;
    let text = fold::half_width(&cells.text(field).unwrap_or_default());
    let parts = text.split(BETWEEN_COURSES).map(str::trim);
    let mut courses = Vec::new();
    for part in parts.filter(|part| !part.is_empty()) {
        let code = CourseCode::new(part);
        let code = code.map_err(|wrong| {
            let zh = "目标课程代码过长或含有控制字符";
            cells.fault(field, "TARGET_COURSE_INVALID", zh, &wrong.to_string())
        })?;
        courses.push(code.as_str().to_owned());
    }
    if courses.len() > COURSES_MAX {
        let zh = format!("一行至多 {COURSES_MAX} 门目标课程");
        let en = format!("a line names at most {COURSES_MAX} courses");
        return Err(cells.fault(field, "TARGET_COURSE_INVALID", &zh, &en));
    }
    Ok(courses)
}

fn basis(cells: LineCells<'_>) -> Result<Option<StatedBasis>, Fault> {
    let (field, of_document) = (Field::LegalBasis, Field::BasisDocument);
    cells.refuse_errors(field)?;
    cells.refuse_errors(of_document)?;
    let document = cells.text(of_document);
    let Some(text) = cells.text(field) else {
        return match document {
            None => Ok(None),
            Some(_) => {
                let (zh, en) = (
                    "填写了依据文号,却没有填写法律依据",
                    "a document is named, and no basis",
                );
                Err(cells.fault(of_document, "BASIS_UNKNOWN", zh, en))
            }
        };
    };
    let basis = match fold::key(&text).as_str() {
        "consent" | "同意" | "本人同意" => LegalBasis::Consent,
        "contract" | "合同" | "本人申请" => LegalBasis::Contract,
        "statutory_duty" | "法定职责" => LegalBasis::StatutoryDuty,
        "other_law" | "其他法律" => LegalBasis::OtherLaw,
        _ => {
            let (zh, en) = (
                "应为 同意、合同、法定职责 或 其他法律",
                "it is one of consent, contract, statutory_duty, other_law",
            );
            return Err(cells.fault(field, "BASIS_UNKNOWN", zh, en));
        }
    };
    let stated = StatedBasis::new(basis, document.as_deref());
    stated
        .map(Some)
        .map_err(|wrong| cells.refused(field, wrong))
}
