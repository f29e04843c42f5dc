//! Everything the demo reads, made up from nothing: no person, number or institution is real.

mod catalogue;
mod class_sheet;
mod courses;
mod draw;
mod institutions;
mod people;
mod school;
mod table;
mod transcript;

/// One file of the demo.
pub(crate) struct DemoFile {
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// All files, always the same.
pub(crate) fn all() -> anyhow::Result<Vec<DemoFile>> {
    let file = |name, bytes| DemoFile { name, bytes };
    let school = school::file();
    Ok(vec![
        file("institutions.csv", institutions::alliance().gbk()?),
        file(
            "technical_schools.csv",
            institutions::technical_schools().utf8(),
        ),
        file("secretariat.csv", institutions::secretariat().utf8()),
        file("catalogue.csv", catalogue::entries().utf8()),
        file("transcript_90002.csv", transcript::lines().gbk()?),
        file("class_sheet_90001.xlsx", class_sheet::workbook()?),
        file("school_95001.csv", school.lines.utf8_with_mark()),
        file("cohort_95001.csv", school.cohort.utf8()),
    ])
}
