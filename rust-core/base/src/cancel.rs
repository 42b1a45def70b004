//! Telling a job to stop.

use std::convert::Infallible;
use std::io::{self, Read, Seek, SeekFrom};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TryRecvError};
use parking_lot::Mutex;

/// The job was told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operation was cancelled")]
pub struct Cancelled;

/// What a running op looks at. Clones belong to the same job.
#[derive(Clone, Debug)]
pub struct Cancel {
    // Nothing is ever sent: cancelling closes the channel, which ends every wait on it at once.
    closed: Receiver<Infallible>,
}

/// The other end of a [`Cancel`]: cancels when told to, and when dropped.
#[derive(Debug)]
pub struct CancelSource {
    open: Mutex<Option<Sender<Infallible>>>,
}

impl CancelSource {
    /// A source and what it cancels.
    pub fn new() -> (Self, Cancel) {
        let (open, closed) = crossbeam_channel::bounded(0);
        let open = Mutex::new(Some(open));
        (Self { open }, Cancel { closed })
    }

    /// Cancels; the second time does nothing.
    pub fn cancel(&self) {
        self.open.lock().take();
    }
}

impl Cancel {
    /// One that is never cancelled.
    pub fn never() -> Self {
        Self { closed: crossbeam_channel::never() }
    }

    /// Whether the job was told to stop.
    pub fn is_cancelled(&self) -> bool {
        self.closed.try_recv() == Err(TryRecvError::Disconnected)
    }

    /// An error if the job was told to stop.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }

    /// Waits that long, or until the job is told to stop.
    pub fn wait(&self, duration: Duration) -> Result<(), Cancelled> {
        match self.closed.recv_timeout(duration) {
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Err(RecvTimeoutError::Disconnected) => Err(Cancelled),
            Ok(never) => match never {},
        }
    }

    /// Waits until this job or the other one is told to stop.
    pub fn wait_for_either(&self, other: &Self) {
        crossbeam_channel::select! {
            recv(self.closed) -> _ => {}
            recv(other.closed) -> _ => {}
        }
    }

    /// For `select!`: receives nothing, and is disconnected once the job is told to stop.
    pub fn receiver(&self) -> &Receiver<Infallible> {
        &self.closed
    }
}

/// A file that is read until the job is told to stop: from then on reading fails.
#[derive(Debug)]
pub struct Stoppable<R> {
    from: R,
    cancel: Cancel,
}

impl<R> Stoppable<R> {
    /// This one, for the job of that.
    pub fn new(from: R, cancel: &Cancel) -> Self {
        Self { from, cancel: cancel.clone() }
    }
}

impl<R: Read> Read for Stoppable<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.cancel.check().map_err(io::Error::other)?;
        self.from.read(into)
    }
}

impl<R: Seek> Seek for Stoppable<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.from.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGES: Duration = Duration::from_hours(1);

    #[test]
    fn a_wait_ends_at_once_on_cancel() {
        let (source, cancel) = CancelSource::new();
        let waiting = cancel.clone();
        let waiter = std::thread::spawn(move || waiting.wait(AGES));
        source.cancel();
        assert!(matches!(waiter.join(), Ok(Err(Cancelled))));
        assert!(cancel.is_cancelled());
        assert_eq!(cancel.check(), Err(Cancelled));
    }

    #[test]
    fn a_wait_that_nobody_ends_comes_to_its_own_end() {
        let (_source, cancel) = CancelSource::new();
        assert_eq!(cancel.wait(Duration::from_millis(1)), Ok(()));
        assert_eq!(Cancel::never().wait(Duration::from_millis(1)), Ok(()));
        assert!(!cancel.is_cancelled());
        assert!(!Cancel::never().is_cancelled());
    }

    #[test]
    fn cancelling_twice_is_cancelling_once() {
        let (source, cancel) = CancelSource::new();
        source.cancel();
        source.cancel();
        assert!(cancel.is_cancelled());
    }

    #[test]
    fn a_file_is_read_until_the_cancel() -> io::Result<()> {
        let (source, cancel) = CancelSource::new();
        let mut file = Stoppable::new(io::Cursor::new([1, 2, 3]), &cancel);
        let mut byte = [0];
        file.read_exact(&mut byte)?;
        source.cancel();
        assert!(file.read(&mut byte).is_err());
        assert_eq!((byte, file.stream_position()?), ([1], 1));
        Ok(())
    }

    #[test]
    fn select_sees_the_cancel() {
        let (source, cancel) = CancelSource::new();
        let (_work, done) = crossbeam_channel::bounded::<()>(0);
        source.cancel();
        let cancelled = crossbeam_channel::select! {
            recv(cancel.receiver()) -> gone => gone.is_err(),
            recv(done) -> _ => false,
        };
        assert!(cancelled);
    }
}
