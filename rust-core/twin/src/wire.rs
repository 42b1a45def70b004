//! How an answer travels: whole, late, in pieces, cut off, or not at all.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::Notify;
use tokio::time::Sleep;

/// What befalls an answer on its way.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wire {
    /// Real time before the answer begins.
    pub(crate) delay: Duration,
    pub(crate) end: End,
    /// Bytes of each piece, and the real time before it.
    pub(crate) drip: Option<(usize, Duration)>,
}

/// How an answer ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum End {
    #[default]
    Whole,
    /// The connection ends before the answer begins.
    Lost { reset: bool },
    /// It is reset in the middle of the body.
    ResetInBody,
    /// The body ends in the middle.
    Truncated { announced: bool },
}

impl Wire {
    /// Both fates on one answer.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            delay: self.delay.max(other.delay),
            end: if self.end == End::Whole { other.end } else { self.end },
            drip: self.drip.or(other.drip),
        }
    }
}

/// Ends a connection from within one of its requests.
#[derive(Debug, Default)]
pub(crate) struct Cut {
    wanted: Notify,
    reset: AtomicBool,
}

impl Cut {
    pub(crate) fn fire(&self, reset: bool) {
        self.reset.store(reset, Ordering::Relaxed);
        self.wanted.notify_one();
    }

    /// Waits for the cut; whether it is a reset.
    pub(crate) async fn wanted(&self) -> bool {
        self.wanted.notified().await;
        self.reset.load(Ordering::Relaxed)
    }
}

/// The body of an answer on its way.
#[derive(Debug)]
pub(crate) struct Feed {
    pieces: VecDeque<Bytes>,
    /// What `Content-Length` says.
    length: u64,
    pause: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
    /// Fired behind the last piece: whether by a reset.
    cut: Option<(Arc<Cut>, bool)>,
}

impl Feed {
    /// The bytes of an answer that has this fate.
    pub(crate) fn new(bytes: &Bytes, wire: &Wire, cut: &Arc<Cut>) -> Self {
        let half = bytes.slice(..bytes.len() / 2);
        let (sent, announced, cut) = match wire.end {
            End::ResetInBody => (half, bytes.len(), Some((Arc::clone(cut), true))),
            End::Truncated { announced: true } => (half, bytes.len(), Some((Arc::clone(cut), false))),
            End::Truncated { announced: false } => (half.clone(), half.len(), None),
            End::Whole | End::Lost { .. } => (bytes.clone(), bytes.len(), None),
        };
        let (size, pause) = wire.drip.unwrap_or((sent.len(), Duration::ZERO));
        let starts = (0..sent.len()).step_by(size.max(1));
        let pieces = starts.map(|start| sent.slice(start..sent.len().min(start + size.max(1)))).collect();
        Self { pieces, length: announced as u64, pause, sleep: None, cut }
    }

    /// Waits out the pause before a piece.
    fn paused(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.pause.is_zero() {
            return Poll::Ready(());
        }
        let pause = self.pause;
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(pause)));
        let waited = sleep.as_mut().poll(context);
        if waited.is_ready() {
            self.sleep = None;
        }
        waited
    }
}

impl Body for Feed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if !self.pieces.is_empty() && self.paused(context).is_pending() {
            return Poll::Pending;
        }
        match (self.pieces.pop_front(), self.cut.take()) {
            (Some(piece), cut) => {
                self.cut = cut;
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            // What was fed is written before the connection notices; then this body is dropped with it.
            (None, Some((cut, reset))) => {
                cut.fire(reset);
                Poll::Pending
            }
            (None, None) => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty() && self.cut.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
