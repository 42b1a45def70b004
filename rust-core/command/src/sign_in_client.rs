//! Ops on the public client of one's own that people sign in with: what would be done, and doing it.

use serde::Deserialize;

use crate::Op;
use crate::client_secret::told;
use crate::operation::Operation;
use crate::output::Output;
use crate::person::consent_address;
use crate::run::target;
use pp_report::error::OpError;
use pp_report::rows::{self, PlannedChange};
use pp_run::connection::Connection;
use pp_run::sign_in_client::{Ready, look, look_to_remove, make, remove};
use pp_runbook::sign_in_client::{ClientChange, MULTI_TENANT, SignInClient, WantedClient, changes, obstacles};
use pp_runbook::sign_in_needs::delegated;
use pp_runbook::step::{State, StepName};
use pp_runbook::wanted::Wanted;
use pp_sign_in::environment::Environment;
use pp_sign_in::user::CLIENT_VARIABLE;

/// What stands for the step in a confirmation.
const STEP: &str = "SignInClient";

/// `planSignInClient`: what making it would change.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct PlanMake {
    connection: u64,
    display_name: Option<String>,
    #[serde(default)]
    multi_tenant: bool,
}

impl PlanMake {
    fn open(&self, output: &Output) -> Result<(Operation, WantedClient), OpError> {
        let wanted = WantedClient::new(self.display_name.as_deref(), self.multi_tenant)?;
        let operation = Operation::on(self.connection)?;
        operation.observe(output, &[], &Wanted::everything())?;
        Ok((operation, wanted))
    }
}

impl Op for PlanMake {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let (operation, wanted) = self.open(output)?;
        let seen = operation.run(output, |graph, _| look(graph))?;
        seen.obstacles().iter().try_for_each(|why| output.warning(format!("the sign-in client: {why}")))?;
        let actions: Vec<String> = changes(&seen, &wanted).iter().map(ClientChange::action).collect();
        Ok(output.row(planned(&operation, actions.join("; "), "Medium"))?)
    }
}

/// `makeSignInClient`: makes it, or what it lacks, and sees that it is there.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Make(PlanMake);

impl Op for Make {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let (operation, wanted) = self.0.open(output)?;
        let ready = operation.run(output, |graph, voice| make(graph, voice, &wanted))?;
        Ok(output.row(row_of_ready(&operation, ready))?)
    }
}

/// `planSignInClientRemoval`: which client a removal would take.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanRemove {
    connection: u64,
}

impl PlanRemove {
    fn open(&self, output: &Output) -> Result<(Operation, SignInClient), OpError> {
        let operation = Operation::on(self.connection)?;
        operation.observe(output, &[], &Wanted::everything())?;
        let client = operation.run(output, |graph, _| look_to_remove(graph))?;
        Ok((operation, client))
    }
}

impl Op for PlanRemove {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let (operation, client) = self.open(output)?;
        let signed_in = operation.connection.tokens.credential().client_id().map(|id| id.to_string());
        if signed_in.is_some_and(|id| id.eq_ignore_ascii_case(&client.app_id)) {
            output.warning(format!(
                "this connection signed in with the client {} itself: once it is removed, the sign-in isn't renewed any more",
                client.app_id
            ))?;
        }
        let action = format!("Remove the sign-in client {}; nobody signs in with it any more", client.label());
        Ok(output.row(planned(&operation, action, "High"))?)
    }
}

/// `removeSignInClient`: removes it, and sees that it is gone.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Remove(PlanRemove);

impl Op for Remove {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let (operation, client) = self.0.open(output)?;
        let gone = operation.run(output, |graph, voice| remove(graph, voice, &client))?;
        let (result, what) = told(gone);
        let detail = format!("{what}. For 30 days New-PPSignInClient brings it back with the same client id");
        Ok(output.row(row(&operation, client, result, detail))?)
    }
}

fn planned(operation: &Operation, action: String, impact: &'static str) -> PlannedChange {
    let tenant = operation.tenant();
    let change = !action.is_empty();
    PlannedChange {
        plan: None,
        step: STEP,
        change,
        action,
        target: target(&tenant),
        impact,
        state: if change { State::NotDone } else { State::Done }.name(),
        detail: String::new(),
        plan_hash: None,
        tenant,
    }
}

fn row_of_ready(operation: &Operation, ready: Ready) -> rows::SignInClient {
    let has = |is: fn(&ClientChange) -> bool| ready.done.iter().any(is);
    let result = if has(|change| matches!(change, ClientChange::Create { .. })) {
        "Made"
    } else if has(|change| matches!(change, ClientChange::Restore { .. })) {
        "Restored"
    } else if ready.done.is_empty() {
        "AlreadyThere"
    } else {
        "Changed"
    };
    let open = ready.client.sign_in_audience.as_deref() == Some(MULTI_TENANT);
    let whose = if open {
        "an administrator of each customer consents at ConsentLink, with the customer's tenant id or domain in place of \
         {tenant}, or when signing in with it first"
    } else {
        "the first sign-in with it asks for consent, which an administrator gives"
    };
    let lost = has(|change| matches!(change, ClientChange::Restore { .. }))
        && has(|change| matches!(change, ClientChange::CreatePrincipal { .. }));
    let lost = lost.then(|| "its service principal could not be restored, and the consents on it are gone".to_owned());
    let said = format!(
        "it has no secret and no permission of its own: {whose}. In a list of tenants it is the column ClientId"
    );
    let obstacles = obstacles(&ready.client, ready.principal.as_ref());
    let detail = obstacles.into_iter().chain(lost).chain([said]).collect::<Vec<_>>().join("; ");
    let connection = &*operation.connection;
    let consent = open.then(|| consent_of_customers(connection, &ready.client.app_id));
    let connect = Some(connect_line(connection, &ready.client.app_id));
    let variable = Some(format!("$env:{CLIENT_VARIABLE} = '{}'", ready.client.app_id));
    let service_principal_id = ready.principal.map(|principal| principal.id);
    let row = row(operation, ready.client, result, detail);
    rows::SignInClient { service_principal_id, connect, variable, consent, ..row }
}

fn row(operation: &Operation, client: SignInClient, result: &'static str, detail: String) -> rows::SignInClient {
    rows::SignInClient {
        tenant: operation.tenant(),
        client_id: client.app_id,
        object_id: client.id,
        service_principal_id: None,
        display_name: client.display_name,
        audience: client.sign_in_audience,
        result,
        connect: None,
        variable: None,
        consent: None,
        detail,
    }
}

/// What an administrator of a customer opens, with the customer's tenant id or domain in place of `{tenant}`.
fn consent_of_customers(connection: &Connection, client_id: &str) -> String {
    let scopes = delegated(&StepName::ALL);
    consent_address(&connection.endpoints, "{tenant}", client_id, scopes.into_iter())
}

fn connect_line(connection: &Connection, client_id: &str) -> String {
    let cloud = match connection.environment {
        Environment::Global => String::new(),
        Environment::Custom => {
            let endpoints = &connection.endpoints;
            format!(" -Environment Custom -LoginEndpoint '{}' -GraphEndpoint '{}'", endpoints.login, endpoints.graph)
        }
        other => format!(" -Environment {}", other.name()),
    };
    format!("Connect-PPTenant -TenantId {} -ClientId {client_id}{cloud}", connection.tenant)
}
