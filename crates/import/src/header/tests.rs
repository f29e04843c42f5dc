use super::*;

fn row(line_no: u64, cells: &[&str]) -> Row {
    let cells = cells
        .iter()
        .map(|cell| Cell::Text((*cell).to_owned()))
        .collect();
    Row {
        line_no,
        content: Ok(cells),
        place: None,
        at: None,
        bytes_read: 0,
    }
}

fn found(mapping: &ColumnMapping, rows: &[Row]) -> Result<SheetHeader, Fault> {
    let headings = Headings::new(mapping);
    headings
        .find(rows)
        .unwrap_or_else(|| Err(headings.not_found(rows)))
}

fn code(rows: &[Row]) -> &'static str {
    found(&ColumnMapping::default(), rows).unwrap_err().code
}

#[test]
fn the_header_is_found_below_titles() {
    let rows = [
        row(1, &["某大学成绩单"]),
        row(2, &["学院:计算机", "学号:见下"]),
        row(4, &["学号", "姓 名", "课程代码", "成绩"]),
    ];
    let header = found(&ColumnMapping::default(), &rows).unwrap();
    assert_eq!(header.line_no, 4);
    assert_eq!(header.blocks[0].columns(Field::Name).unwrap().indices, [1]);
}

#[test]
fn a_form_above_the_table_is_no_header() {
    let header = ["学号", "姓名", "课程代码", "学期", "成绩"];
    let rows = [
        row(1, &["学号", "2024001", "姓名", "张三", "班级", "一班"]),
        row(3, &header),
        row(4, &["1", "张三", "M1", "2024-2025-1", "60"]),
        row(5, &header),
    ];
    assert_eq!(found(&ColumnMapping::default(), &rows).unwrap().line_no, 3);
}

#[test]
fn a_missing_header_is_refused_with_what_was_recognised_and_nothing_else() {
    let rows = [row(1, &["学号", "课程"]), row(2, &["张三", "MATH101"])];
    let fault = found(&ColumnMapping::default(), &rows).unwrap_err();
    assert_eq!(fault.code, "HEADER_NOT_FOUND");
    assert!(
        fault.zh.contains("学号") && fault.zh.contains("课程代码"),
        "{}",
        fault.zh
    );
    assert!(
        !fault.zh.contains("张三"),
        "a row of data is not a header: it names a person"
    );
}

#[test]
fn two_columns_for_one_field_are_ambiguous_unless_one_is_the_exact_one() {
    assert_eq!(
        code(&[row(1, &["学号", "课程编号", "课程号", "成绩"])]),
        "HEADER_AMBIGUOUS"
    );
    assert_eq!(
        code(&[row(1, &["学号", "课程代码", "成绩", "成绩"])]),
        "HEADER_AMBIGUOUS"
    );
    let rows = [row(1, &["学号", "课程号", "课程代码", "成绩"])];
    let header = found(&ColumnMapping::default(), &rows).unwrap();
    assert_eq!(
        header.blocks[0].columns(Field::CourseCode).unwrap().indices,
        [2]
    );
    let fault = found(
        &ColumnMapping::default(),
        &[row(1, &["学号", "课程编号", "课程号", "成绩"])],
    );
    let text = fault.unwrap_err().zh;
    assert!(text.contains("「课程编号」列(第 2 列)") && text.contains("「课程号」列(第 3 列)"));
}

#[test]
fn a_mapping_settles_what_is_ambiguous() {
    let mut mapping = ColumnMapping::default();
    let columns = vec!["课程号".to_owned()];
    let joined = crate::mapping::JoinedColumns {
        columns,
        separator: "-".to_owned(),
    };
    mapping.columns.insert(Field::CourseCode, joined);
    let header = found(&mapping, &[row(1, &["学号", "课程编号", "课程号", "成绩"])]).unwrap();
    assert_eq!(
        header.blocks[0].columns(Field::CourseCode).unwrap().indices,
        [2]
    );
    assert!(
        header.blocks[0].has(Field::Grade),
        "the dictionary goes on for what is not mapped"
    );
}

#[test]
fn blocks_out_of_step_are_refused() {
    let headings = ["学号", "学分", "成绩", "学号", "学分", "成绩", "课程代码"];
    assert_eq!(code(&[row(1, &headings)]), "LAYOUT_SIDE_BY_SIDE");
}

#[test]
fn a_header_of_two_rows_is_one_and_a_row_of_data_is_never_taken_for_its_second() {
    let merged = [
        row(1, &["学号", "姓名", "课程代码", "学期", "成绩", "", ""]),
        row(2, &["", "", "", "", "平时", "期末", "总评"]),
        row(3, &["1", "张三", "M1", "2024-2025-1", "70", "80", "77"]),
    ];
    let header = found(&ColumnMapping::default(), &merged).unwrap();
    assert_eq!((header.line_no, header.last_line_no), (1, 2));
    assert_eq!(header.blocks[0].columns(Field::Grade).unwrap().indices, [6]);
    // Neither row alone is a header, both together are.
    let halves = [
        row(1, &["学号", "姓名", "公共课", ""]),
        row(2, &["", "", "课程代码", "成绩"]),
        row(3, &["1", "张三", "M1", "60"]),
    ];
    let header = found(&ColumnMapping::default(), &halves).unwrap();
    assert_eq!((header.line_no, header.last_line_no), (1, 2));
    let plain = [
        row(1, &["学号", "姓名", "课程代码", "成绩"]),
        row(2, &["", "", "", "成绩"]),
        row(3, &["1", "张三", "成绩", "60"]),
    ];
    let header = found(&ColumnMapping::default(), &plain[..1]).unwrap();
    assert_eq!((header.line_no, header.last_line_no), (1, 1));
    let header = found(
        &ColumnMapping::default(),
        &[plain[0].clone(), row(2, &["1", "张三", "成绩", "60"])],
    );
    assert_eq!(header.unwrap().last_line_no, 1);
}

#[test]
fn several_mark_columns_all_count() {
    let rows = [row(
        1,
        &["学号", "课程代码", "成绩", "成绩标识", "考试性质", "备注"],
    )];
    let header = found(&ColumnMapping::default(), &rows).unwrap();
    assert_eq!(
        header.blocks[0].columns(Field::Marks).unwrap().indices,
        [3, 4, 5]
    );
}

#[test]
fn a_layout_keeps_its_name_in_a_result_file_and_changes_it_with_a_column() {
    let name = |cells: &[&str]| layout_name(row(1, cells).cells());
    let plain = name(&["学号", "课程 代码", "成绩"]);
    assert!(plain.is_some());
    assert_eq!(
        plain,
        name(&["学号", "课程代码", "成绩", "", "行状态", "错误代码", "说明"])
    );
    assert_ne!(plain, name(&["学号", "课程代码", "成绩", "学分"]));
    assert_eq!(name(&["学号", "", "成绩"]), None);
}
