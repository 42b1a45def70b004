//! A person signs in: what a request says of it, and how the person is reached.

use std::time::Duration;

use serde::Deserialize;
use url::{Url, form_urlencoded};
use uuid::Uuid;

use crate::connect::guid;
use crate::output::Output;
use pp_base::call::Call;
use pp_base::cancel::Cancelled;
use pp_base::retry::Budget;
use pp_report::catalogue as c;
use pp_report::error::{OpError, Report};
use pp_report::rows::{StepPermission, Tenant};
use pp_run::connection::Connection;
use pp_run::holder::holder;
use pp_runbook::sign_in_client::REDIRECT;
use pp_runbook::sign_in_needs::{StepNeeds, delegated, delegated_and_restoring, delegated_without, rows};
use pp_runbook::step::StepName;
use pp_sign_in::Credential;
use pp_sign_in::environment::Endpoints;
use pp_sign_in::error::SignInError;
use pp_sign_in::token::Claims;
use pp_sign_in::user::{CLIENT_VARIABLE, COMMAND_LINE_TOOLS, Method, Prompt, TIME_TO_SIGN_IN, User, browser};

/// Who signs in, for what.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Person {
    client_id: Option<String>,
    /// What the environment says where no client is named.
    #[serde(default)]
    variables: Variables,
    /// What the permissions that are asked for must suffice for; all of them where none is named.
    #[serde(default)]
    steps: Vec<StepName>,
    /// Users' attributes are restored, too.
    #[serde(default)]
    restores_attributes: bool,
    /// In the browser only: do not open one.
    #[serde(default)]
    no_browser: bool,
    /// In the browser only.
    timeout_seconds: Option<u64>,
}

/// The environment variable that names the client, where it is set.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Variables {
    #[serde(rename = "PPFEDERATION_CLIENT_ID")]
    client_id: Option<String>,
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

    /// The client of the environment, where that is the one to sign in with.
    pub(crate) fn client_of_environment(&self) -> Option<&str> {
        self.variables.client_id.as_deref().filter(|_| self.client_id.is_none())
    }

    fn client(&self) -> Result<Uuid, OpError> {
        let none = |what: String| c::CLIENT_ID_INVALID.report(format!("{what} is none: it has to be a GUID"));
        let of_environment =
            |id: &str| none(format!("the client id '{id}' in the environment variable {CLIENT_VARIABLE}"));
        match (self.client_id.as_deref(), self.variables.client_id.as_deref()) {
            (Some(id), _) => guid(id).ok_or_else(|| none(format!("the client id '{id}'")).into()),
            (None, Some(id)) => guid(id).ok_or_else(|| of_environment(id).into()),
            (None, None) => Ok(COMMAND_LINE_TOOLS),
        }
    }

    fn credential(self, method: Method) -> Result<Credential, OpError> {
        let client_id = self.client()?;
        let steps = if self.steps.is_empty() { &StepName::ALL } else { self.steps.as_slice() };
        let scopes = if self.restores_attributes { delegated_and_restoring(steps) } else { delegated(steps) };
        let scopes = scopes.into_iter().map(str::to_owned).collect();
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
            return Err(of_client(error.into(), connection, user));
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

/// What the client adds to a refusal: where an administrator consents, and that the default one is Microsoft's.
fn of_client(error: OpError, connection: &Connection, user: &User) -> OpError {
    let OpError::Failed(report) = error else { return error };
    if report.id == c::CONSENT_MISSING.id {
        return with_consent(*report, connection, user).into();
    }
    let borrowed = user.client_id() == COMMAND_LINE_TOOLS;
    if borrowed { of_borrowed(*report).into() } else { OpError::Failed(report) }
}

/// What is told of Microsoft's client: another one is at hand.
fn of_borrowed(report: Report) -> Report {
    if report.id == c::APPLICATION_DISABLED.id {
        let advice = c::APPLICATION_DISABLED.advice.trim_end_matches('.');
        return report.advice(format!("{advice}; or sign in with a client of your own: New-PPSignInClient."));
    }
    if report.id == c::CLIENT_UNKNOWN.id || report.id == c::CLIENT_MISCONFIGURED.id {
        let refused = c::DEFAULT_CLIENT_REFUSED.report(report.message.as_str());
        return Report { http_status: report.http_status, code: report.code, request_id: report.request_id, ..refused };
    }
    report
}

fn with_consent(report: Report, connection: &Connection, user: &User) -> Report {
    let (tenant, client) = (connection.tenant.to_string(), user.client_id().to_string());
    let scopes = user.scopes();
    let scopes = scopes.iter().map(String::as_str);
    let address = consent_address(&connection.endpoints, &tenant, &client, scopes);
    report.advice(format!("{} An administrator consents at {address}", c::CONSENT_MISSING.advice))
}

/// Where an administrator consents to permissions of Microsoft Graph. Source: Microsoft identity platform, "Admin consent on
/// the Microsoft identity platform".
pub(crate) fn consent_address<'a>(
    endpoints: &Endpoints,
    tenant: &str,
    client_id: &str,
    scopes: impl Iterator<Item = &'a str>,
) -> String {
    let scopes: Vec<String> = scopes.map(|name| format!("{}/{name}", endpoints.graph)).collect();
    let fields = [("client_id", client_id), ("redirect_uri", REDIRECT), ("scope", &scopes.join(" "))];
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    format!("{}/{tenant}/v2.0/adminconsent?{query}", endpoints.login)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_microsofts_client_is_switched_off_another_one_is_named() {
        let of = |entry: c::Entry| of_borrowed(entry.report("refused"));
        let disabled = of(c::APPLICATION_DISABLED);
        let advice = disabled.advice.unwrap_or_default();
        assert_eq!(disabled.id, c::APPLICATION_DISABLED.id);
        assert!(advice.starts_with("Enable it") && advice.contains("of your own: New-PPSignInClient"), "{advice}");
        assert_eq!(of(c::CLIENT_UNKNOWN).id, c::DEFAULT_CLIENT_REFUSED.id);
        assert_eq!(of(c::USER_AT_RISK).id, c::USER_AT_RISK.id);
    }
}
