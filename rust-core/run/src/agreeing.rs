//! Looks in a row that agree. Back to back they say little: one replica may answer them all.

use std::time::Duration;

use pp_base::cancel::Cancelled;
use pp_base::retry::pause;
use pp_graph::Graph;

use crate::name_taken::LONG_ENOUGH;

/// Looks in a row that must show the same. Source: terraform-provider-azuread, internal/helpers/consistency: two, five
/// seconds apart.
pub(crate) const ENOUGH: u32 = 2;

/// Time between two of them.
pub(crate) const BETWEEN: Duration = Duration::from_secs(5);

/// The looks so far.
#[derive(Debug, Default)]
pub(crate) struct Agreeing {
    looks: u32,
    /// When the last one was answered, by the clock's `elapsed`.
    last: Duration,
}

impl Agreeing {
    /// Waits until another look says more than the last one. A caller whose retry budget doesn't allow that has it at once.
    pub(crate) fn wait(&self, graph: &Graph<'_>) -> Result<(), Cancelled> {
        let left = BETWEEN.saturating_sub(graph.clock.elapsed().saturating_sub(self.last));
        if self.looks > 0 && !left.is_zero() {
            pause(graph.clock, &graph.call, left, "seen once; looking again, since a replica may lag")?;
        }
        Ok(())
    }

    /// Counts a look that was answered just now; how many agree by it.
    pub(crate) fn count(&mut self, agrees: bool, graph: &Graph<'_>) -> u32 {
        self.looks = if agrees { self.looks + 1 } else { 0 };
        self.last = graph.clock.elapsed();
        self.looks
    }
}

/// Since when looks in a row have not shown what was there by an earlier one. Asked for by its id, what a lagging replica doesn't know is
/// not found, as what is gone.
#[derive(Debug, Default)]
pub(crate) struct Absent {
    /// By the clock's `elapsed`.
    since: Option<Duration>,
}

impl Absent {
    /// Counts a look that was answered just now; whether no replica lags so long.
    pub(crate) fn count(&mut self, absent: bool, graph: &Graph<'_>) -> bool {
        let now = graph.clock.elapsed();
        self.since = absent.then(|| self.since.unwrap_or(now));
        self.since.is_some_and(|since| now.saturating_sub(since) >= LONG_ENOUGH)
    }
}

/// Looks until one lacks nothing that a replica which lags may not show yet, or until as many as have to agree lack as much: what
/// lacks least. `lacks` says how much that is.
pub fn fullest<T, E: From<Cancelled>>(
    graph: &Graph<'_>,
    mut look: impl FnMut() -> Result<T, E>,
    lacks: impl Fn(&T) -> u8,
) -> Result<T, E> {
    let (mut fullest, mut agreeing) = (look()?, Agreeing::default());
    while lacks(&fullest) > 0 && agreeing.count(true, graph) < ENOUGH {
        agreeing.wait(graph)?;
        let next = look()?;
        if lacks(&next) < lacks(&fullest) {
            (fullest, agreeing) = (next, Agreeing::default());
        }
    }
    Ok(fullest)
}
