//! Sealed bytes: XChaCha20-Poly1305 in the STREAM construction, in pieces, so that memory stays
//! flat and a piece that is missing, moved or cut off is noticed.
//!
//! A sealed stream is a random nonce of 19 bytes and pieces of 64 KiB, each with its tag. It opens
//! only under its key and for the owner that it was sealed for.

use std::io::{self, Read, Write};

use aead_stream::{DecryptorBE32, EncryptorBE32};
use chacha20poly1305::aead::{KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305};

const NONCE_BYTES: usize = 19;
const PIECE_BYTES: usize = 64 << 10;
const TAG_BYTES: usize = 16;

/// Seals all of `source` into `out`.
pub(super) fn seal(
    (key, owner): (&[u8; 32], &[u8]),
    source: &mut dyn Read,
    out: &mut dyn Write,
) -> io::Result<()> {
    let nonce: [u8; NONCE_BYTES] = rand::random();
    out.write_all(&nonce)?;
    let cipher = XChaCha20Poly1305::new(&Key::from(*key));
    let mut stream = EncryptorBE32::from_aead(cipher, &nonce.into());
    let mut piece = read_piece(source, PIECE_BYTES)?;
    loop {
        let next = read_piece(source, PIECE_BYTES)?;
        let payload = Payload {
            msg: &piece,
            aad: owner,
        };
        if next.is_empty() {
            let last = stream.encrypt_last(payload).map_err(|_| broken())?;
            return out.write_all(&last);
        }
        let sealed = stream.encrypt_next(payload).map_err(|_| broken())?;
        out.write_all(&sealed)?;
        piece = next;
    }
}

/// Opens all of `source` into `out`. [`io::ErrorKind::InvalidData`] where it does not open.
pub(super) fn open(
    (key, owner): (&[u8; 32], &[u8]),
    source: &mut dyn Read,
    out: &mut dyn Write,
) -> io::Result<()> {
    let nonce: [u8; NONCE_BYTES] = read_piece(source, NONCE_BYTES)?
        .try_into()
        .map_err(|_| broken())?;
    let cipher = XChaCha20Poly1305::new(&Key::from(*key));
    let mut stream = DecryptorBE32::from_aead(cipher, &nonce.into());
    let mut piece = read_piece(source, PIECE_BYTES + TAG_BYTES)?;
    loop {
        let next = read_piece(source, PIECE_BYTES + TAG_BYTES)?;
        let payload = Payload {
            msg: &piece,
            aad: owner,
        };
        if next.is_empty() {
            let last = stream.decrypt_last(payload).map_err(|_| broken())?;
            return out.write_all(&last);
        }
        let opened = stream.decrypt_next(payload).map_err(|_| broken())?;
        out.write_all(&opened)?;
        piece = next;
    }
}

/// As many bytes as there are, up to this many.
fn read_piece(source: &mut dyn Read, bytes_max: usize) -> io::Result<Vec<u8>> {
    let mut piece = Vec::with_capacity(bytes_max);
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX);
    source.take(limit).read_to_end(&mut piece)?;
    Ok(piece)
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "sealed bytes do not open")
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn sealed(content: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        seal((&KEY, b"owner"), &mut &content[..], &mut out).unwrap();
        out
    }

    fn opened(key: [u8; 32], owner: &[u8], bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        open((&key, owner), &mut &bytes[..], &mut out).map(|()| out)
    }

    #[test]
    fn what_is_sealed_opens_whatever_its_length() {
        for length in [
            0,
            1,
            PIECE_BYTES - 1,
            PIECE_BYTES,
            PIECE_BYTES + 1,
            3 * PIECE_BYTES,
        ] {
            let content: Vec<u8> = (0..=250).cycle().take(length).collect();
            let bytes = sealed(&content);
            assert_eq!(opened(KEY, b"owner", &bytes).unwrap(), content, "{length}");
            assert!(length < 9 || !bytes.windows(9).any(|it| it == &content[..9]));
        }
    }

    #[test]
    fn nothing_opens_under_another_key_for_another_owner_or_when_it_was_changed() {
        let bytes = sealed(&[5; 2 * PIECE_BYTES + 10]);
        assert!(opened([8; 32], b"owner", &bytes).is_err());
        assert!(opened(KEY, b"other", &bytes).is_err());
        let piece = PIECE_BYTES + TAG_BYTES;
        // Cut off between two pieces, which each by itself is whole.
        assert!(opened(KEY, b"owner", &bytes[..NONCE_BYTES + piece]).is_err());
        let mut swapped = bytes.clone();
        let (first, second) = swapped[NONCE_BYTES..].split_at_mut(piece);
        first.swap_with_slice(&mut second[..piece]);
        assert!(opened(KEY, b"owner", &swapped).is_err());
        let mut tampered = bytes;
        tampered[NONCE_BYTES + 3] ^= 1;
        assert!(opened(KEY, b"owner", &tampered).is_err());
    }
}
