//! How far a fleet is, and for how long it will go on.

use std::time::Duration;

use super::told::FAILED;
use crate::output::{Output, Progress};
use pp_base::cancel::Cancelled;

/// Counts tenants.
pub(super) struct Counted {
    activity: String,
    all: usize,
    begun: Duration,
    done: usize,
    /// Those of them that the ledger had an end of: they took no time, and say nothing of what others will take.
    left_alone: usize,
    failed: usize,
}

impl Counted {
    pub(super) fn new(action: &str, all: usize, now: Duration) -> Self {
        Self { activity: format!("{action} in {all} tenants"), all, begun: now, done: 0, left_alone: 0, failed: 0 }
    }

    /// One more has ended, or was left alone.
    pub(super) fn ended(
        &mut self,
        result: &str,
        left_alone: bool,
        output: &Output,
        now: Duration,
    ) -> Result<(), Cancelled> {
        self.done += 1;
        self.left_alone += usize::from(left_alone);
        self.failed += usize::from(result == FAILED);
        let took = now.saturating_sub(self.begun).as_secs();
        let (done, left) = (self.done as u64, self.all.saturating_sub(self.done) as u64);
        let worked_on = self.done.saturating_sub(self.left_alone) as u64;
        let failed = if self.failed > 0 { format!(", {} of them failed", self.failed) } else { String::new() };
        output.progress(Progress {
            activity: &self.activity,
            status: &format!("{done} of {}{failed}", self.all),
            percent: u8::try_from(done * 100 / (self.all as u64).max(1)).ok(),
            seconds_remaining: took
                .saturating_mul(left)
                .checked_div(worked_on)
                .and_then(|left| u32::try_from(left).ok()),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use pp_base::cancel::Cancel;

    use super::*;
    use crate::event::{Event, Payload};

    #[test]
    fn a_fleet_says_how_far_it_is_and_for_how_long_it_will_go_on() -> Result<(), Cancelled> {
        let (sender, told) = mpsc::channel();
        let send = move |event: Event| {
            if let Payload::Plain(text) = event.payload {
                sender.send(String::from_utf8_lossy(&text).into_owned()).map_err(|_| Cancelled)?;
            }
            Ok(())
        };
        let output = Output::new(Box::new(send), Cancel::never());
        let mut counted = Counted::new("Status", 8, Duration::from_secs(100));
        counted.ended("Done", false, &output, Duration::from_secs(110))?;
        counted.ended(FAILED, false, &output, Duration::from_secs(112))?;
        counted.ended("Done", true, &output, Duration::from_secs(112))?;
        let said = |status: &str, percent: u8, left: u32| {
            let told = told.recv().unwrap_or_default();
            let parts =
                [status.to_owned(), format!(r#"PercentComplete">{percent}<"#), format!(r#"SecondsRemaining">{left}<"#)];
            for part in parts {
                assert!(told.contains(&part), "{part}: {told}");
            }
        };
        said("Status in 8 tenants", 12, 70);
        said("2 of 8, 1 of them failed", 25, 36);
        said("3 of 8, 1 of them failed", 37, 30);
        Ok(())
    }
}
