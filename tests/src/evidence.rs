//! Evidence: uploads as clients send them, and a store that speaks enough of S3.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::dev::ServerHandle;
use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use actix_web::web::{self, Bytes, Data, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use creditbank_vault::S3Settings;

/// A form with a file that is said to be of this kind.
#[must_use]
pub fn evidence_form(path: &str, kind: &str, file_name: &str, bytes: &[u8]) -> TestRequest {
    let mut body = format!(
        "--b\r\ncontent-disposition: form-data; name=\"kind\"\r\n\r\n{kind}\r\n--b\r\n\
         content-disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\
         content-type: application/pdf\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--b--\r\n");
    TestRequest::post()
        .uri(path)
        .insert_header(("content-type", "multipart/form-data; boundary=b"))
        .set_payload(body)
}

/// A PDF that says something.
#[must_use]
pub fn pdf(words: &str) -> Vec<u8> {
    format!("%PDF-1.7\n{words}\n%%EOF\n").into_bytes()
}

#[derive(Default)]
struct Shelf {
    objects: Mutex<BTreeMap<String, Bytes>>,
    away: AtomicBool,
}

/// Objects of one bucket on loopback, for whoever signs as its one key. Ends when it is dropped.
pub struct FakeS3 {
    shelf: Arc<Shelf>,
    endpoint: String,
    handle: ServerHandle,
}

const BUCKET: &str = "evidence-of-the-bank";
const KEY_ID: &str = "AKIDOFTHEBANK";

impl FakeS3 {
    /// Begins to serve.
    ///
    /// # Panics
    /// Where it cannot.
    #[must_use]
    pub fn start() -> Self {
        let shelf = Arc::<Shelf>::default();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let served = Data::from(Arc::clone(&shelf));
        let (told, handle) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    App::new()
                        .app_data(served.clone())
                        .app_data(PayloadConfig::new(64 * 1024 * 1024))
                        .default_service(web::to(answer))
                });
                let server = server
                    .workers(1)
                    .disable_signals()
                    .listen(listener)
                    .unwrap()
                    .run();
                told.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        Self {
            shelf,
            endpoint,
            handle: handle.recv().unwrap(),
        }
    }

    /// How the bank is told of it.
    #[must_use]
    pub fn settings(&self) -> S3Settings {
        S3Settings {
            bucket: BUCKET.to_owned(),
            prefix: "anhui/bank".to_owned(),
            endpoint: self.endpoint.clone(),
            region: "cn-east-1".to_owned(),
            virtual_hosted: false,
            access_key_id: KEY_ID.to_owned(),
            secret_access_key: "only the bank knows".to_owned(),
        }
    }

    /// What is kept, by its key.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn objects(&self) -> BTreeMap<String, Bytes> {
        let objects = self.shelf.objects.lock();
        objects.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Answers 503 from now on, or no more.
    pub fn be_away(&self, away: bool) {
        self.shelf.away.store(away, Ordering::Relaxed);
    }
}

impl Drop for FakeS3 {
    fn drop(&mut self) {
        // The stop is sent at once; nobody waits for it.
        drop(self.handle.stop(false));
    }
}

async fn answer(request: HttpRequest, body: Bytes, shelf: Data<Shelf>) -> HttpResponse {
    if shelf.away.load(Ordering::Relaxed) {
        return HttpResponse::ServiceUnavailable().finish();
    }
    let signed = request.headers().get("authorization");
    let signed = signed
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let scope = format!("AWS4-HMAC-SHA256 Credential={KEY_ID}/");
    if !signed.starts_with(&scope) || !signed.contains("/cn-east-1/s3/aws4_request") {
        return HttpResponse::Forbidden().finish();
    }
    let path = request.path().trim_start_matches('/').to_owned();
    let Some(key) = path
        .strip_prefix(BUCKET)
        .map(|key| key.trim_start_matches('/'))
    else {
        return HttpResponse::NotFound().finish();
    };
    let mut objects = shelf.objects.lock().unwrap_or_else(PoisonError::into_inner);
    let shown = |bytes: &Bytes| {
        let mut response = HttpResponse::Ok();
        response
            .insert_header(("etag", "\"one\""))
            .insert_header(("last-modified", "Sun, 22 Nov 2026 01:00:00 GMT"));
        response.body(bytes.clone())
    };
    match *request.method() {
        Method::PUT => {
            let _before = objects.insert(key.to_owned(), body);
            HttpResponse::Ok()
                .insert_header(("etag", "\"one\""))
                .finish()
        }
        Method::DELETE => {
            let _gone = objects.remove(key);
            HttpResponse::NoContent().finish()
        }
        Method::GET if key.is_empty() => listed(&objects),
        Method::GET | Method::HEAD => objects
            .get(key)
            .map_or_else(|| HttpResponse::NotFound().finish(), shown),
        _ => HttpResponse::new(StatusCode::METHOD_NOT_ALLOWED),
    }
}

fn listed(objects: &BTreeMap<String, Bytes>) -> HttpResponse {
    let contents: String = objects
        .iter()
        .map(|(key, bytes)| {
            let size = bytes.len();
            format!(
                "<Contents><Key>{key}</Key><Size>{size}</Size><ETag>\"one\"</ETag>\
                 <LastModified>2026-11-22T01:00:00.000Z</LastModified></Contents>"
            )
        })
        .collect();
    HttpResponse::Ok()
        .content_type("application/xml")
        .body(format!(
            "<?xml version=\"1.0\"?><ListBucketResult><Name>{BUCKET}</Name>\
             <IsTruncated>false</IsTruncated>{contents}</ListBucketResult>"
        ))
}
