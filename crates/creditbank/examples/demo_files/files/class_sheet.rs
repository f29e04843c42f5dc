//! The sheet of one class of 90001: a title above the header, scores as numbers, ids as text.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook};

use super::courses::GUIDE;
use super::draw::Draw;
use super::people;

const HEADER: [&str; 10] = [
    "学号",
    "姓名",
    "学期",
    "课程代码",
    "课程名称",
    "学分",
    "成绩",
    "课程性质",
    "完成讲数",
    "课程考试成绩",
];

const TITLE: &str = "江临大学继续教育学院 2024-2025学年第二学期 成绩登记表";
const STUDENTS: u32 = 60;

/// The workbook's bytes.
pub(super) fn workbook() -> anyhow::Result<Vec<u8>> {
    let mut draw = Draw::new(28);
    let mut workbook = Workbook::new();
    // A workbook normally says when it was made; this one is always the same.
    let made = ExcelDateTime::from_ymd(2025, 7, 10)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let centred = Format::new().set_bold().set_align(FormatAlign::Center);
    let sheet = workbook.add_worksheet();
    sheet.set_name("成绩登记表")?;
    sheet.merge_range(0, 0, 0, 9, TITLE, &centred)?;
    for (column, heading) in (0..).zip(HEADER) {
        sheet.write_string(2, column, heading)?;
    }
    let (code, title, _) = GUIDE;
    for index in 0..STUDENTS {
        let row = 3 + index;
        sheet.write_string(row, 0, format!("07240{:04}", index + 1))?;
        sheet.write_string(row, 1, people::name(&mut draw))?;
        sheet.write_string(row, 2, "2024-2025-2")?;
        sheet.write_string(row, 3, code)?;
        sheet.write_string(row, 4, title)?;
        sheet.write_number(row, 5, 2)?;
        let score = if draw.once_in(12) {
            sheet.write_string(row, 6, "优秀")?;
            90
        } else {
            let score = 60 + draw.below(40);
            sheet.write_number(row, 6, score)?;
            score
        };
        sheet.write_string(row, 7, "公共选修课")?;
        sheet.write_number(row, 8, 26)?;
        sheet.write_number(row, 9, score)?;
    }
    Ok(workbook.save_to_buffer()?)
}
