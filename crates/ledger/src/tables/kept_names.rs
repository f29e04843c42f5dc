//! Names of files in answers that are kept under idempotency keys: sealed there, as in their rows.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::error::LedgerError;
use crate::identity::IdentityKeys;
use crate::tables::idempotency_keys::{IdempotencyClaim, StoredAnswer};

/// The member of an answer that names a file.
const NAME: &str = "file_name";

/// What stands in its place while the answer is kept.
const SEALED: &str = "sealed";

/// To what the names of an answer are sealed.
fn owner(fingerprint: &[u8; 32]) -> Vec<u8> {
    [b"file name in answer ".as_slice(), fingerprint].concat()
}

/// An answer as it is kept: no file's name in the clear.
pub(super) fn sealed(
    keys: &IdentityKeys,
    claim: &IdempotencyClaim,
    body: &Value,
) -> Result<Value, LedgerError> {
    let mut body = body.clone();
    each_name(&mut body, &mut |name| {
        let Value::String(text) = name else {
            return Ok(());
        };
        let sealed = keys.seal_to(&owner(&claim.fingerprint), text.as_bytes())?;
        *name = json!({ SEALED: STANDARD.encode(sealed) });
        Ok(())
    })?;
    Ok(body)
}

/// An answer as it was given.
pub(super) fn opened(
    keys: &IdentityKeys,
    claim: &IdempotencyClaim,
    mut answer: StoredAnswer,
) -> Result<StoredAnswer, LedgerError> {
    let corrupt = || LedgerError::Corrupt("idempotency_keys.body");
    each_name(&mut answer.body, &mut |name| {
        let Some(sealed) = name.get(SEALED).and_then(Value::as_str) else {
            return Ok(());
        };
        let sealed = STANDARD.decode(sealed).map_err(|_| corrupt())?;
        let text = keys.open_of(&owner(&claim.fingerprint), &sealed)?;
        *name = Value::String(String::from_utf8(text).map_err(|_| corrupt())?);
        Ok(())
    })?;
    Ok(answer)
}

fn each_name(
    body: &mut Value,
    visit: &mut impl FnMut(&mut Value) -> Result<(), LedgerError>,
) -> Result<(), LedgerError> {
    match body {
        Value::Array(elements) => elements.iter_mut().try_for_each(|it| each_name(it, visit)),
        Value::Object(members) => members.iter_mut().try_for_each(|(member, value)| {
            if member == NAME {
                visit(value)
            } else {
                each_name(value, visit)
            }
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use creditbank_domain::ids::ClientId;

    use super::*;
    use crate::identity::IdentityKey;

    #[test]
    fn an_answer_is_kept_without_names_of_files_and_given_again_with_them() {
        let keys = IdentityKey::generate().derive();
        let body = json!({
            "file_name": "王小明成绩单.csv", "bytes": 3,
            "cohort": { "files": [{ "file_name": "王小明.xlsx" }, { "file_name": null }] },
        });
        let claim = |print: u8| IdempotencyClaim {
            client: ClientId::from_uuid(uuid::Uuid::from_u128(1)),
            route: "POST /v1/import-jobs",
            key: "k".to_owned(),
            fingerprint: [print; 32],
        };
        let kept = sealed(&keys, &claim(7), &body).unwrap();
        assert!(!kept.to_string().contains("王小明"), "{kept}");
        assert_eq!(kept["bytes"], 3);
        let again = |print: u8, body: &Value| {
            let (status, body) = (201, body.clone());
            opened(&keys, &claim(print), StoredAnswer { status, body }).map(|it| it.body)
        };
        assert_eq!(again(7, &kept).unwrap(), body);
        assert!(again(8, &kept).is_err());
        // What was kept before names were sealed is given as it is.
        assert_eq!(again(7, &body).unwrap(), body);
    }
}
