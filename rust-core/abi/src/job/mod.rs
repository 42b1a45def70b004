//! Jobs: a job is one op at work, with a worker thread, an event queue and a way to cancel it.

mod queue;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;

pub use queue::MAX_QUEUED_BYTES;

use pp_base::cancel::{Cancel, CancelSource, Cancelled};
use pp_base::guard::{self, Panicked};
use pp_base::handle::{HandleError, HandleKind, Table, TableFull};
use pp_command::event::{Event, Kind, Payload};
use pp_command::output::Output;
use pp_report::error::OpError;
use queue::{End, Next, Queue};

/// How many jobs may run at once.
pub const MAX_RUNNING: usize = 64;

static JOBS: LazyLock<Table<Job>> = LazyLock::new(|| Table::new(HandleKind::Job));
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// One op, running or ended.
#[derive(Debug)]
pub struct Job {
    queue: Arc<Queue>,
    source: CancelSource,
    reader: Mutex<()>,
}

/// Why a job did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// As many jobs run as may.
    #[error("{MAX_RUNNING} jobs are running already")]
    TooMany,
    /// As many jobs wait to be freed as the table holds.
    #[error(transparent)]
    TableFull(#[from] TableFull),
    /// The system gives no thread.
    #[error("no thread could be started")]
    NoThread(#[source] std::io::Error),
}

/// Why a job has no next event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NextError {
    /// Another thread is waiting for the next event of this job.
    #[error("another thread is waiting for the next event of this job")]
    OtherThread,
    /// The op panicked; that is a bug of this library.
    #[error("the operation panicked")]
    Panicked,
}

/// Which jobs a job counts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// One of those that may run at once.
    Running,
    /// None: it is over at once, and what it lets go of must not stay because others run.
    Nowhere,
}

/// Starts an op on a thread of its own; the answer is the job's handle. An error it returns is the last event before the end.
pub fn start(
    op: impl FnOnce(&Output) -> Result<(), OpError> + Send + 'static,
    counts: Counts,
) -> Result<u64, StartError> {
    let place = match counts {
        Counts::Running => Some(RunningPlace::take().ok_or(StartError::TooMany)?),
        Counts::Nowhere => None,
    };
    let (source, cancel) = CancelSource::new();
    let queue = Arc::new(Queue::default());
    let handle = JOBS.insert(Arc::new(Job { queue: Arc::clone(&queue), source, reader: Mutex::new(()) }))?;
    let worker = thread::Builder::new().name("ppfederation-job".to_owned());
    let started = worker.spawn(move || work(op, &queue, cancel, place));
    if let Err(error) = started {
        let _ = JOBS.remove(handle);
        return Err(StartError::NoThread(error));
    }
    Ok(handle)
}

/// The job behind a handle.
pub fn find(handle: u64) -> Result<Arc<Job>, HandleError> {
    JOBS.get(handle)
}

/// Forgets a job and drops its events; a running one is cancelled and not waited for.
pub fn free(handle: u64) -> Result<(), HandleError> {
    let job = JOBS.remove(handle)?;
    job.source.cancel();
    job.queue.discard();
    Ok(())
}

impl Job {
    /// Tells the job to stop. What it said before is still delivered, what it says from now on is dropped.
    pub fn cancel(&self) {
        self.source.cancel();
        self.queue.finish(End::Cancelled);
    }

    /// The next event; `None` if there was none within the time-out.
    pub fn next(&self, timeout: Duration) -> Result<Option<Event>, NextError> {
        let _only_reader = self.reader.try_lock().ok_or(NextError::OtherThread)?;
        match self.queue.pop(timeout) {
            Next::Event(event) => Ok(Some(event)),
            Next::Nothing => Ok(None),
            Next::End(End::Done) => Ok(Some(empty(Kind::Done))),
            Next::End(End::Cancelled) => Ok(Some(empty(Kind::Cancelled))),
            Next::End(End::Panicked) => Err(NextError::Panicked),
        }
    }
}

fn empty(kind: Kind) -> Event {
    Event { kind, payload: Payload::Plain(Vec::new()) }
}

/// What the worker thread does: the op, then the end. The place is given back before the end can be seen, so that
/// who has seen it can start the next job.
fn work(
    op: impl FnOnce(&Output) -> Result<(), OpError>,
    queue: &Arc<Queue>,
    cancel: Cancel,
    place: Option<RunningPlace>,
) {
    let events = Arc::clone(queue);
    let output = Output::new(Box::new(move |event| events.push(event)), cancel);
    let end = guard::contain(|| run(op, &output)).unwrap_or_else(|panicked| tell_place(queue, &panicked));
    drop(place);
    queue.finish(end);
}

fn run(op: impl FnOnce(&Output) -> Result<(), OpError>, output: &Output) -> End {
    let outcome = op(output).or_else(|error| match error {
        OpError::Failed(report) => output.error(&report),
        OpError::Cancelled(cancelled) => Err(cancelled),
    });
    match outcome {
        Ok(()) => End::Done,
        Err(Cancelled) => End::Cancelled,
    }
}

/// The code for a panic carries no text, so where it was goes to the verbose stream.
fn tell_place(queue: &Queue, panicked: &Panicked) -> End {
    if let Some(place) = &panicked.place {
        let text = format!("The operation failed in the library, at {place}.");
        let payload = Payload::Plain(text.into_bytes());
        let kind = Kind::Verbose;
        // A cancelled job has no listener, and needs none.
        let _ = queue.push_last(Event { kind, payload });
    }
    End::Panicked
}

/// One of the places for running jobs, given back when dropped.
struct RunningPlace;

impl RunningPlace {
    fn take() -> Option<Self> {
        let more = |running| (running < MAX_RUNNING).then_some(running + 1);
        RUNNING.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).ok().map(|_before| Self)
    }
}

impl Drop for RunningPlace {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::AcqRel);
    }
}
