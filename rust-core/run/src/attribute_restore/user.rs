//! One user on its way back.

use pp_attributes::account::Account;
use pp_attributes::restore::{Asked, Plan, Restorable, Value, plan};
use pp_graph::batch::ItemResult;
use pp_graph::error::GraphError;
use pp_graph::reaction::Reaction;

use super::{Ended, Outcome, Restored, Wanted};

/// How the user is, as far as that is known.
#[derive(Debug)]
enum Now {
    /// It has to be read.
    Unknown,
    /// So, or it isn't there. What was written counts as seen.
    Known(Option<Account>),
}

/// One user on its way back.
#[derive(Debug)]
pub(super) struct User {
    was: Account,
    /// As it was seen first.
    first: Option<Account>,
    now: Now,
    /// The name that it had before it was taken away for the time being.
    before: Option<String>,
    /// Something of a write of several was refused: each is sent by itself.
    one_by_one: bool,
    /// What was refused, and how.
    refused: Vec<Value>,
    refusals: Vec<GraphError>,
    /// What last passed and was not mended by waiting.
    passing: Option<GraphError>,
    given_up: bool,
}

impl User {
    pub(super) fn new(was: Account) -> Self {
        Self {
            was,
            first: None,
            now: Now::Unknown,
            before: None,
            one_by_one: false,
            refused: Vec::new(),
            refusals: Vec::new(),
            passing: None,
            given_up: false,
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.was.id
    }

    pub(super) fn is_to_be_read(&self) -> bool {
        matches!(self.now, Now::Unknown) && !self.given_up
    }

    /// It was read, or could not be.
    pub(super) fn seen(&mut self, found: Result<Option<Account>, GraphError>) {
        match found {
            Ok(account) => {
                self.first = self.first.take().or_else(|| account.clone());
                self.now = Now::Known(account);
            }
            Err(error) => {
                self.passing = Some(error);
                self.given_up = true;
            }
        }
    }

    /// The retry budget is spent: what passes isn't waited for any more.
    pub(super) fn give_up(&mut self) {
        self.given_up |= matches!(self.now, Now::Unknown);
    }

    /// What to send next.
    pub(super) fn writes(&self, wanted: Wanted<'_>) -> Vec<Vec<Value>> {
        let Now::Known(now) = &self.now else { return Vec::new() };
        if self.given_up {
            return Vec::new();
        }
        let mut writes = self.plan(now.as_ref(), wanted).writes;
        if self.one_by_one && writes.first().is_some_and(|first| first.len() > 1) {
            writes.truncate(1);
            writes[0].truncate(1);
        }
        writes
    }

    fn plan(&self, now: Option<&Account>, Wanted { attributes, domains }: Wanted<'_>) -> Plan {
        plan(&self.was, now, Asked { attributes, domains, refused: &self.refused, before: self.before.as_deref() })
    }

    /// A write was answered. What passes by itself is given back.
    pub(super) fn took(&mut self, values: &[Value], result: ItemResult, wanted: Wanted<'_>) -> Option<GraphError> {
        let Err(error) = result else {
            self.wrote(values, wanted);
            return None;
        };
        match error.reaction() {
            // What it depends on tells why.
            Reaction::NotTried => None,
            Reaction::Real | Reaction::AlreadyThere | Reaction::Denied | Reaction::Policy => {
                self.was_refused(values, error, wanted);
                None
            }
            Reaction::NotFound
            | Reaction::NotYet
            | Reaction::Transient
            | Reaction::Conflict
            | Reaction::Throttled
            | Reaction::SignInAgain => {
                self.now = Now::Unknown;
                self.passing = Some(error.clone());
                Some(error)
            }
        }
    }

    fn wrote(&mut self, values: &[Value], wanted: Wanted<'_>) {
        let Now::Known(Some(now)) = &mut self.now else { return };
        for (attribute, value) in values {
            let is_detour = *attribute == Restorable::UserPrincipalName && *value == wanted.domains.detour(&now.id);
            if is_detour && self.before.is_none() {
                self.before.clone_from(&now.user_principal_name);
            }
            if let (Restorable::Mail, Some(mail)) = (attribute, value) {
                takes_address(now, mail);
            }
            attribute.set(now, value.clone());
        }
    }

    fn was_refused(&mut self, values: &[Value], error: GraphError, wanted: Wanted<'_>) {
        let is_of_service = matches!(error, GraphError::Service(_));
        match values {
            _ if !is_of_service => {
                self.passing = Some(error);
                self.given_up = true;
            }
            [(attribute, value)] => {
                let detour = wanted.domains.detour(&self.was.id);
                let on_the_way = *attribute == Restorable::UserPrincipalName && *value == detour;
                // The way is for the Immutable ID alone.
                let refused = if on_the_way {
                    (Restorable::ImmutableId, Restorable::ImmutableId.of(&self.was).map(str::to_owned))
                } else {
                    (*attribute, value.clone())
                };
                self.refused.push(refused);
                self.refusals.push(error);
            }
            _ => self.one_by_one = true,
        }
    }

    /// What became of it.
    pub(super) fn ended(self, wanted: Wanted<'_>) -> Restored {
        let mut attributes = Vec::new();
        let now = match &self.now {
            Now::Known(now) => now.as_ref(),
            Now::Unknown => self.first.as_ref(),
        };
        let kept = match (now, &self.now) {
            (None, Now::Unknown) => Vec::new(),
            (now, _) => self.plan(now, wanted).kept,
        };
        let is_kept = |attribute: Restorable| kept.iter().any(|kept| kept.attribute == attribute.name());
        for attribute in Restorable::ALL.into_iter().filter(|attribute| !is_kept(*attribute)) {
            attributes.extend(self.outcome(attribute, now, wanted));
        }
        attributes.extend(kept.iter().map(|kept| Outcome {
            attribute: kept.attribute,
            before: kept.now.clone(),
            after: kept.was.clone(),
            result: Ended::Kept(kept.why),
        }));
        if let (None, Some(error)) = (&self.first, self.passing) {
            attributes.push(Outcome { attribute: "id", before: None, after: None, result: Ended::Failed(error) });
        }
        Restored { was: self.was, attributes }
    }

    fn outcome(&self, attribute: Restorable, now: Option<&Account>, wanted: Wanted<'_>) -> Option<Outcome> {
        let (first, now) = (self.first.as_ref()?, now?);
        let (before, after) = (attribute.of(first), attribute.of(&self.was));
        let detour = wanted.domains.detour(&self.was.id);
        let on_the_way = |account: &Account| {
            attribute == Restorable::UserPrincipalName && detour.is_some() && account.user_principal_name == detour
        };
        let asked = wanted.attributes.contains(&attribute) && before != after;
        if !asked && !on_the_way(first) && !on_the_way(now) {
            return None;
        }
        let of = |refused: &&Value| refused.0 == attribute;
        let refusal = self.refused.iter().position(|refused| of(&refused)).and_then(|at| self.refusals.get(at));
        let is = attribute.of(now);
        let result = match refusal.or(self.passing.as_ref()) {
            Some(error) if is != after => Ended::Failed(error.clone()),
            None if is != after => return None,
            _ => Ended::Restored,
        };
        let text = |value: Option<&str>| value.map(str::to_owned);
        Some(Outcome { attribute: attribute.name(), before: text(before), after: text(after), result })
    }
}

/// The mail is an address of the user's from then on; the one it had stays.
fn takes_address(account: &mut Account, mail: &str) {
    let is = |address: &String| address.to_lowercase() == format!("smtp:{}", mail.to_lowercase());
    if !account.proxy_addresses.iter().any(is) {
        account.proxy_addresses.push(format!("smtp:{mail}"));
    }
}
