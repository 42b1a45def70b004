//! `compareAttributes`: what Practice Protect would write to each user, and who couldn't sign in afterwards. Rows leave as the
//! users come, so that a tenant of any size takes the memory of two pages and of an index.

mod portal;
mod script;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::Op;
use crate::operation::Operation;
use crate::output::Output;
use crate::pace::Pace;
use crate::provisioning_script::Given as GivenScript;
use portal::Given;
use pp_attributes::account::Account;
use pp_attributes::compare::Comparison;
use pp_attributes::difference::{Difference, Severity};
use pp_attributes::facts::{Coverage, Facts};
use pp_attributes::object_id::ObjectId;
use pp_attributes::pairing::Pairing;
use pp_attributes::portal_user::{PortalUser, USERNAME};
use pp_attributes::written::Written;
use pp_graph::error::GraphError;
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_report::rows::{AttributeDifference, Tenant};
use pp_run::comparison::{Index, Told, accounts, facts, index};
use pp_run::users::count;
use pp_runbook::observed::LookUp;
use pp_runbook::pattern::Pattern;
use pp_runbook::wanted::Wanted;
use script::Prepared;

/// `compareAttributes`: a row for each attribute of each user that would change, or can't be judged.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct CompareAttributes {
    connection: u64,
    /// A file of the portal's users.
    path: Option<String>,
    /// Users of the portal, each as the names and values of what is known of it.
    #[serde(default)]
    users: Vec<Vec<(String, String)>>,
    /// Which column is which attribute, by the attribute's name.
    #[serde(default)]
    column_map: BTreeMap<String, String>,
    /// The provisioning script.
    script: Option<GivenScript>,
    /// The domains that are federated with Practice Protect, or going to be.
    #[serde(default)]
    federated_domain: Vec<String>,
    /// Only users of such sign-in names.
    #[serde(default)]
    user_principal_name: Vec<String>,
    /// What stays as it is, too.
    #[serde(default)]
    include_equal: bool,
}

impl Op for CompareAttributes {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        // Before anything is read of the tenant: a file that can't be read is told at once.
        let given = self.given(output)?;
        let script = self.script.as_ref().map(|script| Prepared::new(script, output)).transpose()?;
        let portal = given.as_ref().map(|given| &given.users);
        let coverage = if self.path.is_some() { Coverage::Whole } else { Coverage::Part };
        let observed =
            operation.observe(output, &[LookUp::Application, LookUp::ServicePrincipal], &Wanted::everything())?;
        let tenant = operation.tenant();
        let patterns: Vec<Pattern> = self.user_principal_name.iter().map(|name| Pattern::new(name)).collect();
        operation.run(output, |graph, voice| {
            let mut facts = facts(&graph, &observed, &self.federated_domain, coverage)?;
            self.check_domains(&facts)?;
            // As many walks there are over all users.
            let all = count(&graph)?.map(|users| users * 2);
            let pace = Pace::new(output, operation.connection.clock(), "Comparing attributes", all);
            let told = Told {
                read: &|users| pace.read("Finding out who holds which address, reads of users", users),
                warning: voice.warning,
            };
            let index = index(&graph, portal, &mut facts, told)?;
            output.verbose(format!("the index of who holds what takes {} bytes", index.hazards.bytes()))?;
            let (tenant, patterns) = (&tenant, &patterns);
            let (given, script) = (given.as_ref(), script.as_ref());
            let work = Work { op: &self, output, tenant, patterns, given, script, facts: &facts, index: &index };
            accounts(&graph, |page| {
                work.accounts(&page)?;
                Ok(pace.read("Comparing, reads of users", page.len())?)
            })?;
            Ok(work.without_account()?)
        })
    }
}

impl CompareAttributes {
    /// A domain that the caller names has to be one.
    fn check_domains(&self, facts: &Facts) -> Result<(), OpError> {
        let Ok(domains) = facts.domains.get() else { return Ok(()) };
        let Some(none) = self.federated_domain.iter().find(|name| domains.find(name).is_none()) else { return Ok(()) };
        let all: Vec<&str> = domains.0.iter().map(|domain| domain.name.as_str()).collect();
        let message = format!("'{none}' is none of the tenant's domains: {}", all.join(", "));
        Err(c::FEDERATED_DOMAIN_UNKNOWN.report(message).into())
    }
}

/// The second walk.
struct Work<'a> {
    op: &'a CompareAttributes,
    output: &'a Output,
    tenant: &'a Tenant,
    patterns: &'a [Pattern],
    given: Option<&'a Given>,
    script: Option<&'a Prepared>,
    facts: &'a Facts,
    index: &'a Index,
}

impl Work<'_> {
    fn comparison(&self) -> Comparison<'_> {
        Comparison { facts: self.facts, hazards: &self.index.hazards, portal: self.given.map(|given| &given.users) }
    }

    fn is_wanted(&self, name: Option<&str>) -> bool {
        self.patterns.is_empty() || name.is_some_and(|name| self.patterns.iter().any(|pattern| pattern.matches(name)))
    }

    /// The rows of a page.
    fn accounts(&self, page: &[Account]) -> Result<(), GraphError> {
        let wanted = page.iter().filter(|account| self.is_wanted(account.user_principal_name.as_deref()));
        let rows = wanted.flat_map(|account| self.account(account));
        Ok(self.output.rows(rows.collect::<Vec<_>>())?)
    }

    fn account(&self, account: &Account) -> Vec<AttributeDifference> {
        let Some(id) = ObjectId::parse(&account.id) else { return Vec::new() };
        let pair = |given: &Given| given.users.pair(&self.index.claims, id, account);
        let pairing = self.given.map_or(Pairing::Alone, pair);
        let user = if let Pairing::Paired { user, .. } = &pairing { Some(user) } else { None };
        let paired = self.given.zip(user).map(|(given, user)| self.written(given, user));
        let constants = || Written::constants(self.script.map(Prepared::constants));
        let written = paired.unwrap_or_else(constants);
        let row = AttributeDifference {
            user_principal_name: account.user_principal_name.clone(),
            user_id: Some(account.id.clone()),
            portal_place: user.map(|user| user.place),
            on_premises_sync_enabled: account.on_premises_sync_enabled,
            ..self.row()
        };
        self.rows(&row, self.comparison().account(account, &pairing, &written))
    }

    /// The users of the portal whom nobody of the tenant is.
    fn without_account(&self) -> Result<(), GraphError> {
        let Some(given) = self.given else { return Ok(()) };
        for (number, user) in self.index.claims.unclaimed(&given.users) {
            let name = user.attributes.get(USERNAME);
            if !self.is_wanted(name.map(String::as_str)) {
                continue;
            }
            let row = AttributeDifference {
                user_principal_name: name.cloned(),
                portal_place: Some(user.place),
                ..self.row()
            };
            let written = self.written(given, &user);
            let differences = self.comparison().without_account(number, &user, &written);
            self.output.rows(self.rows(&row, differences))?;
        }
        Ok(())
    }

    fn written(&self, given: &Given, user: &PortalUser) -> Written {
        match self.script {
            Some(script) => script.written(user, &given.columns),
            None => Written::of(user, &given.columns, None),
        }
    }

    fn row(&self) -> AttributeDifference {
        AttributeDifference {
            tenant: self.tenant.clone(),
            severity: Severity::Equal.name(),
            user_principal_name: None,
            attribute: "",
            before: None,
            after: None,
            reason: String::new(),
            advice: None,
            user_id: None,
            portal_place: None,
            on_premises_sync_enabled: None,
        }
    }

    /// A row for each difference that is asked for.
    fn rows(&self, of: &AttributeDifference, differences: Vec<Difference>) -> Vec<AttributeDifference> {
        let asked = differences.into_iter().filter(|one| self.op.include_equal || one.severity != Severity::Equal);
        let row = |one: Difference| AttributeDifference {
            severity: one.severity.name(),
            attribute: one.attribute,
            before: one.before,
            after: one.after,
            reason: one.reason,
            advice: one.advice,
            ..of.clone()
        };
        asked.map(row).collect()
    }
}
