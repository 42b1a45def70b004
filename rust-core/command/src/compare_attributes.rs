//! `compareAttributes`: what Practice Protect would write to each user, and who couldn't sign in afterwards. Rows leave as the
//! users are judged, so that a tenant of any size takes the memory of two pages and of an index.

mod portal;
mod script;
mod since;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::Op;
use crate::attribute_backup::read::file_error;
use crate::operation::Operation;
use crate::output::Output;
use crate::pace::Pace;
use crate::provisioning_script::Given as GivenScript;
use crate::temporary::{self, not_kept};
use portal::Given;
use pp_attributes::compare::Comparison;
use pp_attributes::difference::{Difference, Severity};
use pp_attributes::facts::{Coverage, Facts};
use pp_attributes::hazards::Holder;
use pp_attributes::object_id::ObjectId;
use pp_attributes::pairing::{Packed, Pairing};
use pp_attributes::portal_user::USERNAME;
use pp_attributes::spool::{Spool, Spooled, Walked, WalkedUsers};
use pp_attributes::written::Written;
use pp_base::cancel::Cancelled;
use pp_graph::Graph;
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_report::rows::{AttributeDifference, Tenant};
use pp_run::comparison::{Index, Names, Stopped, Told, facts, index};
use pp_run::users::count;
use pp_runbook::observed::LookUp;
use pp_runbook::pattern::Pattern;
use pp_runbook::wanted::Wanted;
use script::Prepared;
use since::Since;
use tempfile::SpooledTempFile;

/// `compareAttributes`: a row for each attribute of each user that would change, or can't be judged.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct CompareAttributes {
    pub(crate) connection: u64,
    /// A file of the portal's users.
    pub(crate) path: Option<String>,
    /// Users of the portal, each as the names and values of what is known of it.
    #[serde(default)]
    pub(crate) users: Vec<Vec<(String, String)>>,
    /// Which column is which attribute, by the attribute's name.
    #[serde(default)]
    pub(crate) column_map: BTreeMap<String, String>,
    /// The provisioning script.
    pub(crate) script: Option<GivenScript>,
    /// The domains that are federated with Practice Protect, or going to be.
    #[serde(default)]
    pub(crate) federated_domain: Vec<String>,
    /// A backup: only who has changed since.
    pub(crate) since: Option<String>,
    /// Only users of such sign-in names.
    #[serde(default)]
    pub(crate) user_principal_name: Vec<String>,
    /// What stays as it is, too.
    #[serde(default)]
    pub(crate) include_equal: bool,
}

impl Op for CompareAttributes {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        // Before anything is read of the tenant: a file that can't be read is told at once.
        let given = self.given(output)?;
        let columns = given.as_ref().map(|given| &given.columns);
        let script = self.script.as_ref().map(|script| Prepared::new(script, columns, output)).transpose()?;
        let mut since = self.since.as_deref().map(|path| Since::open(path, &operation, output)).transpose()?;
        let portal = given.as_ref().map(|given| &given.users);
        let coverage = if self.path.is_some() { Coverage::Whole } else { Coverage::Part };
        let observed =
            operation.observe(output, &[LookUp::Application, LookUp::ServicePrincipal], &Wanted::everything())?;
        let tenant = operation.tenant();
        let patterns: Vec<Pattern> = self.user_principal_name.iter().map(|name| Pattern::new(name)).collect();
        operation.run(output, |graph, voice| {
            let mut facts = facts(&graph, &observed, &self.federated_domain, coverage, voice.warning)?;
            self.check_domains(&facts)?;
            let changed_alone = since.as_ref().is_some_and(Since::has_link);
            let all = if changed_alone { None } else { count(&graph)? };
            let pace = Pace::new(output, operation.connection.clock(), ACTIVITY, all);
            let told = Told { read: &|users| pace.read("Reading users", users), warning: voice.warning };
            let backup = since.as_mut().map(|since| &mut since.backup);
            let walked = index(&graph, portal, backup, Spool::new(temporary::file()), &mut facts, told);
            let (index, users) = walked.map_err(|stopped| output.unless_cancelled(stopped_by(stopped, since.as_ref())))?;
            output.verbose(format!("the index of who holds what takes {} bytes", index.hazards.bytes()))?;
            let (tenant, patterns) = (&tenant, &patterns);
            let (given, script) = (given.as_ref(), script.as_ref());
            let (graph, warning) = (&graph, voice.warning);
            let work = Work {
                op: &self,
                output,
                graph,
                warning,
                tenant,
                patterns,
                given,
                script,
                facts: &facts,
                index: &index,
            };
            let pace = Pace::new(output, operation.connection.clock(), ACTIVITY, Some(users.len()));
            let mut names = Names::default();
            let Judgement { judged, left_out } = work.users(users, &mut names, &pace)?;
            work.without_account(&mut names)?;
            if left_out > 0 {
                let accounts = match left_out {
                    1 => "1 account of the tenant pairs".to_owned(),
                    _ => format!("{left_out} accounts of the tenant pair"),
                };
                (voice.warning)(&format!(
                    "{accounts} with none of the portal's users who were given. Nothing is said of these: -IncludeEqual shows them"
                ));
            }
            since.map_or(Ok(()), |since| since.tell(judged, output))
        })
    }
}

/// What the progress bar is headed with.
const ACTIVITY: &str = "Comparing attributes";

/// So many users are judged before their rows leave.
const AT_ONCE: usize = 500;

fn stopped_by(stopped: Stopped, since: Option<&Since>) -> OpError {
    match stopped {
        Stopped::Graph(error) => error.into(),
        Stopped::NotKept(error) => not_kept(&error),
        Stopped::Backup(error) => file_error(since.map_or("", |since| &since.path), error),
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

/// A row, and the other objects that its user's rows speak of by their ids.
struct Judged {
    row: AttributeDifference,
    concerns: Vec<Holder>,
}

/// How many users there were.
#[derive(Default)]
struct Judgement {
    judged: u64,
    /// Of those, who pairs with none of the portal's users, where these are only some of them: nothing can be said of such an account.
    left_out: u64,
}

/// The judgement of all users.
struct Work<'a> {
    op: &'a CompareAttributes,
    output: &'a Output,
    graph: &'a Graph<'a>,
    warning: &'a dyn Fn(&str),
    tenant: &'a Tenant,
    patterns: &'a [Pattern],
    given: Option<&'a Given>,
    script: Option<&'a Prepared>,
    facts: &'a Facts,
    index: &'a Index,
}

impl Work<'_> {
    fn comparison(&self) -> Comparison<'_> {
        Comparison {
            facts: self.facts,
            hazards: &self.index.hazards,
            portal: self.given.map(|given| &given.users),
            equal: self.op.include_equal,
        }
    }

    fn is_wanted(&self, name: Option<&str>) -> bool {
        self.patterns.is_empty() || name.is_some_and(|name| self.patterns.iter().any(|pattern| pattern.matches(name)))
    }

    /// The rows of all users. One who came again later is judged as it came last.
    fn users(
        &self,
        mut users: Spooled<WalkedUsers, SpooledTempFile>,
        names: &mut Names,
        pace: &Pace<'_>,
    ) -> Result<Judgement, OpError> {
        let (mut judgement, mut rows, mut waiting) = (Judgement::default(), Vec::new(), 0);
        while let Some(user) = users.read_next().transpose().map_err(|error| not_kept(&error))? {
            if !self.index.hazards.is_latest(user.place) {
                continue;
            }
            judgement.judged += 1;
            waiting += 1;
            if self.is_wanted(user.account.user_principal_name) {
                if self.says_nothing_of(&user) {
                    judgement.left_out += 1;
                } else {
                    self.account(user, &mut rows)?;
                }
            }
            if waiting == AT_ONCE {
                self.leave(&mut rows, names)?;
                pace.read("Comparing users", std::mem::take(&mut waiting))?;
            }
        }
        self.leave(&mut rows, names)?;
        pace.read("Comparing users", waiting)?;
        Ok(judgement)
    }

    /// Whether an account pairs with nobody of a list that has only some of the portal's users: all of it would be Unknown.
    fn says_nothing_of(&self, user: &Walked<'_>) -> bool {
        let is_part = self.given.is_some() && self.facts.coverage == Coverage::Part;
        is_part && user.found.is_none() && !self.op.include_equal
    }

    /// Rows leave, with the names of whom they speak of.
    fn leave(&self, rows: &mut Vec<Judged>, names: &mut Names) -> Result<(), OpError> {
        names.look_up(self.graph, rows.iter().flat_map(|judged| judged.concerns.iter().copied()), self.warning)?;
        let told = |Judged { row, concerns }: Judged| AttributeDifference {
            reason: names.told(&row.reason, &concerns),
            ..row
        };
        Ok(self.output.rows(rows.drain(..).map(told))?)
    }

    fn account(&self, Walked { account, found, .. }: Walked<'_>, rows: &mut Vec<Judged>) -> Result<(), Cancelled> {
        let Some(id) = ObjectId::parse(account.id) else { return Ok(()) };
        let pairing = self.given.map_or(Pairing::Alone, |given| given.users.pair(&self.index.claims, id, found));
        let user = if let Pairing::Paired { user, .. } = &pairing { Some(user) } else { None };
        let paired = self.given.zip(user).map(|(given, user)| self.written(given, user)).transpose()?;
        let constants = || Written::constants(self.script.map(Prepared::constants));
        let written = paired.unwrap_or_else(constants);
        let row = || AttributeDifference {
            user_principal_name: account.user_principal_name.map(str::to_owned),
            user_id: Some(account.id.to_owned()),
            portal_place: user.map(|user| user.place),
            on_premises_sync_enabled: account.on_premises_sync_enabled,
            ..self.row()
        };
        rows.extend(Self::rows(row, self.comparison().account(&account, &pairing, &written)));
        Ok(())
    }

    /// The users of the portal whom nobody of the tenant is.
    fn without_account(&self, names: &mut Names) -> Result<(), OpError> {
        let Some(given) = self.given else { return Ok(()) };
        let mut rows = Vec::new();
        for (number, user) in self.index.claims.unclaimed(&given.users) {
            let name = user.attribute(USERNAME);
            if !self.is_wanted(name) {
                continue;
            }
            let row = || AttributeDifference {
                user_principal_name: name.map(str::to_owned),
                portal_place: Some(user.place),
                ..self.row()
            };
            let written = self.written(given, &user)?;
            let differences = self.comparison().without_account(number, user, &written);
            rows.extend(Self::rows(row, differences));
            if rows.len() >= AT_ONCE {
                self.leave(&mut rows, names)?;
            }
        }
        self.leave(&mut rows, names)
    }

    fn written<'a>(&'a self, given: &Given, user: &'a Packed<'_>) -> Result<Written<'a>, Cancelled> {
        let written = match self.script {
            Some(script) => script.written(user, &given.columns),
            None => Written::of(|name| user.attribute(name), &given.columns, None),
        };
        // That a script was stopped says nothing of its user.
        self.output.cancel().check()?;
        Ok(written)
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

    /// A row for each difference of one user.
    fn rows(of: impl Fn() -> AttributeDifference, differences: Vec<Difference>) -> impl Iterator<Item = Judged> {
        let concerns: Vec<Holder> = differences.iter().flat_map(|one| one.concerns.iter().copied()).collect();
        differences.into_iter().map(move |one| {
            let row = AttributeDifference {
                severity: one.severity.name(),
                attribute: one.attribute,
                before: one.before,
                after: one.after,
                reason: one.reason,
                advice: one.advice,
                ..of()
            };
            Judged { row, concerns: concerns.clone() }
        })
    }
}
