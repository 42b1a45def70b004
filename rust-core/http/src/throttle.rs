//! What the service has said of its limits, shared by all connections of this process to one tenant: a job that was told
//! to wait makes the others wait too, since they draw on the same limit. Connections to other tenants meet here only where the
//! service says that it is the application's limit over all tenants.
//!
//! Source: Microsoft Graph documentation, "Throttling guidance" and "Throttling limits": limits count per application and
//! tenant over ten seconds; `x-ms-throttle-limit-percentage` comes once four fifths are used, as 0.8 to 1.8;
//! `x-ms-throttle-scope` says whose limit was met.

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
/// The header, likewise, that says whose limit was met: `Tenant_Application/...`, or `Application/...` for that over all tenants.
pub const SCOPE: &str = "x-ms-throttle-scope";
/// Limits are counted over this time.
const WINDOW: Duration = Duration::from_secs(10);
/// From this share of the limit on the service reports it, and requests are spread.
const BUSY: f64 = 0.8;
/// The pause for a limit that is passed by as much as is ever reported (1.8).
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

static TENANTS: Lazy<Shared<(String, Uuid), Limit>> = Lazy::new(Shared::default);
static APPLICATIONS: Lazy<Shared<(String, Uuid), Limit>> = Lazy::new(Shared::default);

/// The limits that a connection's requests count for, as this process has learned them.
#[derive(Debug, Default)]
pub struct Throttle {
    tenant: Arc<Limit>,
    application: Arc<Limit>,
}

/// Whose limit a request has met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Whose {
    /// The tenant's, or the application's in the tenant.
    #[default]
    Tenant,
    /// The application's over all tenants.
    Application,
}

impl Whose {
    /// By the value of [`SCOPE`].
    pub fn named(scope: Option<&str>) -> Self {
        let first = scope.and_then(|scope| scope.trim().split('/').next());
        if first.is_some_and(|first| first.eq_ignore_ascii_case("Application")) {
            Self::Application
        } else {
            Self::Tenant
        }
    }
}

/// One limit.
#[derive(Debug, Default)]
struct Limit(Mutex<Told>);

#[derive(Debug, Default)]
struct Told {
    /// By the clocks' [`Clock::elapsed`], as all moments here: the time of day may be set while somebody waits.
    shut_until: Option<Duration>,
    /// Share of the limit that was used, and when that was said.
    used: Option<(f64, Duration)>,
}

impl Throttle {
    /// Those of a tenant and an application at this address of Graph; they live as long as a connection holds them. Without the
    /// application's id what is said of its limit holds for this connection alone.
    pub fn of(graph: &str, tenant: Uuid, client_id: Option<Uuid>) -> Self {
        let application = client_id.map(|client_id| APPLICATIONS.get((graph.to_owned(), client_id)));
        Self { tenant: TENANTS.get((graph.to_owned(), tenant)), application: application.unwrap_or_default() }
    }

    /// The service asked to wait this long, of whichever request.
    pub fn shut_for(&self, asked: Duration, whose: Whose, now: Duration) {
        let until = now.saturating_add(asked.min(LONGEST_WAIT));
        let limit = match whose {
            Whose::Tenant => &self.tenant,
            Whose::Application => &self.application,
        };
        let mut told = limit.0.lock();
        told.shut_until = told.shut_until.max(Some(until));
    }

    /// Takes note of the value of [`USED`] in an answer; one that is no number says nothing.
    pub fn learn(&self, used: &str, now: Duration) {
        let used = used.trim().parse::<f64>().ok();
        if let Some(used) = used.filter(|used| used.is_finite()) {
            self.tenant.0.lock().used = Some((used, now));
        }
    }

    /// Waits before a request as long as the limits ask for, out of the call's budget. A budget that doesn't allow it
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
        let now = clock.elapsed();
        let of_application = || {
            let left = self.application.shut_for(now)?;
            Some((left, "Microsoft Graph throttles this application's requests to all tenants"))
        };
        let shut = self.tenant.shut_for(now).map(|left| (left, "Microsoft Graph throttles this tenant's requests"));
        shut.or_else(of_application).or_else(|| {
            let pause = self.tenant.spread(clock)?;
            Some((pause, "this tenant's limit of Microsoft Graph is nearly used up"))
        })
    }
}

impl Limit {
    /// How long the service wants no request.
    fn shut_for(&self, now: Duration) -> Option<Duration> {
        let mut told = self.0.lock();
        let left = told.shut_until?.saturating_sub(now);
        if left.is_zero() {
            told.shut_until = None;
            return None;
        }
        Some(left)
    }

    /// The pause that spreads requests. Told once, heeded once: the next answer says whether it is still so.
    fn spread(&self, clock: &dyn Clock) -> Option<Duration> {
        let (used, at) = self.0.lock().used.take()?;
        let over = (used - BUSY).clamp(0.0, 1.0);
        let fresh = clock.elapsed().saturating_sub(at) < WINDOW;
        let pause = LONGEST_PAUSE.mul_f64(over * (0.75 + clock.jitter() / 2.0));
        (fresh && !pause.is_zero()).then_some(pause)
    }
}
