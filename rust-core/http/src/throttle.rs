//! What the service has said of its limits, shared by all connections of this process to one tenant: a job that was told
//! to wait makes the others wait too, since they draw on the same limit. Connections to other tenants never meet here.
//!
//! Source: Microsoft Graph documentation, "Throttling guidance" and "Throttling limits": limits count per application and
//! tenant over ten seconds; `x-ms-throttle-limit-percentage` comes once four fifths are used, as 0.8 to 1.8.

use std::sync::Arc;
use std::time::Duration;

use once_cell::sync::Lazy;
use parking_lot::Mutex;
use uuid::Uuid;

use crate::shared::Shared;

use pp_base::call::Call;
use pp_base::cancel::Cancelled;
use pp_base::clock::Clock;
use pp_base::retry::LONGEST_WAIT;

/// The header, of an answer or of one in a batch, that says which share of the limit is used.
pub const USED: &str = "x-ms-throttle-limit-percentage";
/// Limits are counted over this time.
const WINDOW: Duration = Duration::from_secs(10);
/// From this share of the limit on the service reports it, and requests are spread.
const BUSY: f64 = 0.8;
/// The pause for a limit that is passed by as much as is ever reported (1.8).
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

static TENANTS: Lazy<Shared<(String, Uuid), Throttle>> = Lazy::new(Shared::default);

/// The limits of one tenant as this process has learned them.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<Told>);

#[derive(Debug, Default)]
struct Told {
    /// By the clocks' [`Clock::elapsed`], as all moments here: the time of day may be set while somebody waits.
    shut_until: Option<Duration>,
    /// Share of the limit that was used, and when that was said.
    used: Option<(f64, Duration)>,
}

impl Throttle {
    /// The one of a tenant at this address of Graph; it lives as long as a connection holds it.
    pub fn of(graph: &str, tenant: Uuid) -> Arc<Self> {
        TENANTS.get((graph.to_owned(), tenant))
    }

    /// The service asked to wait this long, of whichever request.
    pub fn shut_for(&self, asked: Duration, now: Duration) {
        let until = now.saturating_add(asked.min(LONGEST_WAIT));
        let mut told = self.0.lock();
        told.shut_until = told.shut_until.max(Some(until));
    }

    /// Takes note of the value of [`USED`] in an answer; one that is no number says nothing.
    pub fn learn(&self, used: &str, now: Duration) {
        let used = used.trim().parse::<f64>().ok();
        if let Some(used) = used.filter(|used| used.is_finite()) {
            self.0.lock().used = Some((used, now));
        }
    }

    /// Waits before a request as long as the limit asks for, out of the call's budget. A budget that doesn't allow it
    /// lets the request go: the service's refusal then says why.
    pub fn wait(&self, clock: &dyn Clock, call: &Call<'_>) -> Result<(), Cancelled> {
        // Another request may have been told to wait meanwhile.
        while let Some((time, why)) = self.pause(clock) {
            if !call.budget.take(time) {
                return Ok(());
            }
            (call.log)(&format!("{why}: waiting {:.1} s before the next request", time.as_secs_f64()));
            clock.wait(time, call.cancel)?;
        }
        Ok(())
    }

    fn pause(&self, clock: &dyn Clock) -> Option<(Duration, &'static str)> {
        let mut told = self.0.lock();
        let now = clock.elapsed();
        if let Some(until) = told.shut_until {
            let left = until.saturating_sub(now);
            if !left.is_zero() {
                return Some((left, "Microsoft Graph throttles this tenant's requests"));
            }
            told.shut_until = None;
        }
        // Told once, heeded once: the next answer says whether it is still so.
        let (used, at) = told.used.take()?;
        let over = (used - BUSY).clamp(0.0, 1.0);
        let fresh = now.saturating_sub(at) < WINDOW;
        let pause = LONGEST_PAUSE.mul_f64(over * (0.75 + clock.jitter() / 2.0));
        (fresh && !pause.is_zero()).then_some((pause, "this tenant's limit of Microsoft Graph is nearly used up"))
    }
}
