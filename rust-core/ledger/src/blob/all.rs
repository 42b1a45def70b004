//! Reading tenants: a list of blobs, and the lines of several at a time.

use std::collections::{BTreeMap, BTreeSet};

use parking_lot::Mutex;
use pp_base::call::Call;
use pp_base::retry::Budget;
use pp_http::Method;
use uuid::Uuid;

use super::Terms;
use super::refusal::between;
use super::service::{Ask, Service};
use crate::Contents;
use crate::error::LedgerError;
use crate::state::States;

/// Tenants that are read at the same time.
const AT_ONCE: usize = 16;

impl Service {
    /// Reads these tenants, all where none are named. What is wrong with the lines of one keeps no other from being read; any other error is
    /// the first that came.
    pub(super) fn read_tenants(
        &self,
        tenants: Option<&BTreeSet<Uuid>>,
        terms: Terms,
        call: &Call<'_>,
    ) -> Result<Contents, LedgerError> {
        let mut there = self.tenants(call)?;
        there.retain(|tenant| tenants.is_none_or(|tenants| tenants.contains(tenant)));
        let there = Mutex::new(there.into_iter());
        let (states, unreadable) = (Mutex::new(States::default()), Mutex::new(BTreeMap::new()));
        let failed = Mutex::new(None);
        let one_after_the_other = || {
            loop {
                let next = there.lock().next();
                let Some(tenant) = next.filter(|_| failed.lock().is_none()) else { return };
                // Its own: so many that wait at once for a service that is busy would have used up one that they share at once.
                let budget = Budget::new(call.budget.left());
                let (call, mut its) = (Call { budget: &budget, ..*call }, States::default());
                match self.read_tenant(tenant, terms, &mut its, &call) {
                    Ok(_) => states.lock().join(its),
                    Err(error) if error.is_of_lines() => drop(unreadable.lock().insert(tenant, error)),
                    Err(error) => *failed.lock() = Some(error),
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..AT_ONCE {
                // Where the system has no more threads, those that there are do it.
                let _ = std::thread::Builder::new().name("pp-ledger".into()).spawn_scoped(scope, one_after_the_other);
            }
            one_after_the_other();
        });
        match failed.into_inner() {
            Some(error) => Err(error),
            None => {
                Ok(Contents { unreadable: unreadable.into_inner(), ..Contents::of(states.into_inner().all(), None) })
            }
        }
    }

    /// The tenants that have lines.
    fn tenants(&self, call: &Call<'_>) -> Result<BTreeSet<Uuid>, LedgerError> {
        let prefix = format!("{}lines/", self.address.prefix());
        let (mut tenants, mut marker) = (BTreeSet::new(), String::new());
        loop {
            let page = self.page(&prefix, &marker, call)?;
            // An account with folders lists these, too; whatever isn't named as a tenant's lines isn't any.
            let names = page.split("<Name>").skip(1).filter_map(|rest| rest.split_once("</Name>"));
            let found = names.filter_map(|(name, _)| name.strip_prefix(&prefix)?.split_once('/'));
            tenants.extend(found.filter_map(|(tenant, _)| Uuid::parse_str(tenant).ok()));
            match between(&page, "<NextMarker>", "</NextMarker>") {
                Some(next) if !next.is_empty() && next != marker => next.clone_into(&mut marker),
                _ => return Ok(tenants),
            }
        }
    }

    fn page(&self, prefix: &str, marker: &str, call: &Call<'_>) -> Result<String, LedgerError> {
        let marker = marker.replace("&amp;", "&");
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs([("restype", "container"), ("comp", "list"), ("prefix", prefix)]);
        if !marker.is_empty() {
            query.append_pair("marker", &marker);
        }
        let (url, query) = (self.address.container().to_owned(), query.finish());
        let name = "GET the list of the ledger's blobs";
        let answer = self.send(
            &Ask { name, method: Method::GET, url, query: &query, headers: Vec::new(), body: Vec::new() },
            call,
        )?;
        let text = String::from_utf8_lossy(&answer.body);
        if text.contains("<EnumerationResults") {
            return Ok(text.into_owned());
        }
        Err(LedgerError::NotALedger {
            place: self.address.to_string(),
            what: "what answers there is no Azure Blob Storage".into(),
        })
    }
}
