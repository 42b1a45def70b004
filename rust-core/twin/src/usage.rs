//! What requests cost, and how much of the allowance is used (Graph's page on throttling limits).

use time::{Duration, OffsetDateTime};

use crate::call::Call;

const WINDOW: Duration = Duration::seconds(10);

/// Collections of which a read costs two units; everything else costs one.
const DEARER: [&str; 4] = ["applications", "users", "oauth2PermissionGrants", "appRoleAssignments"];

/// The resource units of a request: `$select` and a small `$top` take one off, `$expand` adds one; never below one.
pub(crate) fn cost(call: &Call) -> u64 {
    let last = call.path.rsplit('/').find(|segment| !segment.is_empty()).unwrap_or_default();
    let base = if call.method == "GET" && DEARER.contains(&last) { 2 } else { 1 };
    let options = call.query_pairs();
    let has = |name: &str| options.iter().any(|(known, _)| known == name);
    let small = options.iter().any(|(name, value)| name == "$top" && value.parse::<u64>().is_ok_and(|top| top < 20));
    let discount = u64::from(has("$select")) + u64::from(small);
    (base + u64::from(has("$expand"))).saturating_sub(discount).max(1)
}

/// The units used in the window under way.
#[derive(Debug)]
pub(crate) struct Usage {
    allowance: u64,
    since: Option<OffsetDateTime>,
    units: u64,
}

impl Usage {
    /// Of one application in a tenant that has so many users, which is small, medium or large by that.
    pub(crate) fn in_tenant_of(users: u32) -> Self {
        let allowance = match users {
            0..50 => 3_500,
            50..=500 => 5_000,
            _ => 8_000,
        };
        Self { allowance, since: None, units: 0 }
    }

    /// Counts a request; the value of `x-ms-throttle-limit-percentage` once more than 80 percent are used.
    pub(crate) fn count(&mut self, units: u64, now: OffsetDateTime) -> Option<String> {
        if self.since.is_none_or(|since| now - since >= WINDOW || now < since) {
            (self.since, self.units) = (Some(now), 0);
        }
        self.units += units;
        let percent = self.units * 100 / self.allowance;
        // The page has the header from 0.8 to 1.8.
        let shown = percent.min(180);
        (percent > 80).then(|| format!("{}.{:02}", shown / 100, shown % 100))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost_of(method: &str, path: &str, query: &str) -> u64 {
        cost(&Call {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: Vec::new(),
            body: bytes::Bytes::new(),
        })
    }

    #[test]
    fn reads_of_large_collections_cost_more_unless_little_is_asked() {
        assert_eq!(cost_of("GET", "/v1.0/users", ""), 2);
        assert_eq!(cost_of("GET", "/v1.0/users", "$select=id"), 1);
        assert_eq!(cost_of("GET", "/v1.0/users", "$select=id&$top=5"), 1);
        assert_eq!(cost_of("GET", "/v1.0/users", "$expand=manager"), 3);
        assert_eq!(cost_of("POST", "/v1.0/applications", ""), 1);
        assert_eq!(cost_of("GET", "/v1.0/organization", ""), 1);
    }

    #[test]
    fn the_percentage_shows_past_eighty_and_ends_with_the_window() {
        let now = OffsetDateTime::UNIX_EPOCH;
        for (users, allowance) in [(1, 3_500), (49, 3_500), (50, 5_000), (500, 5_000), (501, 8_000), (1_000_000, 8_000)]
        {
            let mut usage = Usage::in_tenant_of(users);
            assert_eq!(usage.count(allowance * 8 / 10, now), None, "{users}");
            assert_eq!(usage.count(allowance / 100, now).as_deref(), Some("0.81"), "{users}");
            assert_eq!(usage.count(20_000, now).as_deref(), Some("1.80"), "{users}");
            assert_eq!(usage.count(1, now + WINDOW), None, "{users}");
        }
    }
}
