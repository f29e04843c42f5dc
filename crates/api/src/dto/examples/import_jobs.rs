//! Import jobs.

use serde_json::{Value, json};

const JOB_ID: &str = "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c60";
const SHA256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

pub(crate) fn import_job() -> Value {
    json!({
        "file_name": "成绩2024.csv",
        "byte_count": 73_400_320,
        "sha256": SHA256,
        "dry_run": false,
        "lines": "each",
        "questions": "all",
        "again": false,
    })
}

pub(crate) fn import_upload_view() -> Value {
    json!({ "received": 73_400_320, "byte_count": 73_400_320, "part_bytes_max": 8_388_608 })
}

pub(crate) fn import_job_view() -> Value {
    json!({
        "job_id": JOB_ID,
        "file_name": "成绩2024.csv",
        "dry_run": false,
        "lines": "each",
        "questions": "all",
        "learner_beside": false,
        "state": "queued",
        "under_way": true,
        "cancel_asked": false,
        "recognised": false,
        "upload": import_upload_view(),
        "sha256": SHA256,
        "purged": false,
        "import_id": super::IMPORT_ID,
        "progress": {
            "bytes_read": 18_350_080,
            "lines_read": 250_000,
            "lines_per_second": 21_500,
            "seconds_left": 35,
        },
        "created_at": "2026-11-22T01:00:00Z",
    })
}

pub(crate) fn import_jobs_view() -> Value {
    json!({ "jobs": [import_job_view()] })
}

pub(crate) fn import_approval() -> Value {
    json!({ "verdict": "approve" })
}

pub(crate) fn import_settings() -> Value {
    json!({ "approval_required": true })
}

pub(crate) fn import_questions() -> Value {
    json!({
        "round": 1,
        "layout": "layout:0b5a",
        "asked_at": "2024-07-02T01:15:00Z",
        "questions": {
            "missing": {
                "code": "COLUMN_MISSING",
                "zh": "缺少「课程代码」列",
                "en": "there is no column for 课程代码",
            },
            "columns": [
                { "heading": "学号", "field": "student_number", "samples": ["S000001", "S000002"] },
                { "heading": "KCH", "field": null, "samples": ["MATH101", "PE102"] },
            ],
            "grade_words": [],
            "courses": [],
            "level_words": [
                { "text": "三级", "lines": 40, "first_line": 2, "courses": ["CERT-A"] },
            ],
        },
    })
}

pub(crate) fn import_answer() -> Value {
    json!({ "mapping": { "columns": { "course_code": "KCH" } } })
}

pub(crate) fn import_mapping() -> Value {
    json!({ "name": "layout:0b5a", "mapping": { "grade_words": { "A*": "优秀" } } })
}

pub(crate) fn import_mapping_view() -> Value {
    json!({
        "name": "layout:0b5a",
        "version": 2,
        "mapping": { "grade_words": { "A*": "优秀" } },
        "saved_at": "2024-07-02T01:15:00Z",
    })
}

pub(crate) fn import_mappings_view() -> Value {
    json!({ "mappings": [import_mapping_view()] })
}
