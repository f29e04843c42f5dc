//! A semester as a registrar exports it: 强智's columns, GBK, course by course.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::Result;
use encoding_rs::GBK;

const HEADER: &str = "序号,学号,姓名,开课学期,课程编号,课程名称,成绩,成绩标识,学分,总学时,绩点,\
                      考试性质,考核方式,课程属性,课程性质";
const GRADES: [&str; 10] = [
    "87", "良好", "76", "92", "及格", "68", "95", "合格", "81", "优秀",
];

/// Writes one line for each course and learner: of each course all learners, in no order of ours.
/// Every hundredth missed the examination or failed it.
pub fn write(folder: &Path, name: &str, courses: Range<usize>, learners: usize) -> Result<PathBuf> {
    // A prime beyond every number of learners, so that each comes once a course.
    const STEP: usize = 7_368_787;
    let path = folder.join(name);
    let mut file = BufWriter::new(File::create(&path)?);
    file.write_all(&GBK.encode(HEADER).0)?;
    let mut line_no = 0;
    for course in courses {
        for n in 0..learners {
            let learner = (n * STEP + course) % learners;
            line_no += 1;
            let (grade, mark) = match line_no % 100 {
                0 => ("", "缺考"),
                50 => ("41", ""),
                other => (GRADES[other % GRADES.len()], ""),
            };
            let line = format!(
                "\r\n{line_no},S{learner:09},测试学员,2024-2025-1,C{course:02},课程{course},{grade},\
                 {mark},3,48,3.7,正常考试,考试,必修,专业核心课"
            );
            file.write_all(&GBK.encode(&line).0)?;
        }
    }
    file.write_all(b"\r\n")?;
    file.into_inner()?.sync_all()?;
    Ok(path)
}
