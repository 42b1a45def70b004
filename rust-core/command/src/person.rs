//! A person signs in: what a request says of it, and how the person is reached.

use std::time::Duration;

use serde::Deserialize;
use url::Url;
use uuid::Uuid;

use crate::connect::guid;
use crate::output::Output;
use pp_base::call::Call;
use pp_base::cancel::Cancelled;
use pp_base::retry::Budget;
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_report::rows::{StepPermission, Tenant};
use pp_run::connection::Connection;
use pp_run::holder::holder;
use pp_runbook::sign_in_needs::{StepNeeds, delegated, delegated_without, rows};
use pp_runbook::step::StepName;
use pp_sign_in::Credential;
use pp_sign_in::error::SignInError;
use pp_sign_in::token::Claims;
use pp_sign_in::user::{COMMAND_LINE_TOOLS, Method, Prompt, TIME_TO_SIGN_IN, User, browser};

/// Who signs in, for what.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Person {
    client_id: Option<String>,
    /// What the permissions that are asked for must suffice for; all of them where none is named.
    #[serde(default)]
    steps: Vec<StepName>,
    /// In the browser only: do not open one.
    #[serde(default)]
    no_browser: bool,
    /// In the browser only.
    timeout_seconds: Option<u64>,
}

impl Person {
    /// In the browser of this computer.
    pub(crate) fn in_browser(self) -> Result<Credential, OpError> {
        let timeout = self.timeout_seconds.map_or(TIME_TO_SIGN_IN, Duration::from_secs);
        self.credential(Method::Browser { timeout })
    }

    /// With a code on another device.
    pub(crate) fn by_device_code(self) -> Result<Credential, OpError> {
        self.credential(Method::DeviceCode)
    }

    /// Whether a browser may be opened.
    pub(crate) fn opens_browser(&self) -> bool {
        !self.no_browser
    }

    fn credential(self, method: Method) -> Result<Credential, OpError> {
        let client_id = match self.client_id.as_deref() {
            None => COMMAND_LINE_TOOLS,
            Some(text) => guid(text).ok_or_else(|| {
                c::CLIENT_ID_INVALID.report(format!("the client id '{text}' is none: it has to be a GUID"))
            })?,
        };
        let steps = if self.steps.is_empty() { &StepName::ALL } else { self.steps.as_slice() };
        let scopes = delegated(steps).into_iter().map(str::to_owned).collect();
        Ok(Credential::User(Box::new(User::new(client_id, scopes, method))))
    }
}

/// What the token holds against what each step needs: a row a step.
pub(crate) fn step_rows(claims: Option<&Claims>, tenant: &Tenant) -> Vec<StepPermission> {
    let row = |row: StepNeeds| StepPermission {
        tenant: tenant.clone(),
        step: row.step.name(),
        needs: row.needs,
        held: row.held,
        missing: row.missing,
        role: row.roles,
        role_held: row.has_role,
    };
    rows(&StepName::ALL, claims.map(holder).as_ref()).into_iter().map(row).collect()
}

/// Of those rows what is missing, a line a step.
pub(crate) fn missing_for_steps(rows: &[StepPermission]) -> Vec<String> {
    let line = |row: &StepPermission| {
        let missing = row.missing.as_ref().filter(|missing| !missing.is_empty())?;
        Some(format!("{} ({})", row.step, missing.join("; ")))
    };
    rows.iter().filter_map(line).collect()
}

/// Has the person of a new connection sign in.
pub(crate) fn sign_in(connection: &Connection, opens_browser: bool, output: &Output) -> Result<(), OpError> {
    let Credential::User(user) = connection.tokens.credential() else { return Ok(()) };
    let log = |text: &str| {
        let _ = output.verbose(text);
    };
    let say = |text: &str| {
        let _ = output.information(text);
    };
    let open = |address: &Url| opens_browser && browser::open(address);
    let call = Call { cancel: output.cancel(), budget: &Budget::new(connection.retry_budget), log: &log };
    let mut unknown = Vec::new();
    loop {
        let prompt = Prompt { say: &say, open: &open };
        let Err(error) = connection.tokens.sign_in_person(prompt, &call) else { return Ok(()) };
        if !asks_without_unknown(&error, user, &mut unknown, output)? {
            return Err(with_consent(error.into(), connection, user));
        }
    }
}

/// Where the service doesn't know a permission that was asked for: asks for what does in its place from now on. Each time it is
/// another one, so this ends.
fn asks_without_unknown(
    error: &SignInError,
    user: &User,
    unknown: &mut Vec<String>,
    output: &Output,
) -> Result<bool, Cancelled> {
    let SignInError::Refused(refusal) = error else { return Ok(false) };
    let asked = user.scopes();
    let Some(name) = refusal.unknown_scope(&asked) else { return Ok(false) };
    unknown.push(name.to_owned());
    let Some(instead) = delegated_without(&asked, unknown).filter(|instead| !instead.is_empty()) else {
        return Ok(false);
    };
    let instead: Vec<String> = instead.into_iter().map(str::to_owned).collect();
    let new: Vec<&str> = instead.iter().filter(|name| !asked.contains(name)).map(String::as_str).collect();
    let what = match new.as_slice() {
        [] => "what takes it can't be read".to_owned(),
        new => format!("{} is asked for in its place", new.join(", ")),
    };
    output.verbose(format!("sign-in: {refusal}; asking again without {name}"))?;
    output
        .warning(format!("this cloud or tenant doesn't know the permission {name}: signing in without it; {what}"))?;
    user.ask_for(instead);
    Ok(true)
}

/// Where an administrator consents, as a part of the advice. Source: Microsoft identity platform, "Admin consent on the
/// Microsoft identity platform".
fn with_consent(error: OpError, connection: &Connection, user: &User) -> OpError {
    let OpError::Failed(report) = &error else { return error };
    if report.id != c::CONSENT_MISSING.id {
        return error;
    }
    let address = consent_address(&connection.endpoints.login, connection.tenant, &connection.endpoints.graph, user);
    let advice = format!("{} An administrator consents at {address}", c::CONSENT_MISSING.advice);
    (**report).clone().advice(advice).into()
}

fn consent_address(login: &str, tenant: Uuid, graph: &str, user: &User) -> String {
    let scopes: Vec<String> = user.scopes().iter().map(|name| format!("{graph}/{name}")).collect();
    let address = format!("{login}/{tenant}/v2.0/adminconsent");
    let client = user.client_id().to_string();
    let fields = [("client_id", client.as_str()), ("redirect_uri", "http://localhost"), ("scope", &scopes.join(" "))];
    Url::parse_with_params(&address, fields).map_or(address, String::from)
}
