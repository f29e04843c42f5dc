//! A file from outside, and how long its reading may take.
//!
//! Sizes are bounded everywhere else. This bounds the time: of reading alone, for what is done with
//! a row that was read (posting it, among others) has limits of its own.

use std::cell::Cell;
use std::fmt;
use std::fs::File;
use std::io::{Cursor, Error, ErrorKind, Read, Result, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use creditbank_domain::fault::Fault;

use crate::cell::Row;
use crate::faults;
use crate::limits::READING_MAX;
use crate::trust::Trust;

/// What the process was told.
static SAID: OnceLock<Duration> = OnceLock::new();

/// Says for the whole process how long one file may be read; what is said first holds.
pub fn limit_reading(most: Duration) {
    let _ = SAID.set(most);
}

/// A file that is being read.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    path: PathBuf,
    patience: Patience,
    trust: Trust,
    octets: Option<Rc<[u8]>>,
}

impl Input {
    /// A file whose time begins now.
    pub(crate) fn of(path: &Path) -> Self {
        let started = Instant::now();
        let most = SAID.get().copied().unwrap_or(READING_MAX);
        Self::within(path, Patience::new(move || started.elapsed(), most))
    }

    /// A file that was read before, within its time.
    pub(crate) fn untimed(path: &Path) -> Self {
        Self::within(path, Patience::new(|| Duration::ZERO, READING_MAX))
    }

    /// A file with a time of its own.
    pub(crate) fn within(path: &Path, patience: Patience) -> Self {
        Self {
            path: path.to_owned(),
            patience,
            trust: Trust::default(),
            octets: None,
        }
    }

    /// The same, of which some signers are trusted.
    pub(crate) fn trusting(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }

    /// The same with other bytes in the place of the file's: what was packed into it, or what of it
    /// is signed. Its place, its time and its trust stay.
    pub(crate) fn holding(&self, octets: Vec<u8>) -> Self {
        Self {
            octets: Some(octets.into()),
            ..self.clone()
        }
    }

    /// Whose signatures count.
    pub(crate) fn trust(&self) -> &Trust {
        &self.trust
    }

    /// How many bytes it has.
    pub(crate) fn byte_count(&self) -> Result<u64> {
        match &self.octets {
            Some(octets) => Ok(u64::try_from(octets.len()).unwrap_or(u64::MAX)),
            None => std::fs::metadata(&self.path).map(|it| it.len()),
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The time that all who read it share.
    pub(crate) fn patience(&self) -> &Patience {
        &self.patience
    }

    /// Opens it; every reading of it asks for the time first.
    pub(crate) fn open(&self) -> Result<Opened> {
        let source = match &self.octets {
            Some(octets) => Content::Octets(Cursor::new(octets.clone())),
            None => Content::File(File::open(&self.path)?),
        };
        Ok(Timed {
            source,
            patience: self.patience.clone(),
        })
    }
}

/// What an open file gives, for as long as there is time.
pub(crate) type Opened = Timed<Content>;

/// Where its bytes are.
pub(crate) enum Content {
    /// On disk.
    File(File),
    /// In memory.
    Octets(Cursor<Rc<[u8]>>),
}

impl Read for Content {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Octets(octets) => octets.read(buffer),
        }
    }
}

impl Seek for Content {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        match self {
            Self::File(file) => file.seek(to),
            Self::Octets(octets) => octets.seek(to),
        }
    }
}

/// How long somebody waits.
#[derive(Clone)]
pub(crate) struct Patience(Rc<Waiting>);

struct Waiting {
    clock: Box<dyn Fn() -> Duration>,
    most: Duration,
    elsewhere: Cell<Duration>,
    spent: Cell<bool>,
}

impl fmt::Debug for Patience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Patience").field(&self.0.most).finish()
    }
}

impl Patience {
    /// `clock` says how much time has gone by since the beginning.
    pub(crate) fn new(clock: impl Fn() -> Duration + 'static, most: Duration) -> Self {
        Self(Rc::new(Waiting {
            clock: Box::new(clock),
            most,
            elsewhere: Cell::default(),
            spent: Cell::default(),
        }))
    }

    /// True where reading has taken too long, once and for all.
    pub(crate) fn is_spent(&self) -> bool {
        let waiting = &self.0;
        if !waiting.spent.get() {
            let reading = (waiting.clock)().saturating_sub(waiting.elsewhere.get());
            waiting.spent.set(reading > waiting.most);
        }
        waiting.spent.get()
    }

    /// Hands a row on; the time until it comes back is not the reader's.
    pub(crate) fn hand_on(
        &self,
        row: Row,
        visit: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if self.is_spent() {
            return ControlFlow::Break(());
        }
        let before = (self.0.clock)();
        let flow = visit(row);
        let gone = (self.0.clock)().saturating_sub(before);
        let elsewhere = &self.0.elsewhere;
        elsewhere.set(elsewhere.get().saturating_add(gone));
        flow
    }

    /// What reading came to; whatever it stumbled over when its time was up, that is why.
    pub(crate) fn told<T>(
        &self,
        read: std::result::Result<T, Fault>,
    ) -> std::result::Result<T, Fault> {
        if self.0.spent.get() {
            return Err(faults::reading_too_long(self.0.most));
        }
        read
    }
}

/// A source that gives nothing any more when the time is up.
pub(crate) struct Timed<R> {
    source: R,
    patience: Patience,
}

impl<R: Read> Read for Timed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        if self.patience.is_spent() {
            return Err(Error::from(ErrorKind::TimedOut));
        }
        self.source.read(buffer)
    }
}

impl<R: Seek> Seek for Timed<R> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.source.seek(to)
    }
}
