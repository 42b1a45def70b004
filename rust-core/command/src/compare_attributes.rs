//! `compareAttributes`: what Practice Protect would write to each user, and who couldn't sign in afterwards. Rows leave as the
//! users are judged, so that a tenant of any size takes the memory of two pages and of an index.

mod judge;
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
use judge::{Judge, Judged, Judgement, rows_of};
use pp_attributes::facts::{Coverage, Facts};
use pp_attributes::portal_user::USERNAME;
use pp_attributes::portal_users::Pair;
use pp_attributes::spool::{Spool, Spooled, WalkedUsers};
use pp_graph::Graph;
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_report::rows::AttributeDifference;
use pp_run::comparison::{Names, Stopped, Told, facts, index};
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
    pub(crate) users: Vec<Vec<Pair>>,
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
            let cancel = output.cancel();
            let judge =
                Judge { op: &self, cancel, tenant, patterns, given, script, facts: &facts, index: &index };
            let work = Work { judge, output, graph, warning };
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

/// The judgement of all users, and the way of its rows.
struct Work<'a> {
    judge: Judge<'a>,
    output: &'a Output,
    graph: &'a Graph<'a>,
    warning: &'a dyn Fn(&str),
}

impl Work<'_> {
    /// The rows of all users. One who came again later is judged as it came last.
    fn users(
        &self,
        mut users: Spooled<WalkedUsers, SpooledTempFile>,
        names: &mut Names,
        pace: &Pace<'_>,
    ) -> Result<Judgement, OpError> {
        let mut all = Judgement::default();
        while let Some(some) = users.read_next(AT_ONCE).transpose().map_err(|error| not_kept(&error))? {
            let mut rows = Vec::new();
            for part in self.judge.in_parts(&some) {
                let (Judgement { judged, left_out }, of_part) = part?;
                all.judged += judged;
                all.left_out += left_out;
                rows.extend(of_part);
            }
            self.leave(&mut rows, names)?;
            pace.read("Comparing users", some.len())?;
        }
        Ok(all)
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

    /// The users of the portal whom nobody of the tenant is.
    fn without_account(&self, names: &mut Names) -> Result<(), OpError> {
        let Some(given) = self.judge.given else { return Ok(()) };
        let mut rows = Vec::new();
        for (number, user) in self.judge.index.claims.unclaimed(&given.users) {
            let name = user.attribute(USERNAME);
            if !self.judge.is_wanted(name) {
                continue;
            }
            let row = || AttributeDifference {
                user_principal_name: name.map(str::to_owned),
                portal_place: Some(user.place),
                ..self.judge.row()
            };
            let written = self.judge.written(given, &user)?;
            let differences = self.judge.comparison().without_account(number, user, &written);
            rows.extend(rows_of(row, differences));
            if rows.len() >= AT_ONCE {
                self.leave(&mut rows, names)?;
            }
        }
        self.leave(&mut rows, names)
    }
}
