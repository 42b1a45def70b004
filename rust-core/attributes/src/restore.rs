//! What it takes to give a user back what a backup has: which writes, in which order, and what can't be put back, with the reason.
//! Nothing is read or written.

use crate::account::Account;
use crate::key;

/// An attribute that can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Restorable {
    /// `displayName`.
    DisplayName,
    /// `usageLocation`.
    UsageLocation,
    /// `mail`, and with it the primary address.
    Mail,
    /// `onPremisesImmutableId`.
    ImmutableId,
    /// `userPrincipalName`.
    UserPrincipalName,
}

impl Restorable {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::DisplayName, Self::UsageLocation, Self::Mail, Self::ImmutableId, Self::UserPrincipalName];

    /// Microsoft Graph's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::DisplayName => "displayName",
            Self::UsageLocation => "usageLocation",
            Self::Mail => "mail",
            Self::ImmutableId => "onPremisesImmutableId",
            Self::UserPrincipalName => "userPrincipalName",
        }
    }

    /// By Microsoft Graph's name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attribute| attribute.name().eq_ignore_ascii_case(name))
    }

    /// What a user has of it; an empty one is none.
    pub fn of(self, account: &Account) -> Option<&str> {
        let value = match self {
            Self::DisplayName => &account.display_name,
            Self::UsageLocation => &account.usage_location,
            Self::Mail => &account.mail,
            Self::ImmutableId => &account.on_premises_immutable_id,
            Self::UserPrincipalName => &account.user_principal_name,
        };
        value.as_deref().filter(|value| !value.is_empty())
    }

    /// Gives it to a user.
    pub fn set(self, account: &mut Account, value: Option<String>) {
        *match self {
            Self::DisplayName => &mut account.display_name,
            Self::UsageLocation => &mut account.usage_location,
            Self::Mail => &mut account.mail,
            Self::ImmutableId => &mut account.on_premises_immutable_id,
            Self::UserPrincipalName => &mut account.user_principal_name,
        } = value;
    }
}

/// A value that is written; none clears it.
pub type Value = (Restorable, Option<String>);

/// The tenant's verified domains, as far as it matters here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Domains {
    /// Each with whether it is federated.
    pub verified: Vec<(String, bool)>,
    /// The one that ends with `.onmicrosoft.com` and is never federated.
    pub initial: Option<String>,
}

impl Domains {
    /// Whether the domain of a sign-in name is federated; none where it isn't one of the tenant's.
    pub fn is_federated(&self, name: &str) -> Option<bool> {
        let domain = key::domain(name)?;
        self.verified.iter().find(|(known, _)| known.eq_ignore_ascii_case(&domain)).map(|(_, federated)| *federated)
    }

    /// The sign-in name that a user has while its Immutable ID is changed: made of its object id, so that another run knows it.
    pub fn detour(&self, id: &str) -> Option<String> {
        self.initial.as_ref().map(|domain| format!("{}@{domain}", before_domain(id)))
    }

    /// Whether this is the sign-in name that the user has on its way, in whichever domain.
    pub fn is_detour(id: &str, name: &str) -> bool {
        let begins = name.get(..DETOUR.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(DETOUR));
        begins && name.split_once('@').is_some_and(|(local, _)| local.eq_ignore_ascii_case(&before_domain(id)))
    }
}

/// How the sign-in name begins that a user has on its way.
const DETOUR: &str = "ppfederation-restore-";

fn before_domain(id: &str) -> String {
    format!("{DETOUR}{}", id.replace('-', ""))
}

/// Why something stays as it is. Source: Microsoft Graph documentation, "Update user"; microsoft-graph-docs issue 12584.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kept {
    /// The user isn't there.
    Gone,
    /// It is still synchronized from a directory of one's own.
    Synced,
    /// It was empty, and the service takes no empty one.
    NotClearable,
    /// It has characters that the service refuses.
    Characters,
    /// A user of a federated domain must have one.
    FederatedWithout,
    /// The sign-in name's domain isn't one of the tenant's any more.
    DomainGone,
    /// The backup was made while the user had the sign-in name that it has on its way.
    OnTheWay,
    /// It can't be changed in a federated domain, and no other domain is known for the time being.
    NoOtherDomain,
    /// Microsoft Graph shows it and doesn't write it.
    ReadOnly,
}

impl Kept {
    /// Why the sign-in name that a backup has isn't put back.
    pub fn of_name(was: &Account) -> Self {
        if is_on_the_way(was) { Self::OnTheWay } else { Self::DomainGone }
    }

    /// Why, as a part of a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Gone => {
                "the user isn't there any more; for 30 days a deleted user can be restored in the Entra admin centre"
            }
            Self::Synced => "the user is still synchronized from a directory of your own, which alone can change it",
            Self::NotClearable => "it was empty, and Microsoft 365 doesn't let it be cleared",
            Self::Characters => "it has a $ or an _ in it, which Microsoft Graph refuses in an Immutable ID",
            Self::FederatedWithout => "it was empty, and a user of a federated domain can't be without an Immutable ID",
            Self::DomainGone => "its domain isn't one of the tenant's verified domains any more",
            Self::OnTheWay => {
                "the backup was made while a restore had left the user under a name for the time being, and has that name"
            }
            Self::NoOtherDomain => {
                "it can't be changed while the user's domain is federated, and the tenant shows no onmicrosoft.com domain for \
                 the time being"
            }
            Self::ReadOnly => {
                "Microsoft Graph shows the addresses of a user and doesn't write them: Exchange Online does"
            }
        }
    }
}

/// Something that differs and stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAsIs {
    /// Microsoft Graph's name of the attribute; `id` of a user that isn't there.
    pub attribute: &'static str,
    /// What the user has.
    pub now: Option<String>,
    /// What the backup has.
    pub was: Option<String>,
    /// Why.
    pub why: Kept,
}

/// What it takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Writes that each need the one before; a single one where the order doesn't matter.
    pub writes: Vec<Vec<Value>>,
    /// What stays as it is.
    pub kept: Vec<KeptAsIs>,
}

/// What is known beside backup and user.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// What is to be restored.
    pub attributes: &'a [Restorable],
    /// The tenant's domains.
    pub domains: &'a Domains,
    /// What the service has refused already.
    pub refused: &'a [Value],
    /// The sign-in name that the user was last seen with by this run, the one for the time being aside.
    pub before: Option<&'a str>,
    /// A rename within federated domains was refused: it goes by way of the initial domain.
    pub indirectly: bool,
}

impl Asked<'_> {
    fn is_refused(&self, attribute: Restorable, value: Option<&str>) -> bool {
        self.refused.iter().any(|(known, refused)| *known == attribute && refused.as_deref() == value)
    }

    fn wants(&self, attribute: Restorable) -> bool {
        self.attributes.contains(&attribute)
    }
}

/// What it takes to bring a user from `now` to `was`.
pub fn plan(was: &Account, now: Option<&Account>, asked: Asked<'_>) -> Plan {
    let Some(now) = now else { return all_kept([KeptAsIs { attribute: "id", now: None, was: None, why: Kept::Gone }]) };
    let differs = |attribute: &Restorable| attribute.of(was) != attribute.of(now);
    if now.on_premises_sync_enabled == Some(true) {
        let told = |attribute: &Restorable| {
            asked.wants(*attribute) || (*attribute == Restorable::UserPrincipalName && is_on_the_way(now))
        };
        let differing = Restorable::ALL.into_iter().filter(|attribute| told(attribute) && differs(attribute));
        return all_kept(differing.map(|attribute| kept(attribute, was, now, Kept::Synced)));
    }
    let mut plan = Plan::default();
    let mut any_order = plain(was, now, asked, &mut plan.kept);
    let mut in_turn = names(was, now, asked, &mut plan.kept);
    if in_turn.len() == 1 {
        any_order.append(&mut in_turn);
    }
    if !any_order.is_empty() {
        plan.writes.push(any_order);
    }
    plan.writes.extend(in_turn.into_iter().map(|value| vec![value]));
    plan.kept.extend(addresses(was, now, asked));
    plan
}

fn all_kept(kept: impl IntoIterator<Item = KeptAsIs>) -> Plan {
    Plan { writes: Vec::new(), kept: kept.into_iter().collect() }
}

fn kept(attribute: Restorable, was: &Account, now: &Account, why: Kept) -> KeptAsIs {
    let text = |account| attribute.of(account).map(str::to_owned);
    KeptAsIs { attribute: attribute.name(), now: text(now), was: text(was), why }
}

/// What can be written in any order.
fn plain(was: &Account, now: &Account, asked: Asked<'_>, stays: &mut Vec<KeptAsIs>) -> Vec<Value> {
    let mut values = Vec::new();
    for attribute in [Restorable::DisplayName, Restorable::UsageLocation, Restorable::Mail] {
        let value = attribute.of(was);
        if !asked.wants(attribute) || value == attribute.of(now) {
            continue;
        }
        if value.is_none() {
            stays.push(kept(attribute, was, now, Kept::NotClearable));
        } else if !asked.is_refused(attribute, value) {
            values.push((attribute, value.map(str::to_owned)));
        }
    }
    values
}

/// Whether the user has the sign-in name that it has on its way.
pub fn is_on_the_way<S: AsRef<str>>(user: &Account<S>) -> bool {
    user.user_principal_name.as_ref().is_some_and(|name| Domains::is_detour(user.id.as_ref(), name.as_ref()))
}

/// Immutable ID and sign-in name, in the order that the service takes: the Immutable ID doesn't change while the user's domain is
/// federated, so the user leaves that for the time being. One who was left on the way is brought back whatever is asked for.
fn names(was: &Account, now: &Account, asked: Asked<'_>, stays: &mut Vec<KeptAsIs>) -> Vec<Value> {
    use Restorable::{ImmutableId, UserPrincipalName};
    let current = UserPrincipalName.of(now).unwrap_or_default();
    let detour = asked.domains.detour(&now.id);
    let target = target(was, now, asked, stays);
    let rename = |name: &str| (UserPrincipalName, Some(name.to_owned()));
    let is_federated = |name: &str| asked.domains.is_federated(name).unwrap_or(false);
    let (from_federated, to_federated) = (is_federated(current), is_federated(target));
    let mut renamed: Vec<Value> = (target != current).then(|| rename(target)).into_iter().collect();
    let indirect = asked.indirectly && from_federated && to_federated && !renamed.is_empty();
    let first = detour.as_deref().filter(|_| indirect).map(rename);
    let name_alone = |renamed: Vec<Value>| first.into_iter().chain(renamed).collect::<Vec<Value>>();
    let anchor = ImmutableId.of(was);
    if !asked.wants(ImmutableId) || anchor == ImmutableId.of(now) || asked.is_refused(ImmutableId, anchor) {
        return name_alone(renamed);
    }
    let unfit = match anchor {
        None => to_federated.then_some(Kept::FederatedWithout),
        Some(anchor) => anchor.contains(['$', '_']).then_some(Kept::Characters),
    };
    let write = (ImmutableId, anchor.map(str::to_owned));
    let away = match (unfit, from_federated, &detour) {
        (Some(why), _, _) => Err(why),
        (None, false, _) => Ok(None),
        (None, true, _) if !to_federated => Ok(renamed.pop()),
        (None, true, Some(detour)) => Ok(Some(rename(detour))),
        (None, true, None) => Err(Kept::NoOtherDomain),
    };
    match away {
        Ok(away) => {
            if away.as_ref().is_some_and(|away| away.1.as_deref() != Some(target)) {
                renamed = vec![rename(target)];
            }
            away.into_iter().chain([write]).chain(renamed).collect()
        }
        Err(why) => {
            stays.push(kept(ImmutableId, was, now, why));
            name_alone(renamed)
        }
    }
}

/// The sign-in name that the user has in the end. One who is on its way and can't have that of the backup gets the one it had, or one
/// like its address. Nobody gets the one for the time being for good, which a backup has that was made meanwhile.
fn target<'a>(was: &'a Account, now: &'a Account, asked: Asked<'a>, stays: &mut Vec<KeptAsIs>) -> &'a str {
    let attribute = Restorable::UserPrincipalName;
    let (current, on_the_way) = (attribute.of(now).unwrap_or_default(), is_on_the_way(now));
    let wanted = attribute.of(was).filter(|_| !is_on_the_way(was));
    let verified = |name: &&str| asked.domains.is_federated(name).is_some();
    let told = asked.wants(attribute) || on_the_way;
    if told && wanted != Some(current) && !wanted.as_ref().is_some_and(verified) {
        stays.push(kept(attribute, was, now, Kept::of_name(was)));
    }
    let can = |name: &&str| verified(name) && !asked.is_refused(attribute, Some(name));
    let back = || [asked.before, wanted, Restorable::Mail.of(now)].into_iter().flatten().find(can);
    let home = wanted.filter(|_| asked.wants(attribute)).filter(can);
    home.or_else(|| on_the_way.then(back).flatten()).unwrap_or(current)
}

/// The addresses are read only; that the primary one follows the mail is not told.
fn addresses(was: &Account, now: &Account, asked: Asked<'_>) -> Option<KeptAsIs> {
    if !asked.wants(Restorable::Mail) {
        return None;
    }
    let all = |account: &Account| {
        let folded = account.proxy_addresses.iter().map(|address| address.to_lowercase());
        let mut all: Vec<String> = folded.collect();
        all.sort();
        all
    };
    let (was, now) = (all(was), all(now));
    let joined = |all: &[String]| Some(all.join("; ")).filter(|text| !text.is_empty());
    (was != now).then(|| KeptAsIs {
        attribute: "proxyAddresses",
        now: joined(&now),
        was: joined(&was),
        why: Kept::ReadOnly,
    })
}

#[cfg(test)]
mod tests;
