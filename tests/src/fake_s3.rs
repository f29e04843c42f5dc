//! A store that speaks enough of S3.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::dev::ServerHandle;
use actix_web::http::{Method, StatusCode};
use actix_web::web::{self, Bytes, Data, PayloadConfig, Query};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use creditbank_vault::S3Settings;

#[derive(Default)]
struct Shelf {
    objects: Mutex<BTreeMap<String, Bytes>>,
    /// Parts of what is not whole yet, by upload and number.
    uploads: Mutex<BTreeMap<(String, u32), Bytes>>,
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

    /// Changes or removes what is kept.
    ///
    /// # Panics
    /// Never.
    pub fn tamper(&self, with: impl FnOnce(&mut BTreeMap<String, Bytes>)) {
        let objects = self.shelf.objects.lock();
        with(&mut objects.unwrap_or_else(PoisonError::into_inner));
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
    let query = Query::<BTreeMap<String, String>>::from_query(request.query_string());
    let query = query.map_or_else(|_| BTreeMap::new(), Query::into_inner);
    if let Some(answer) = in_parts(request.method(), key, &query, &body, &shelf) {
        return answer;
    }
    let mut objects = shelf.objects.lock().unwrap_or_else(PoisonError::into_inner);
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
        Method::GET if key.is_empty() => {
            listed(&objects, query.get("prefix").map_or("", String::as_str))
        }
        Method::GET | Method::HEAD => objects.get(key).map_or_else(
            || HttpResponse::NotFound().finish(),
            |found| shown(&request, found),
        ),
        _ => HttpResponse::new(StatusCode::METHOD_NOT_ALLOWED),
    }
}

/// An object, or the stretch of it that was asked for.
fn shown(request: &HttpRequest, bytes: &Bytes) -> HttpResponse {
    let range = request.headers().get("range");
    let range = range.and_then(|value| value.to_str().ok()?.strip_prefix("bytes="));
    let range = range.and_then(|range| range.split_once('-'));
    let about = [
        ("etag", "\"one\""),
        ("last-modified", "Sun, 22 Nov 2026 01:00:00 GMT"),
    ];
    let mut response = HttpResponse::Ok();
    for header in about {
        response.insert_header(header);
    }
    let Some((first, last)) = range else {
        return response.body(bytes.clone());
    };
    let first: usize = first.parse().unwrap_or(usize::MAX);
    let end = last.parse::<usize>().unwrap_or(usize::MAX - 1) + 1;
    let end = end.min(bytes.len());
    if first >= end {
        return HttpResponse::RangeNotSatisfiable().finish();
    }
    let all = bytes.len();
    response
        .status(StatusCode::PARTIAL_CONTENT)
        .insert_header(("content-range", format!("bytes {first}-{}/{all}", end - 1)))
        .body(bytes.slice(first..end))
}

/// An object that comes in parts.
fn in_parts(
    method: &Method,
    key: &str,
    query: &BTreeMap<String, String>,
    body: &Bytes,
    shelf: &Shelf,
) -> Option<HttpResponse> {
    let mut uploads = shelf.uploads.lock().unwrap_or_else(PoisonError::into_inner);
    if *method == Method::POST && query.contains_key("uploads") {
        let id = uuid::Uuid::now_v7();
        let answer = format!(
            "<InitiateMultipartUploadResult><UploadId>{id}</UploadId>\
             </InitiateMultipartUploadResult>"
        );
        return Some(HttpResponse::Ok().body(answer));
    }
    let id = query.get("uploadId")?;
    let number = query.get("partNumber").and_then(|it| it.parse().ok());
    Some(match (method, number) {
        (&Method::PUT, Some(number)) => {
            let _before = uploads.insert((id.clone(), number), body.clone());
            let mut response = HttpResponse::Ok();
            response.insert_header(("etag", format!("\"{number}\"")));
            response.finish()
        }
        (method, _) => {
            let parts = uploads.iter().filter(|((upload, _), _)| upload == id);
            let whole: Vec<u8> = parts.flat_map(|(_, part)| part.to_vec()).collect();
            uploads.retain(|(upload, _), _| upload != id);
            if *method == Method::POST {
                let objects = shelf.objects.lock();
                let mut objects = objects.unwrap_or_else(PoisonError::into_inner);
                let _before = objects.insert(key.to_owned(), whole.into());
            }
            HttpResponse::Ok().body(
                "<CompleteMultipartUploadResult><ETag>\"one\"</ETag>\
                 </CompleteMultipartUploadResult>",
            )
        }
    })
}

fn listed(objects: &BTreeMap<String, Bytes>, prefix: &str) -> HttpResponse {
    let contents: String = objects
        .iter()
        .filter(|(key, _)| key.starts_with(prefix))
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
