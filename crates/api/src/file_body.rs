//! A file as a response body, read piece by piece, never whole into memory.

use std::fs::File;
use std::future::Future as _;
use std::io::Read as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::HttpResponse;
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header::{
    Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue,
};
use actix_web::rt::task::{JoinHandle, spawn_blocking};
use actix_web::web::Bytes;

use crate::desk::{DeskError, Making};
use crate::problem::ApiError;
use crate::state::ApiState;

const PIECE_BYTES: u64 = 64 * 1024;

type Piece = std::io::Result<(File, Vec<u8>)>;

/// An open file and how much of it is still to be sent.
pub(crate) struct FileBody {
    size: u64,
    left: u64,
    state: State,
}

enum State {
    Idle(Option<File>),
    /// Each piece is read by a thread that is free again at once, however slow the client is.
    Reading(JoinHandle<Piece>),
}

impl FileBody {
    /// Sends a file from where it stands; blocks.
    pub(crate) fn of(file: File) -> Result<Self, DeskError> {
        let size = file.metadata().map_err(DeskError::Storage)?.len();
        Ok(Self {
            size,
            left: size,
            state: State::Idle(Some(file)),
        })
    }
}

/// Answers with a result of the desk, as a file to be saved.
pub(crate) async fn download(
    state: &ApiState,
    find: impl FnOnce() -> Result<Making, DeskError> + Send + 'static,
) -> Result<HttpResponse, ApiError> {
    let making = state.ledger.take_turn(find).await?;
    let work = move || {
        let result = making.make()?;
        FileBody::of(result.file).map(|body| (result.file_name, body))
    };
    let (file_name, body) = state.ledger.work_at_file(work).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/octet-stream")
        .insert_header(attachment(file_name))
        .body(body))
}

/// To be saved under its own name, whatever its script (RFC 6266).
pub(crate) fn attachment(file_name: String) -> ContentDisposition {
    let name = ExtendedValue {
        charset: Charset::Ext("UTF-8".to_owned()),
        language_tag: None,
        value: file_name.into_bytes(),
    };
    ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::FilenameExt(name)],
    }
}

fn read_piece(mut file: File, bytes_max: u64) -> Piece {
    let mut piece = Vec::new();
    std::io::Read::by_ref(&mut file)
        .take(bytes_max)
        .read_to_end(&mut piece)?;
    Ok((file, piece))
}

impl MessageBody for FileBody {
    type Error = std::io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.size)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<std::io::Result<Bytes>>> {
        loop {
            match &mut self.state {
                State::Idle(file) => {
                    let (Some(file), true) = (file.take(), self.left > 0) else {
                        return Poll::Ready(None);
                    };
                    let bytes_max = self.left.min(PIECE_BYTES);
                    self.state =
                        State::Reading(spawn_blocking(move || read_piece(file, bytes_max)));
                }
                State::Reading(reading) => {
                    let done = ready!(Pin::new(reading).poll(context));
                    self.state = State::Idle(None);
                    let (file, piece) = done.map_err(std::io::Error::other)??;
                    if piece.is_empty() {
                        // Shorter than it was when it was opened.
                        return Poll::Ready(Some(Err(std::io::ErrorKind::UnexpectedEof.into())));
                    }
                    let read = u64::try_from(piece.len()).unwrap_or(u64::MAX);
                    self.left = self.left.saturating_sub(read);
                    self.state = State::Idle(Some(file));
                    return Poll::Ready(Some(Ok(piece.into())));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::sync::mpsc;

    use crate::auth::fixture::state;
    use crate::desk::ResultFile;

    use super::*;

    #[actix_web::test]
    async fn a_file_that_is_being_made_keeps_nobody_from_the_ledger() {
        let state = state();
        assert_eq!(state.ledger.occupancy(), (1, 0), "one turn");
        let (began, begun) = mpsc::channel();
        let (release, held) = mpsc::channel::<()>();
        let making = Making::new(move || {
            began.send(()).unwrap();
            // Ends when the sender is dropped.
            let _ended = held.recv();
            Ok(ResultFile {
                file: tempfile::tempfile().map_err(DeskError::Storage)?,
                file_name: "成绩.result.csv".to_owned(),
            })
        });
        let asked = state.clone();
        let asked = actix_web::rt::spawn(async move { download(&asked, || Ok(making)).await });
        let begun = spawn_blocking(move || begun.recv());
        begun.await.unwrap().unwrap();
        assert_eq!(state.ledger.occupancy(), (1, 0));
        let other = state.ledger.take_turn(|| Ok::<_, ApiError>(7));
        assert_eq!(other.await.unwrap(), 7);
        drop(release);
        let answer = asked.await.unwrap().unwrap();
        assert_eq!(answer.status().as_u16(), 200);
    }

    #[actix_web::test]
    async fn a_file_arrives_as_it_is() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let content: Vec<u8> = (0..200_000u32).flat_map(u32::to_le_bytes).collect();
        file.write_all(&content).unwrap();
        let body = FileBody::of(file.reopen().unwrap()).unwrap();
        let bytes = actix_web::body::to_bytes(body).await.unwrap();
        assert_eq!(bytes.as_ref(), content);
        let empty = tempfile::NamedTempFile::new().unwrap();
        let body = FileBody::of(empty.reopen().unwrap()).unwrap();
        assert!(actix_web::body::to_bytes(body).await.unwrap().is_empty());
    }
}
