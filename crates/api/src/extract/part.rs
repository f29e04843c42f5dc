//! A part of a file: where it begins, its checksum and its bytes.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::{self, Data};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use creditbank_domain::fault::Fault;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tokio::time::timeout;
use utoipa::{IntoParams, ToSchema};

use crate::problem::ApiError;
use crate::state::ApiState;

/// The largest part: it is held in memory until it is sealed.
pub(crate) const PART_BYTES_MAX: usize = 8 * 1024 * 1024;
const MEDIA_TYPE: &str = "application/offset+octet-stream";
const OFFSET: &str = "Upload-Offset";
const CHECKSUM: &str = "Upload-Checksum";

/// The headers, for the document.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the headers that UploadPart reads")]
pub(crate) struct PartHeaders {
    /// Where the part begins, counted from 0: as many bytes as are here.
    #[param(rename = "Upload-Offset")]
    #[serde(rename = "Upload-Offset")]
    upload_offset: u64,
    /// `sha256` and the digest of the part in base64.
    #[param(
        rename = "Upload-Checksum",
        example = "sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    )]
    #[serde(rename = "Upload-Checksum")]
    upload_checksum: Option<String>,
}

/// Bytes, for the document.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary, example = "姓名,课程")]
#[expect(dead_code, reason = "describes what UploadPart reads")]
pub(crate) struct PartContent(Vec<u8>);

/// A part that has arrived whole.
pub(crate) struct UploadPart {
    pub(crate) starts_at: u64,
    pub(crate) bytes: Vec<u8>,
}

impl FromRequest for UploadPart {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let arrival_max = request
            .app_data::<Data<ApiState>>()
            .map(|state| state.limits.upload_arrival_max);
        let said = said(request);
        let payload = web::Payload::from_request(request, payload);
        Box::pin(async move {
            let (starts_at, digest) = said?;
            let arrival_max = arrival_max.ok_or(ApiError::Internal("no ApiState"))?;
            let payload = payload.await.map_err(|_| ApiError::BrokenBody)?;
            let arriving = payload.to_bytes_limited(PART_BYTES_MAX);
            let arrived = timeout(arrival_max, arriving).await;
            let arrived = arrived.map_err(|_| ApiError::SlowBody)?;
            let bytes = arrived
                .map_err(|_| ApiError::TooLarge {
                    bytes_max: u64::try_from(PART_BYTES_MAX).unwrap_or(u64::MAX),
                })?
                .map_err(|_| ApiError::BrokenBody)?;
            if digest.is_some_and(|said| said != <[u8; 32]>::from(Sha256::digest(&bytes))) {
                return Err(ApiError::header(CHECKSUM, other_checksum()));
            }
            Ok(Self {
                starts_at,
                bytes: bytes.to_vec(),
            })
        })
    }
}

type Said = (u64, Option<[u8; 32]>);

fn said(request: &HttpRequest) -> Result<Said, ApiError> {
    if !request.content_type().eq_ignore_ascii_case(MEDIA_TYPE) {
        return Err(ApiError::MediaType {
            expected: MEDIA_TYPE,
        });
    }
    let value = |name| {
        let value = request.headers().get(name)?;
        Some(value.to_str().unwrap_or_default().trim())
    };
    // `parse` alone would take a plus sign.
    let digits = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit());
    let offset = value(OFFSET).filter(digits);
    let offset = offset.and_then(|text| text.parse().ok());
    let offset = offset.ok_or_else(|| ApiError::header(OFFSET, offset_missing()))?;
    let digest = value(CHECKSUM).map(|text| {
        let encoded = text.strip_prefix("sha256 ")?;
        STANDARD.decode(encoded).ok()?.try_into().ok()
    });
    match digest {
        None => Ok((offset, None)),
        Some(Some(digest)) => Ok((offset, Some(digest))),
        Some(None) => Err(ApiError::header(CHECKSUM, malformed_checksum())),
    }
}

fn offset_missing() -> Fault {
    Fault::new(
        "UPLOAD_OFFSET_MISSING",
        "请在 Upload-Offset 中给出这一段的起始字节",
        "say in Upload-Offset at which byte the part begins",
    )
}

fn malformed_checksum() -> Fault {
    Fault::new(
        "UPLOAD_CHECKSUM_MALFORMED",
        "Upload-Checksum 应为 sha256 加空格加 base64 摘要",
        "an Upload-Checksum is sha256, a space and the digest in base64",
    )
}

fn other_checksum() -> Fault {
    Fault::new(
        "UPLOAD_CHECKSUM",
        "收到的内容与 Upload-Checksum 不符,未保存;请重传这一段",
        "what arrived has another digest than Upload-Checksum says; nothing was kept, send it again",
    )
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use proptest::prelude::*;

    use super::*;

    fn read(offset: &str, checksum: Option<&str>) -> Result<Said, ApiError> {
        let request = TestRequest::patch()
            .insert_header(("content-type", MEDIA_TYPE))
            .insert_header((OFFSET, offset));
        let request = match checksum {
            Some(checksum) => request.insert_header((CHECKSUM, checksum)),
            None => request,
        };
        said(&request.to_http_request())
    }

    #[test]
    fn an_offset_is_a_number_without_a_sign_and_a_checksum_one_whole_digest() {
        for wrong in [
            "",
            " ",
            "-1",
            "+1",
            "0x1",
            "1.0",
            "18446744073709551616",
            "１",
        ] {
            assert!(read(wrong, None).is_err(), "{wrong}");
        }
        let digest = STANDARD.encode([7; 32]);
        assert_eq!(
            read("0", Some(&format!("sha256 {digest}"))).unwrap(),
            (0, Some([7; 32]))
        );
        for wrong in ["", "sha256", "sha1 AAAA", "sha256 AAAA", &digest] {
            assert!(read("0", Some(wrong)).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn each_offset_and_digest_comes_back_and_nothing_else_is_read_as_one(
            offset in any::<u64>(), digest in any::<[u8; 32]>(),
            odd in "[ -~]{0,24}", near in "(sha256|SHA256|sha1)? ?[A-Za-z0-9+/]{42,44}={0,2}",
        ) {
            let checksum = format!("sha256 {}", STANDARD.encode(digest));
            let both = read(&offset.to_string(), Some(&checksum));
            prop_assert_eq!(both.unwrap(), (offset, Some(digest)));
            if let Ok((read, None)) = read(&odd, None) {
                prop_assert!(odd.trim().bytes().all(|byte| byte.is_ascii_digit()));
                prop_assert_eq!(odd.trim().parse(), Ok(read));
            }
            for text in [odd, near] {
                if let Ok((_, Some(digest))) = read("0", Some(&text)) {
                    prop_assert_eq!(text.trim(), format!("sha256 {}", STANDARD.encode(digest)));
                }
            }
        }
    }
}
