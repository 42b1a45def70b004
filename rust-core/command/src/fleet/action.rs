//! What an action is in one tenant: the ops of the cmdlets that do the same in one.

use super::options::{Action, Options};
use super::told::{self, DONE, OPEN, Told};
use crate::Op;
use crate::attribute_backup::Backup;
use crate::client_secret::{PlanRemoval, Remove};
use crate::compare_attributes::CompareAttributes;
use crate::look::{DirSync, Status};
use crate::operation::Operation;
use crate::output::{Output, Said};
use crate::pattern::filled;
use crate::provisioning_script::Given as GivenScript;
use crate::rotation::Look;
use crate::run::{Apply, Plan};
use pp_report::catalogue as c;
use pp_report::clixml::{Object, Value};
use pp_report::error::OpError;
use pp_report::rows::Tenant;
use pp_runbook::observed::LookUp;
use pp_runbook::placed::placed_at;
use pp_runbook::step::StepName;
use pp_runbook::steps::client_secret::valid_secrets;
use pp_words::sentence;

/// A tenant that is connected to.
pub(super) struct At<'a> {
    pub(super) connection: u64,
    /// The tenant, by the name that places of its own are made of.
    pub(super) called: &'a Tenant,
    pub(super) output: &'a Output,
    /// What the output keeps.
    pub(super) said: &'a Said,
    pub(super) options: &'a Options,
    /// An earlier worker had begun: what it left in the file that a secret goes to is not in the way.
    pub(super) takes_up: bool,
    /// The client secret that this action has put in place before, by the ledger, and that works: no other is made.
    pub(super) placed: Option<String>,
    /// The client secrets that the run removes before it, where nobody has them, as its plan foresees.
    pub(super) orphans: Vec<String>,
    /// Those that the run has removed before it, which may still show.
    pub(super) removed: Vec<String>,
    /// The steps whose grave changes were asked about, where anybody was asked.
    pub(super) asked: Option<Vec<StepName>>,
}

impl At<'_> {
    /// Carries it out; what that came to.
    pub(super) fn carry_out(&self, action: Action) -> Result<Told, OpError> {
        let Self { connection, options, .. } = *self;
        match action {
            Action::Status => {
                let (steps, which) = (options.steps.clone(), options.which.clone());
                Box::new(Status { connection, steps, which }).run(self.output)?;
            }
            Action::DirSync => Box::new(DirSync { connection, switched_off: false }).run(self.output)?,
            Action::Runbook => {
                self.apply(self.choices())?;
                let told = told::done(action, self.said);
                return self.secret_elsewhere(told);
            }
            Action::Rotate => {
                let unasked = match in_doubt(self.rotate())? {
                    Ok(unasked) => unasked,
                    Err(told) => return Ok(told),
                };
                let mut told = told::done(action, self.said);
                if let Some(key_id) = &self.placed {
                    told.detail = format!("client secret {key_id} was in place already; {}", told.detail);
                }
                if !unasked.is_empty() {
                    let detail = format!(
                        "{}; but client secret {} may go now, and in the plan that was asked about it might not: run this again to be asked about it",
                        told.detail,
                        unasked.join(", ")
                    );
                    told = Told::new(OPEN, detail);
                }
                return Ok(told);
            }
            Action::Compare => Box::new(self.comparison()).run(self.output)?,
            Action::Backup => Box::new(self.backup()).run(self.output)?,
        }
        Ok(told::done(action, self.said))
    }

    /// Says what it would write, and writes nothing.
    pub(super) fn plan(&self, action: Action) -> Result<Told, OpError> {
        match action {
            Action::Runbook => {
                Box::new(self.choices()).run(self.output)?;
                let told = told::planned(&self.said.objects.lock());
                return Ok(self.beside_orphans(self.secret_elsewhere(told)?));
            }
            Action::Rotate => {
                if let Err(told) = in_doubt(self.plan_rotation())? {
                    return Ok(self.beside_orphans(told));
                }
            }
            Action::Backup => {
                let backup = self.backup();
                backup.check()?;
                return Ok(Told::new(OPEN, format!("would: write the attributes of all users to {}", backup.path)));
            }
            Action::Status | Action::DirSync | Action::Compare => return self.carry_out(action),
        }
        Ok(self.beside_orphans(told::planned(&self.said.objects.lock())))
    }

    /// What a plan says, with what becomes of the secrets that the run takes up.
    fn beside_orphans(&self, told: Told) -> Told {
        if self.orphans.is_empty() {
            return told;
        }
        let detail = format!(
            "would: remove client secret {}, which an earlier worker had asked for, where nobody has it, and make another where there is no \
             other; beside that, {}",
            self.orphans.join(", "),
            told.detail
        );
        Told::new(OPEN, detail)
    }

    /// The choices of a run.
    fn choices(&self) -> Plan {
        let plan = self.options.plan(self.connection);
        Plan { new_secret: plan.new_secret && self.placed.is_none(), ..plan }
    }

    fn backup(&self) -> Backup {
        Backup { connection: self.connection, path: self.options.file(self.called), force: self.options.force }
    }

    fn apply(&self, plan: Plan) -> Result<(), OpError> {
        let steps = pp_runbook::wanted::steps(&plan.steps, &plan.skip)?;
        let sink = self.options.sink(self.called, self.takes_up, plan.replaces);
        // A row's warnings are there whether or not the fleet was planned before.
        let read = plan.warn_alone(self.output)?;
        Box::new(Apply {
            plan: Some(read),
            connection: self.connection,
            steps,
            declined: Vec::new(),
            asked: self.asked.clone(),
            which: plan.which,
            new_secret: plan.new_secret,
            renews: plan.renews,
            secret_lifetime: plan.secret_lifetime,
            lock_credentials: plan.lock_credentials,
            deleted_app: plan.deleted_app,
            deleted_id: None,
            sink,
        })
        .run(self.output)
    }

    /// What to say where all is done and no client secret is known to lie anywhere: each that is valid was there before, and neither the
    /// tenant nor the ledger remembers a sink that took it. Else what was to be said.
    fn secret_elsewhere(&self, told: Told) -> Result<Told, OpError> {
        let made = self.said.objects.lock().iter().any(|row| text(row, "SecretLocation").is_some());
        let steps = pp_runbook::wanted::steps(&self.options.steps, &self.options.skip)?;
        if told.result != DONE || made || !steps.contains(&StepName::ClientSecret) {
            return Ok(told);
        }
        let wanted = self.options.which.wanted(&[StepName::ClientSecret])?;
        let operation = Operation::on(self.connection)?;
        let observed = operation.observe(self.output, &[LookUp::Application], &wanted)?;
        let now = operation.connection.now();
        let application = observed.app(wanted.adopt);
        let found = application.map(|application| (application, valid_secrets(&application.password_credentials, now)));
        let Some((application, valid)) = found.filter(|(_, valid)| !valid.is_empty()) else {
            let detail =
                format!("{}; where its client secret is could not be looked up", told.detail.trim_end_matches('.'));
            return Ok(Told::new(OPEN, detail));
        };
        let in_ledger = |key_id: &str| self.placed.as_deref().is_some_and(|placed| placed.eq_ignore_ascii_case(key_id));
        if valid.iter().any(|secret| in_ledger(&secret.key_id) || placed_at(application, secret).is_some()) {
            return Ok(told);
        }
        let ids: Vec<&str> = valid.iter().map(|secret| secret.key_id.as_str()).collect();
        if ids.iter().all(|id| self.orphans.iter().any(|orphan| orphan.eq_ignore_ascii_case(id))) {
            return Ok(told);
        }
        let detail = format!(
            "{}; but client secret {} was there before, and where it lies is not known: -NewSecret makes another in the sink, and -Skip \
             ClientSecret leaves it alone",
            told.detail.trim_end_matches('.'),
            ids.join(", ")
        );
        Ok(Told::new(OPEN, detail))
    }

    fn comparison(&self) -> CompareAttributes {
        let Self { options, .. } = *self;
        let of_tenant = |path: &Option<String>| path.as_deref().map(|path| filled(path, self.called));
        CompareAttributes {
            connection: self.connection,
            path: of_tenant(&options.portal_user_path),
            users: Vec::new(),
            column_map: options.column_map.clone(),
            script: of_tenant(&options.script_path).map(GivenScript::Path),
            federated_domain: options.federated_domain.clone(),
            user_principal_name: options.user_principal_name.clone(),
            include_equal: false,
            since: of_tenant(&options.since),
        }
    }

    /// Where the rotation stands, as its row says it.
    fn rotation(&self, foresee: bool, placed: Option<String>) -> Result<Object, OpError> {
        Box::new(Look {
            connection: self.connection,
            which: self.options.which.clone(),
            overlap_seconds: self.options.overlap_seconds.unwrap_or_default(),
            renew_within_seconds: self.options.renew_within_seconds,
            foresee,
            placed,
            gone: [self.orphans.as_slice(), &self.removed].concat(),
        })
        .run(self.output)?;
        Ok(self.said.objects.lock().pop().unwrap_or_else(|| Object::new("")))
    }

    fn plan_rotation(&self) -> Result<(), OpError> {
        let rotation = self.rotation(true, self.placed.clone())?;
        if self.placed.is_none() && flag(&rotation, "Due") {
            Box::new(self.options.plan_of_rotation(self.connection)).run(self.output)?;
        }
        for key_id in texts(&rotation, "Remove") {
            Box::new(self.removal(key_id, true)).run(self.output)?;
        }
        Ok(())
    }

    /// A new secret where one is due and none was put in place before; and once one is, the older ones whose time has come. The answer
    /// is which of them stay, since nobody was asked about a removal.
    fn rotate(&self) -> Result<Vec<String>, OpError> {
        let mut rotation = self.rotation(false, self.placed.clone())?;
        if self.placed.is_none() && flag(&rotation, "Due") {
            self.apply(self.options.plan_of_rotation(self.connection))?;
            let placed = {
                let objects = self.said.objects.lock();
                objects.last().filter(|run| text(run, "SecretSink").is_some()).and_then(|run| text(run, "SecretId"))
            };
            // Nobody has it in place yet: the older ones stay.
            let Some(placed) = placed else { return Ok(Vec::new()) };
            rotation = self.rotation(false, Some(placed))?;
        }
        let mut remove = texts(&rotation, "Remove");
        let is_unasked = self.asked.as_ref().is_some_and(|asked| !asked.contains(&StepName::ClientSecret));
        let unasked = if is_unasked { std::mem::take(&mut remove) } else { Vec::new() };
        for key_id in remove {
            Box::new(Remove(self.removal(key_id, false))).run(self.output)?;
        }
        let kept = rotation.properties().iter().find(|(name, _)| *name == "Keep").map(|(_, rows)| rows.clone());
        if let Some(Value::List(rows)) = kept {
            let rows = rows.into_iter().filter_map(|row| if let Value::Object(row) = row { Some(*row) } else { None });
            self.said.objects.lock().extend(rows);
        }
        Ok(unasked)
    }

    fn removal(&self, key_id: String, replaced: bool) -> PlanRemoval {
        let (connection, which) = (self.connection, self.options.which.clone());
        PlanRemoval { connection, which, key_id, force: false, replaced }
    }
}

/// What to say of a rotation that nobody but the admin can decide on: whether a secret is due hangs on whether the one there is in use.
fn in_doubt<T>(ended: Result<T, OpError>) -> Result<Result<T, Told>, OpError> {
    match ended {
        Err(OpError::Failed(report)) if report.id == c::SECRET_PLACE_UNKNOWN.id => {
            let advice = report.advice.unwrap_or_default();
            Ok(Err(Told::new(OPEN, format!("{} {advice}", sentence(&report.message)))))
        }
        ended => ended.map(Ok),
    }
}

/// A column that holds a text.
pub(super) fn text(row: &Object, column: &str) -> Option<String> {
    if let Some(Value::Text(text)) = row.get(column) { Some(text.clone()) } else { None }
}

pub(super) fn flag(row: &Object, column: &str) -> bool {
    row.get(column) == Some(&Value::Bool(true))
}

fn texts(row: &Object, column: &str) -> Vec<String> {
    let Some(Value::List(values)) = row.get(column) else { return Vec::new() };
    values.iter().filter_map(|value| if let Value::Text(text) = value { Some(text.clone()) } else { None }).collect()
}
