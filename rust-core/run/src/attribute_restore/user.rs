//! One user on its way back.

use pp_attributes::account::Account;
use pp_attributes::restore::{Asked, Domains, Kept, KeptAsIs, Plan, Restorable, Value, plan};
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

/// Whether it has the name for the time being.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Away {
    No,
    /// What became of a write of that name isn't known. No look tells, since a replica may show the name before; what is answered to the next
    /// write of a name does.
    MayBe,
    Yes,
}

/// One user on its way back.
#[derive(Debug)]
pub(super) struct User {
    was: Account,
    /// As it was seen first.
    first: Option<Account>,
    now: Now,
    /// What the service has taken, in that order: it counts, whatever a replica shows.
    written: Vec<Value>,
    /// The name that it was last known with, the one for the time being aside.
    before: Option<String>,
    away: Away,
    /// Something of a write of several was refused: each is sent by itself.
    one_by_one: bool,
    /// A rename within federated domains that was refused, and how: it goes by way of the initial domain.
    indirect: Option<(Value, GraphError)>,
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
            written: Vec::new(),
            before: None,
            away: Away::No,
            one_by_one: false,
            indirect: None,
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

    /// Whether it was read at all.
    pub(super) fn was_read(&self) -> bool {
        self.first.is_some()
    }

    /// It was read, or could not be.
    pub(super) fn seen(&mut self, found: Result<Option<Account>, GraphError>) {
        match found {
            Ok(mut account) => {
                if self.first.is_none() {
                    self.first.clone_from(&account);
                }
                if let Some(account) = &mut account {
                    apply(account, &self.written);
                }
                let name = account.as_ref().and_then(|account| account.user_principal_name.clone());
                self.is_named(name);
                self.now = Now::Known(account);
            }
            Err(error) => {
                self.passing = Some(error);
                self.given_up = true;
            }
        }
    }

    fn is_named(&mut self, name: Option<String>) {
        let is_detour = name.as_deref().is_some_and(|name| Domains::is_detour(&self.was.id, name));
        if self.away != Away::MayBe {
            self.away = if is_detour { Away::Yes } else { Away::No };
        }
        if !is_detour && name.is_some() {
            self.before = name;
        }
    }

    /// The retry budget is spent: what passes isn't waited for any more.
    pub(super) fn give_up(&mut self) {
        self.given_up |= matches!(self.now, Now::Unknown);
    }

    /// Nothing is sent of what is left.
    pub(super) fn stop(&mut self, error: &GraphError) {
        self.passing.get_or_insert_with(|| error.clone());
        self.given_up = true;
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
        let (refused, before, indirectly) = (&self.refused, self.before.as_deref(), self.indirect.is_some());
        plan(&self.was, now, Asked { attributes, domains, refused, before, indirectly })
    }

    /// Nothing but the way back from the name for the time being is tried from now on, and that once more.
    pub(super) fn turns_home(&mut self) {
        self.given_up &= self.away == Away::No;
    }

    /// What gives a user who has the name for the time being, or may have it, one of its own again.
    pub(super) fn way_home(&self, wanted: Wanted<'_>) -> Option<Vec<Value>> {
        if self.away == Away::No || self.given_up {
            return None;
        }
        let mut now = self.last_known()?;
        now.user_principal_name = Some(self.away_name(wanted.domains));
        let name: &[Restorable] = &[Restorable::UserPrincipalName];
        let attributes = if wanted.attributes.contains(&name[0]) { name } else { &[] };
        self.plan(Some(&now), Wanted { attributes, ..wanted }).writes.pop()
    }

    /// The name for the time being: the one that was seen, in whichever domain, else the one that would be given.
    fn away_name(&self, domains: &Domains) -> String {
        let seen = self.last_known().and_then(|now| now.user_principal_name);
        let seen = seen.filter(|name| Domains::is_detour(&self.was.id, name));
        seen.or_else(|| domains.detour(&self.was.id)).unwrap_or_default()
    }

    /// A write was answered. What passes by itself is given back.
    pub(super) fn took(&mut self, values: &[Value], result: ItemResult, wanted: Wanted<'_>) -> Option<GraphError> {
        let Err(error) = result else {
            self.wrote(values);
            return None;
        };
        let effect_unknown = error.reaction() == Reaction::Transient && !error.nothing_was_sent();
        let goes_away = |(attribute, value): &Value| is_detour(&self.was.id, *attribute, value.as_deref());
        if (effect_unknown || error.is_cancelled()) && values.iter().any(goes_away) {
            self.away = Away::MayBe;
        }
        match error.reaction() {
            // What it depends on tells why.
            Reaction::NotTried => None,
            Reaction::Real | Reaction::AlreadyThere | Reaction::Denied | Reaction::Policy => {
                self.was_refused(values, error, wanted.domains);
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

    fn wrote(&mut self, values: &[Value]) {
        self.written.extend_from_slice(values);
        if let Now::Known(Some(now)) = &mut self.now {
            apply(now, values);
        }
        if let Some((_, name)) = values.iter().find(|(attribute, _)| *attribute == Restorable::UserPrincipalName) {
            self.away = Away::No;
            self.is_named(name.clone());
        }
    }

    fn was_refused(&mut self, values: &[Value], error: GraphError, domains: &Domains) {
        let is_of_service = matches!(error, GraphError::Service(_));
        match values {
            _ if !is_of_service => {
                self.passing = Some(error);
                self.given_up = true;
            }
            [value] if self.may_go_indirectly(value, error.reaction(), domains) => {
                self.indirect = Some((value.clone(), error));
            }
            [(attribute, value)] if is_detour(&self.was.id, *attribute, value.as_deref()) => {
                // The way is for a rename, or for the Immutable ID.
                let anchor = || (Restorable::ImmutableId, Restorable::ImmutableId.of(&self.was).map(str::to_owned));
                let (refused, error) = self.indirect.take().unwrap_or_else(|| (anchor(), error));
                self.refused.push(refused);
                self.refusals.push(error);
            }
            [value] => {
                self.refused.push(value.clone());
                self.refusals.push(error);
            }
            _ => self.one_by_one = true,
        }
    }

    /// Whether another way is left for what was refused. Another's name, and one that may not be given, is refused on any.
    fn may_go_indirectly(&self, (attribute, value): &Value, reaction: Reaction, domains: &Domains) -> bool {
        let Now::Known(Some(now)) = &self.now else { return false };
        let is_federated = |name: Option<&str>| name.and_then(|name| domains.is_federated(name)) == Some(true);
        *attribute == Restorable::UserPrincipalName
            && self.indirect.is_none()
            && domains.initial.is_some()
            && !matches!(reaction, Reaction::AlreadyThere | Reaction::Denied)
            && is_federated(attribute.of(now))
            && is_federated(value.as_deref())
    }

    /// As it was seen first, with what was written since, where it isn't known how it is.
    fn last_known(&self) -> Option<Account> {
        match &self.now {
            Now::Known(now) => now.clone(),
            Now::Unknown => self.first.clone().map(|mut first| {
                apply(&mut first, &self.written);
                first
            }),
        }
    }

    /// What became of it.
    pub(super) fn ended(self, wanted: Wanted<'_>) -> Restored {
        let mut attributes = Vec::new();
        let now = self.last_known();
        let mut kept = match (&now, &self.now) {
            (None, Now::Unknown) => Vec::new(),
            (now, _) => self.plan(now.as_ref(), wanted).kept,
        };
        let left_away = self.left_away(&kept, wanted.domains);
        if left_away.is_some() {
            kept.retain(|kept| kept.attribute != Restorable::UserPrincipalName.name());
        }
        let is_told = |attribute: Restorable| {
            let name = attribute.name();
            kept.iter().any(|kept| kept.attribute == name)
                || left_away.as_ref().is_some_and(|away| away.attribute == name)
        };
        for attribute in Restorable::ALL.into_iter().filter(|attribute| !is_told(*attribute)) {
            attributes.extend(self.outcome(attribute, now.as_ref(), wanted));
        }
        attributes.extend(left_away);
        attributes.extend(kept.into_iter().map(|kept| Outcome {
            attribute: kept.attribute,
            before: kept.now,
            after: kept.was,
            result: Ended::Kept(kept.why),
            left_as: None,
        }));
        if let (None, Some(error)) = (&self.first, self.passing) {
            let result = Ended::Failed(error);
            attributes.push(Outcome { attribute: "id", before: None, after: None, result, left_as: None });
        }
        Restored { was: self.was, attributes }
    }

    fn outcome(&self, attribute: Restorable, now: Option<&Account>, wanted: Wanted<'_>) -> Option<Outcome> {
        let (first, now) = (self.first.as_ref()?, now?);
        let (before, after, is) = (attribute.of(first), attribute.of(&self.was), attribute.of(now));
        let asked = wanted.attributes.contains(&attribute) && before != after;
        // Whoever was on its way is brought back whatever is asked for.
        let renamed = attribute == Restorable::UserPrincipalName && before != is;
        if !asked && !renamed {
            return None;
        }
        let result = match self.refusal(attribute).or(self.passing.as_ref()) {
            _ if is == after => Ended::Restored,
            Some(error) => Ended::Failed(error.clone()),
            None if renamed => Ended::Kept(Kept::of_name(&self.was)),
            None => return None,
        };
        let text = |value: Option<&str>| value.map(str::to_owned);
        Some(Outcome { attribute: attribute.name(), before: text(before), after: text(after), result, left_as: None })
    }

    fn refusal(&self, attribute: Restorable) -> Option<&GraphError> {
        self.refused.iter().position(|(refused, _)| *refused == attribute).and_then(|at| self.refusals.get(at))
    }

    /// What is told of a user who has the name for the time being in the end, or may have it.
    fn left_away(&self, kept: &[KeptAsIs], domains: &Domains) -> Option<Outcome> {
        let attribute = Restorable::UserPrincipalName;
        let why = || kept.iter().find(|kept| kept.attribute == attribute.name()).map(|kept| kept.why);
        let result = match self.refusal(attribute).or(self.passing.as_ref()) {
            Some(error) => Ended::Failed(error.clone()),
            None => Ended::Kept(why().unwrap_or_else(|| Kept::of_name(&self.was))),
        };
        let text = |account: &Account| attribute.of(account).map(str::to_owned);
        (self.away != Away::No).then(|| Outcome {
            attribute: attribute.name(),
            before: self.first.as_ref().and_then(text),
            after: text(&self.was),
            result,
            left_as: Some(self.away_name(domains)),
        })
    }
}

/// Whether this is the name for the time being.
fn is_detour(id: &str, attribute: Restorable, value: Option<&str>) -> bool {
    attribute == Restorable::UserPrincipalName && value.is_some_and(|name| Domains::is_detour(id, name))
}

/// Gives a user what was written.
fn apply(account: &mut Account, values: &[Value]) {
    for (attribute, value) in values {
        if let (Restorable::Mail, Some(mail)) = (attribute, value) {
            takes_address(account, mail);
        }
        attribute.set(account, value.clone());
    }
}

/// The mail is an address of the user's from then on; the one it had stays.
fn takes_address(account: &mut Account, mail: &str) {
    let is = |address: &String| address.to_lowercase() == format!("smtp:{}", mail.to_lowercase());
    if !account.proxy_addresses.iter().any(is) {
        account.proxy_addresses.push(format!("smtp:{mail}"));
    }
}
