//! A firm with a few domains, whose accounts and portal's users agree until a test changes something.

use std::collections::BTreeMap;

use pp_attributes::account::Account;
use pp_attributes::compare::Comparison;
use pp_attributes::difference::{Difference, Severity};
use pp_attributes::facts::{
    Admins, Authentication, Coverage, Domain, Domains, Facts, GlobalAdministrator, Known, Policy,
};
use pp_attributes::hazards::{self, Hazards, Holder, Kind};
use pp_attributes::object_id::ObjectId;
use pp_attributes::pairing::{self, ClaimsBuilder, Portal};
use pp_attributes::portal_user::{CANONICALIZE_NAME, PortalUser};
use pp_attributes::portal_users::{Mapping, Overrides};
use pp_attributes::written::{Script, Written};

/// The base64 of a GUID.
pub(crate) const IMMUTABLE_ID: &str = "AAECAwQFBgcICQoLDA0ODw==";

pub(crate) fn id(number: u32) -> ObjectId {
    ObjectId::parse(&format!("00000000-0000-0000-0000-{number:012x}")).unwrap()
}

fn domain(name: &str, authentication: Authentication) -> Domain {
    let is_root = name.matches('.').count() == 1 || name.ends_with("onmicrosoft.com");
    Domain { name: name.to_owned(), authentication, is_verified: name != "unverified.com", is_root }
}

pub(crate) struct Firm {
    pub(crate) facts: Facts,
    /// The first is Ann's.
    pub(crate) accounts: Vec<Account>,
    /// The first is Ann.
    pub(crate) users: Vec<PortalUser>,
    pub(crate) columns: Vec<&'static str>,
    pub(crate) others: Vec<(Holder, &'static str, Option<&'static str>)>,
    /// What could not be read.
    pub(crate) unread: Vec<Kind>,
    /// Whether the runbook's script is given.
    pub(crate) has_script: bool,
    pub(crate) rejected: Option<&'static str>,
    /// What the script takes mail from.
    pub(crate) mail_from: &'static str,
    /// What the script writes to usageLocation.
    pub(crate) country: &'static str,
}

impl Firm {
    /// Ann signs in by Practice Protect, and has already what will be written.
    pub(crate) fn new() -> Self {
        use Authentication::{Federated, Managed};
        let domains = Domains(vec![
            domain("contoso.com", Federated),
            domain("tax.contoso.com", Federated),
            domain("fabrikam.com", Managed),
            domain("other.com", Federated),
            domain("sub.other.com", Federated),
            domain("unverified.com", Managed),
            domain("contoso.onmicrosoft.com", Managed),
        ]);
        let facts = Facts {
            domains: Known::Is(domains),
            practice_protect_domains: Known::Is(vec!["contoso.com".to_owned()]),
            practice_protect_is_assumed: false,
            policy: Known::Is(Policy::Default),
            admins: Known::Is(Admins::default()),
            application_roles: Known::Is(vec!["Global Administrator".to_owned()]),
            me: None,
            coverage: Coverage::Whole,
        };
        let columns = vec!["Username", "DisplayName", "ImmutableId", CANONICALIZE_NAME];
        let mut firm = Self {
            facts,
            accounts: vec![],
            users: vec![],
            columns,
            others: vec![],
            unread: vec![],
            has_script: true,
            rejected: None,
            mail_from: CANONICALIZE_NAME,
            country: "AU",
        };
        firm.add("ann@contoso.com", IMMUTABLE_ID);
        firm
    }

    /// An account and its user of the portal, as each other.
    pub(crate) fn add(&mut self, name: &str, immutable_id: &str) {
        let number = u32::try_from(self.accounts.len()).unwrap();
        self.accounts.push(Account {
            id: id(number).to_string(),
            user_principal_name: Some(name.to_owned()),
            mail: Some(name.to_owned()),
            display_name: Some("Ann".to_owned()),
            usage_location: Some("AU".to_owned()),
            on_premises_immutable_id: Some(immutable_id.to_owned()),
            user_type: Some("Member".to_owned()),
            account_enabled: Some(true),
            ..Account::default()
        });
        let attributes =
            [("Username", name), ("DisplayName", "Ann"), ("ImmutableId", immutable_id), (CANONICALIZE_NAME, name)];
        let attributes = attributes.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
        self.users.push(PortalUser { place: u64::from(number) + 2, attributes });
    }

    pub(crate) fn ann(&mut self) -> &mut Account {
        &mut self.accounts[0]
    }

    /// What the portal says of Ann.
    pub(crate) fn portal(&mut self, attribute: &str, text: &str) -> &mut Self {
        self.users[0].attributes.insert(attribute.to_owned(), text.to_owned());
        self
    }

    /// Ann's sign-in name on both sides.
    pub(crate) fn name(&mut self, name: &str) -> &mut Self {
        self.ann().user_principal_name = Some(name.to_owned());
        self.portal("Username", name)
    }

    /// Practice Protect's domain is managed until it is federated.
    pub(crate) fn is_not_federated_yet(&mut self) {
        let Known::Is(domains) = &mut self.facts.domains else { unreachable!() };
        domains.0[0].authentication = Authentication::Managed;
    }

    pub(crate) fn holder(&mut self, kind: Kind, address: &'static str, immutable_id: Option<&'static str>) {
        self.others.push((Holder { id: id(99), kind }, address, immutable_id));
    }

    pub(crate) fn admin(&mut self, number: u32, name: &str) -> &mut GlobalAdministrator {
        let admin = GlobalAdministrator {
            id: id(number),
            user_principal_name: name.to_owned(),
            is_enabled: Some(true),
            portal_names: Vec::new(),
        };
        if let Known::Unknown(_) = self.facts.admins {
            self.facts.admins = Known::Is(Admins::default());
        }
        let Known::Is(admins) = &mut self.facts.admins else { unreachable!() };
        admins.roles.insert(admin.id, vec!["Global Administrator".to_owned()]);
        admins.global.push(admin);
        admins.global.last_mut().unwrap()
    }

    fn hazards(&self) -> Hazards {
        let mut walk = hazards::Builder::default();
        for account in &self.accounts {
            walk.user(ObjectId::parse(&account.id).unwrap(), &account.borrowed());
        }
        for (holder, address, immutable_id) in &self.others {
            walk.other(*holder, [*address], *immutable_id);
        }
        for kind in &self.unread {
            walk.unread(*kind, format!("the {}s could not be read", kind.name()));
        }
        walk.finish()
    }

    fn mapping(&self) -> Mapping {
        let columns: Vec<String> = self.columns.iter().map(|column| (*column).to_owned()).collect();
        Mapping::of(&columns, &Overrides::new()).unwrap()
    }

    fn written<'a>(&self, user: &'a PortalUser) -> Written<'a> {
        let columns = self.mapping();
        let attribute = |name: &str| user.attributes.get(name).map(String::as_str);
        let destination = |name: &str| match name {
            "UsageLocation" => Some(Some(self.country.into())),
            "Mail" => Some(attribute(self.mail_from).map(Into::into)),
            _ => None,
        };
        let why = ("Mail".to_owned(), "It comes from an attribute that no column has.".to_owned());
        let uncertain: BTreeMap<String, String> =
            (!columns.has(CANONICALIZE_NAME)).then_some(why).into_iter().collect();
        let script = Script { destination: &destination, uncertain: &uncertain, rejected: self.rejected };
        Written::of(attribute, &columns, self.has_script.then_some(script))
    }

    /// All differences: of the first account, or of the portal's users without one.
    pub(crate) fn compared(&self) -> Vec<Difference> {
        self.rows(true)
    }

    /// The same; those that stay equal where these are wanted.
    pub(crate) fn rows(&self, equal: bool) -> Vec<Difference> {
        let mut portal = pairing::Builder::default();
        for user in &self.users {
            portal.push(user);
        }
        portal.columns(&self.mapping());
        let portal: Portal = portal.finish();
        let mut claims = ClaimsBuilder::default();
        for account in &self.accounts {
            claims.see(ObjectId::parse(&account.id).unwrap(), &portal.find(&account.borrowed()));
        }
        let (claims, hazards) = (claims.finish(), self.hazards());
        let comparison = Comparison { facts: &self.facts, hazards: &hazards, portal: Some(&portal), equal };
        let Some(ann) = self.accounts.first() else {
            let (number, user) = claims.unclaimed(&portal).next().unwrap();
            return comparison.without_account(number, user, &self.written(&user.unpacked()));
        };
        let (ann, user) = (ann.borrowed(), self.users.first().cloned().unwrap_or_default());
        comparison.account(&ann, &portal.pair(&claims, id(0), portal.find(&ann)), &self.written(&user))
    }

    pub(crate) fn of(&self, attribute: &str) -> Difference {
        let all = self.compared();
        assert_eq!(all.len(), 5, "one for each owned attribute");
        all.into_iter().find(|difference| difference.attribute == attribute).unwrap()
    }

    /// Asserts how grave one attribute is and that its reason says so.
    #[track_caller]
    pub(crate) fn says(&self, attribute: &str, severity: Severity, words: &str) -> Difference {
        let difference = self.of(attribute);
        assert_eq!(difference.severity, severity, "{}", difference.reason);
        assert!(difference.reason.contains(words), "'{words}' isn't in: {}", difference.reason);
        difference
    }

    /// Asserts that nothing is locked out, unknown or even changed.
    #[track_caller]
    pub(crate) fn is_calm(&self) {
        for difference in self.compared() {
            assert_eq!(difference.severity, Severity::Equal, "{}: {}", difference.attribute, difference.reason);
        }
    }
}

/// The attributes that the tests ask for.
pub(crate) const UPN: &str = "userPrincipalName";
pub(crate) const ANCHOR: &str = "onPremisesImmutableId";
