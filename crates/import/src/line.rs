//! One row of a transcript as a reported outcome, or everything that is wrong with it.

use chrono::NaiveDate;
use creditbank_domain::amount::{Hundredths, Unit};
use creditbank_domain::calendar::in_range;
use creditbank_domain::correction::{Change, Corrected};
use creditbank_domain::fault::Fault;
use creditbank_domain::grade::{Attempt, Grade, GradeReading, read_attempt, read_grade};
use creditbank_domain::outcome::{EntryRef, LearnerRef, ReportedOutcome, StatedAmount};
use creditbank_domain::text::{CourseCode, SourceRef};
use creditbank_ledger::flows::CorrectionOrder;

use crate::attendance;
use crate::cell::{Cell, Row};
use crate::date::{read_date, read_date_day_first};
use crate::dictionary::Field;
use crate::faults;
use crate::fold;
use crate::header::Header;
use crate::line_action::{Because, LineAction, read_action};
use crate::line_cells::LineCells;
use crate::line_learner::read_learner;
use crate::line_level::read_level;
use crate::line_progress::read_progress;
use crate::line_share::{is_like_a_share, share};
use crate::line_verdict::{Verdict, contradiction, denies, read_verdict};
use crate::mapping::{ColumnMapping, read_mapped_grade};
use crate::sheet::{LineAt, Sheet};
use crate::term::Term;
use crate::{ImportLine, LineContent};

/// What turns rows into outcomes: the layout, and what was said beside the file.
pub(crate) struct LineParser<'a> {
    /// Which column is what, on every sheet.
    pub(crate) sheets: &'a [Sheet],
    /// The mapping, its keys folded.
    pub(crate) mapping: &'a ColumnMapping,
    /// The learner of the whole file, where no column names one.
    pub(crate) learner: Option<&'a LearnerRef>,
    /// Documents of the future are refused.
    pub(crate) today: NaiveDate,
    /// A name for a text that nobody without the bank's key can guess back.
    pub(crate) pseudonym: &'a dyn Fn(&str) -> String,
}

/// When an outcome was achieved, and the part of its identity that says so.
struct Achieved {
    on: NaiveDate,
    identity: String,
}

impl LineParser<'_> {
    /// Reads one line of a row; a row that could not be read keeps its own fault.
    pub(crate) fn line(&self, row: &Row, at: &LineAt) -> ImportLine {
        let sheet = self.sheets.get(at.sheet);
        let header = sheet.and_then(|sheet| sheet.header.blocks.get(at.block));
        let content = match (&row.content, header) {
            (Ok(cells), Some(header)) if at.extra.is_empty() => self.read(header, cells),
            (Ok(cells), Some(header)) => {
                let width = sheet.map_or(0, |sheet| sheet.header.headings.len());
                self.read(header, &attendance::completed(cells, width, &at.extra))
            }
            (Ok(_), None) => Err(Vec::new()),
            (Err(fault), _) => Err(vec![fault.clone()]),
        };
        let place = sheet.and_then(|sheet| sheet.place_of(row, at.block));
        ImportLine {
            line_no: at.line_no,
            content: content.map_err(|found| match &place {
                Some(place) => found.into_iter().map(|it| faults::at(it, place)).collect(),
                None => found,
            }),
        }
    }

    fn read(&self, header: &Header, cells: &[Cell]) -> Result<LineContent, Vec<Fault>> {
        let cells = LineCells::new(header, cells);
        let mut found = Vec::new();
        let action = read_action(cells, &mut found);
        if let Some(LineAction::Withdraw(because)) = action {
            return self.withdrawal(cells, because, found);
        }
        let learner = read_learner(cells, self.learner, self.today, &mut found);
        let code = kept(self.course_code(cells), &mut found);
        let result = kept(self.result(cells), &mut found);
        let achieved = kept(self.achieved(cells), &mut found);
        let stated = stated_amounts(cells, &mut found);
        let stated_level = kept(read_level(cells, self.mapping), &mut found).flatten();
        let progress = read_progress(cells, &mut found);
        let own_ref = kept(own_source_ref(cells), &mut found);
        let (
            Some(action),
            Some(learner),
            Some(code),
            Some((grade, attempt)),
            Some(achieved),
            Some(own_ref),
        ) = (action, learner, code, result, achieved, own_ref)
        else {
            return Err(found);
        };
        if !found.is_empty() {
            return Err(found);
        }
        let source_ref = match own_ref {
            Some(own) => own,
            None => self.derived_ref(&learner, &code, &achieved, attempt)?,
        };
        let report = ReportedOutcome {
            source_ref,
            learner,
            entry: EntryRef { owner: None, code },
            grade,
            attempt,
            awarded_on: achieved.on,
            stated,
            stated_level,
            progress,
        };
        Ok(match action {
            LineAction::Correct(because) => LineContent::Change(correction(report, because)),
            LineAction::Add | LineAction::Withdraw(_) => LineContent::Report(report),
        })
    }

    /// A withdrawal says which record it means, and nothing of its content: a file whose records
    /// have ids needs no more, any other needs what they are derived from.
    fn withdrawal(
        &self,
        cells: LineCells<'_>,
        because: Because,
        mut found: Vec<Fault>,
    ) -> Result<LineContent, Vec<Fault>> {
        let own_ref = kept(own_source_ref(cells), &mut found);
        let source_ref = match own_ref {
            None => return Err(found),
            Some(Some(own)) => own,
            Some(None) => {
                let learner = read_learner(cells, self.learner, self.today, &mut found);
                let code = kept(self.course_code(cells), &mut found);
                let result = kept(self.result(cells), &mut found);
                let achieved = kept(self.achieved(cells), &mut found);
                let (Some(learner), Some(code), Some((_, attempt)), Some(achieved)) =
                    (learner, code, result, achieved)
                else {
                    return Err(found);
                };
                self.derived_ref(&learner, &code, &achieved, attempt)?
            }
        };
        if !found.is_empty() {
            return Err(found);
        }
        Ok(LineContent::Change(CorrectionOrder {
            source_ref,
            change: Change::Withdraw,
            reason: because.reason,
            document: because.document,
        }))
    }

    pub(crate) fn course_code(&self, cells: LineCells<'_>) -> Result<CourseCode, Fault> {
        let field = Field::CourseCode;
        cells.refuse_errors(field)?;
        cells.refuse_rounded(field)?;
        let Some(text) = cells.text(field).or_else(|| self.mapping.course.clone()) else {
            let (zh, en) = ("没有填写课程代码", "the course code is missing");
            return Err(cells.fault(field, "COURSE_MISSING", zh, en));
        };
        let theirs = fold::half_width(&text);
        let ours = self.mapping.courses.get(&theirs).unwrap_or(&theirs);
        CourseCode::new(ours).map_err(|wrong| {
            let zh = "课程代码过长或含有控制字符";
            cells.fault(field, "COURSE_INVALID", zh, &wrong.to_string())
        })
    }

    /// The result that counts: a filled 重修成绩 before a filled 补考成绩 before 成绩.
    pub(crate) fn result(&self, cells: LineCells<'_>) -> Result<(Grade, Attempt), Fault> {
        let mut marks = cells.texts(Field::Marks);
        let flags = [(Field::ResitFlag, "补考"), (Field::RetakeFlag, "重修")];
        for (field, mark) in flags {
            marks.extend(
                cells
                    .texts(field)
                    .into_iter()
                    .filter_map(|flag| flagged(flag, mark)),
            );
        }
        let later = [(Field::RetakeGrade, "重修"), (Field::ResitGrade, "补考")];
        let later = later
            .into_iter()
            .find(|(field, _)| cells.text(*field).is_some());
        let field = later.map_or(Field::Grade, |(field, _)| field);
        marks.extend(later.map(|(_, mark)| mark));
        cells.refuse_errors(field)?;
        let verdict = read_verdict(cells)?;
        let stated = cells.text(field);
        let text = stated.unwrap_or_else(|| verdict.map(Verdict::grade).unwrap_or_default());
        let mapped = self.mapping.grade_words.contains_key(&fold::key(&text));
        let reading = match self.mapping.grade_words.get(&fold::key(&text)) {
            Some(grade) => read_mapped_grade(grade, &marks),
            None => read_grade(&text, &marks),
        };
        let reading = reading.map_err(|wrong| cells.refused(field, wrong))?;
        marks.push(&text);
        match reading {
            GradeReading::Achieved(grade) if !mapped && denies(verdict, grade) => {
                Err(contradiction(cells, field))
            }
            GradeReading::Achieved(Grade::Score(score)) if is_like_a_share(score, &text) => {
                Err(share(cells, field))
            }
            GradeReading::Achieved(grade) => Ok((grade, read_attempt(&marks))),
            GradeReading::NotYet => Err(faults::result_not_yet()),
        }
    }

    /// The date column; else the term's day by the mapping or by the calendar; else the mapping's.
    fn achieved(&self, cells: LineCells<'_>) -> Result<Achieved, Fault> {
        for field in [Field::AwardedOn, Field::Year, Field::Term] {
            cells.refuse_errors(field)?;
        }
        let dated = match cells.text(Field::AwardedOn) {
            Some(text) => Some(read_day(cells, &text)?),
            None => None,
        };
        let written = written_term(cells);
        let term = written.as_deref().and_then(Term::read);
        let mapped = written
            .as_deref()
            .and_then(|text| self.term_date(text, term));
        let by_term = mapped.or_else(|| term.and_then(Term::last_day));
        let Some(on) = dated.or(by_term).or(self.mapping.awarded_on) else {
            return Err(undated(cells, written.is_some()));
        };
        if dated.is_none() && by_term.is_some() {
            in_range(on).map_err(|wrong| cells.refused(Field::Term, wrong))?;
        }
        Ok(Achieved {
            on,
            identity: term.map_or_else(|| on.to_string(), |term| term.to_string()),
        })
    }

    fn term_date(&self, written: &str, term: Option<Term>) -> Option<NaiveDate> {
        let dates = &self.mapping.term_dates;
        let by_name = dates.get(&fold::key(written));
        by_name.or_else(|| dates.get(&term?.to_string())).copied()
    }

    /// The same grade is the same outcome in whatever layout it comes.
    fn derived_ref(
        &self,
        learner: &LearnerRef,
        code: &CourseCode,
        achieved: &Achieved,
        attempt: Attempt,
    ) -> Result<SourceRef, Vec<Fault>> {
        let person = match learner {
            LearnerRef::Number(number) => format!("learner_no\n{}", number.as_str()),
            LearnerRef::Identified { identifiers, .. } => {
                let identifier = identifiers.primary();
                format!("{}\n{}", identifier.kind(), identifier.canonical())
            }
        };
        let person = (self.pseudonym)(&person);
        let text = format!("{person}/{code}/{}/{attempt}", achieved.identity);
        SourceRef::new(&text).map_err(|wrong| {
            vec![Fault::new(
                "SOURCE_REF_INVALID",
                "记录号无法生成",
                wrong.to_string(),
            )]
        })
    }
}

/// What the line says takes the place of what stands, except whose it is: that is no line's to say.
fn correction(report: ReportedOutcome, because: Because) -> CorrectionOrder {
    CorrectionOrder {
        source_ref: report.source_ref,
        change: Change::Correct(Corrected {
            learner: None,
            grade: Some(report.grade),
            attempt: Some(report.attempt),
            awarded_on: Some(report.awarded_on),
            stated: Some(report.stated).filter(|stated| !stated.is_empty()),
            progress: Some(report.progress).filter(|progress| !progress.is_empty()),
        }),
        reason: because.reason,
        document: because.document,
    }
}

fn kept<T>(read: Result<T, Fault>, found: &mut Vec<Fault>) -> Option<T> {
    read.map_err(|fault| found.push(fault)).ok()
}

/// What a yes-or-no column says: the mark on yes, its own words where it has some.
fn flagged<'t>(flag: &'t str, mark: &'t str) -> Option<&'t str> {
    match fold::key(flag).as_str() {
        "1" | "是" | "y" | "yes" | "true" | "√" => Some(mark),
        "0" | "否" | "n" | "no" | "false" | "-" => None,
        _ => Some(flag),
    }
}

/// 学期, with 学年 before it where the term does not name its year itself.
fn written_term(cells: LineCells<'_>) -> Option<String> {
    let (year, term) = (cells.text(Field::Year), cells.text(Field::Term));
    match (year, term) {
        (Some(year), Some(term)) if Term::read(&term).is_none() => Some(format!("{year}-{term}")),
        (year, term) => term.or(year),
    }
}

fn read_day(cells: LineCells<'_>, text: &str) -> Result<NaiveDate, Fault> {
    let field = Field::AwardedOn;
    let day = if cells.header().day_first {
        read_date_day_first(text)
    } else {
        read_date(text)
    };
    let day = day.ok_or_else(|| {
        if cells.header().day_first {
            let (zh, en) = (
                "不是有效日期,此表格规定写成 15/06/2026",
                "this is no date of the calendar; this layout prescribes 15/06/2026",
            );
            return cells.fault(field, "DATE_INVALID", zh, en);
        }
        let (zh, en) = (
            "不是有效日期,请写成 2024-01-31",
            "this is no date of the calendar; write it as 2024-01-31",
        );
        cells.fault(field, "DATE_INVALID", zh, en)
    })?;
    in_range(day).map_err(|wrong| cells.refused(field, wrong))
}

fn undated(cells: LineCells<'_>, term_is_written: bool) -> Fault {
    if term_is_written {
        let (zh, en) = (
            "不认识的学期,请写成 2024-2025-1,或在列映射中给出该学期的日期",
            "the term is not known; write it as 2024-2025-1 or give its date in a column mapping",
        );
        return cells.fault(Field::Term, "TERM_UNKNOWN", zh, en);
    }
    let field = if cells.header().has(Field::AwardedOn) {
        Field::AwardedOn
    } else {
        Field::Term
    };
    cells.fault(
        field,
        "DATE_MISSING",
        "没有填写日期或学期",
        "neither date nor term is given",
    )
}

fn stated_amounts(cells: LineCells<'_>, found: &mut Vec<Fault>) -> Vec<StatedAmount> {
    let units = [(Field::Credits, Unit::Credit), (Field::Hours, Unit::Hour)];
    let mut stated = Vec::new();
    for (field, unit) in units {
        let amount = cells.refuse_errors(field).and_then(|()| {
            let text = cells.text(field).map(|text| fold::half_width(&text));
            let amount = text.map(|text| text.parse::<Hundredths>()).transpose();
            amount.map_err(|wrong| cells.refused(field, wrong))
        });
        let amount = kept(amount, found).flatten();
        stated.extend(amount.map(|hundredths| StatedAmount { unit, hundredths }));
    }
    stated
}

/// The institution's own record id. A column that is there must be filled: a derived id beside
/// ids of the institution's own would be a second identity of the same outcome.
fn own_source_ref(cells: LineCells<'_>) -> Result<Option<SourceRef>, Fault> {
    let field = Field::SourceRef;
    if !cells.header().has(field) {
        return Ok(None);
    }
    cells.refuse_errors(field)?;
    cells.refuse_rounded(field)?;
    let Some(text) = cells.text(field) else {
        let (zh, en) = ("没有填写成绩编号", "the record id is missing");
        return Err(cells.fault(field, "SOURCE_REF_MISSING", zh, en));
    };
    SourceRef::new(&text).map(Some).map_err(|wrong| {
        let zh = "成绩编号过长或含有控制字符";
        cells.fault(field, "SOURCE_REF_INVALID", zh, &wrong.to_string())
    })
}
