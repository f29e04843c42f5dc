//! Callers of the API with their tokens.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use actix_web::test::TestRequest;
use serde_json::Value;

use crate::answer::{Answer, Refusals};

pub(crate) type Answering = Pin<Box<dyn Future<Output = Answer>>>;

/// The way to the API; callers share it.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) send: Rc<dyn Fn(TestRequest) -> Answering>,
    pub(crate) refusals: Rc<Refusals>,
}

impl Line {
    pub(crate) async fn send(&self, request: TestRequest) -> Answer {
        let answer = (self.send)(request).await;
        // What may be kept says so itself.
        let kept = answer.status < 400 && !answer.header("etag").is_empty();
        assert!(kept || answer.header("cache-control") == "no-store");
        if answer.status >= 400 {
            self.refusals.add(&answer);
        } else {
            self.refusals.add_told(&answer.body);
        }
        answer
    }
}

/// Somebody who calls the API.
#[derive(Clone)]
pub struct Caller {
    pub(crate) line: Line,
    pub(crate) token: Option<String>,
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Caller")
    }
}

impl Caller {
    /// Adds the token.
    #[must_use]
    pub fn sign(&self, request: TestRequest) -> TestRequest {
        match &self.token {
            Some(token) => request.insert_header(("authorization", format!("Bearer {token}"))),
            None => request,
        }
    }

    /// Sends a request with the token.
    pub async fn send(&self, request: TestRequest) -> Answer {
        self.line.send(self.sign(request)).await
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(TestRequest::get().uri(path)).await
    }

    /// Sends a JSON body under an idempotency key.
    pub async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.line.refusals.add_persons_of(body);
        let request = TestRequest::post().uri(path);
        self.send(
            request
                .insert_header(("idempotency-key", key))
                .set_json(body),
        )
        .await
    }

    /// As [`Self::post`], for a reader of English.
    pub async fn post_in_english(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.line.refusals.add_persons_of(body);
        let request = TestRequest::post()
            .uri(path)
            .insert_header(("accept-language", "en"));
        let request = request.insert_header(("idempotency-key", key));
        self.send(request.set_json(body)).await
    }
}
