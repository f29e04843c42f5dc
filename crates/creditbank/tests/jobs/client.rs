//! Somebody who hands files in over HTTP.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(60);

/// A program with its token.
pub(crate) struct Client {
    pub(crate) token: String,
}

/// What the server said.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    /// The body of an answer that has to be of this status.
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// The pointers and codes of everything that is wrong.
    pub(crate) fn faults(&self) -> Vec<(&str, &str)> {
        let errors = self.body["errors"].as_array().into_iter().flatten();
        errors
            .map(|it| {
                let words = [&it["zh"], &it["en"]].map(|it| it.as_str().unwrap());
                assert!(words.iter().all(|it| !it.is_empty()), "in both languages");
                let pointer = it["pointer"].as_str().unwrap_or_default();
                (pointer, it["code"].as_str().unwrap())
            })
            .collect()
    }
}

pub(crate) fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into()
}

fn answered(mut answer: ureq::http::Response<ureq::Body>) -> Answer {
    let text = answer.body_mut().read_to_string().unwrap();
    Answer {
        status: answer.status().as_u16(),
        body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
    }
}

impl Client {
    pub(crate) fn get(&self, address: &str, path: &str) -> Answer {
        let request = agent().get(format!("http://{address}{path}"));
        let request = request.header("authorization", format!("Bearer {}", self.token));
        answered(request.call().unwrap())
    }

    pub(crate) fn post(&self, address: &str, path: &str, key: &str, body: &Value) -> Answer {
        let request = agent()
            .post(format!("http://{address}{path}"))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json")
            .header("idempotency-key", key);
        answered(request.send(body.to_string()).unwrap())
    }

    /// Sends a form whose parts are cut by `cut`.
    pub(crate) fn form(&self, address: &str, path: &str, body: impl AsRef<[u8]>) -> Answer {
        let request = agent()
            .post(format!("http://{address}{path}"))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "multipart/form-data; boundary=cut");
        answered(request.send(body.as_ref()).unwrap())
    }

    /// Sends a part of a job's file; the answer's status.
    pub(crate) fn part(&self, address: &str, job: &str, (at, bytes): (usize, &[u8])) -> u16 {
        let request = agent()
            .patch(format!("http://{address}{job}/upload"))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/offset+octet-stream")
            .header("upload-offset", at.to_string());
        request.send(bytes).unwrap().status().as_u16()
    }

    /// Where a job of this file is, after it was announced.
    pub(crate) fn announce(&self, address: &str, content: &str, more: Value) -> String {
        let mut body = json!({ "file_name": "成绩.csv", "byte_count": content.len() });
        let members = body.as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        let key = format!("announce-{}", rand::random::<u64>());
        let answer = self.post(address, "/v1/import-jobs", &key, &body);
        format!(
            "/v1/import-jobs/{}",
            answer.expect(201)["job_id"].as_str().unwrap()
        )
    }

    /// Hands a whole file in.
    pub(crate) fn hand_in(&self, address: &str, content: &str, more: Value) -> String {
        let job = self.announce(address, content, more);
        assert_eq!(self.part(address, &job, (0, content.as_bytes())), 204);
        job
    }

    /// The job, once that holds.
    pub(crate) fn until(&self, address: &str, job: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let seen = self.get(address, job).expect(200);
            if holds(&seen) {
                return seen;
            }
            assert!(Instant::now() < deadline, "{seen}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn until_state(&self, address: &str, job: &str, state: &str) -> Value {
        self.until(address, job, |seen| {
            let now = seen["state"].as_str().unwrap();
            assert!(
                now == state || matches!(now, "receiving" | "queued"),
                "not {state}: {seen}"
            );
            now == state
        })
    }
}

/// A transcript of lines under these headings.
pub(crate) fn transcript(headings: &str, lines: std::ops::Range<usize>) -> String {
    let mut text = format!("{headings}\r\n");
    for line in lines {
        text += &format!("S{line:06},2024-2025-1,MATH101,4,{}\r\n", 60 + line % 40);
    }
    text
}

pub(crate) const KNOWN: &str = "学号,学期,课程代码,学分,成绩";
/// A layout that no dictionary knows.
pub(crate) const PINYIN: &str = "XH,XQ,KCH,XF,CJ";

/// The mapping that says what [`PINYIN`] means.
pub(crate) fn pinyin() -> Value {
    let field = |heading: &str| json!({ "columns": [heading] });
    json!({ "columns": {
        "student_number": field("XH"), "term": field("XQ"), "course_code": field("KCH"),
        "credits": field("XF"), "grade": field("CJ"),
    } })
}
