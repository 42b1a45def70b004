//! Ops that open, show and close connections.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::credential::CredentialRequest;
use crate::log::{self, LogRequest};
use crate::operation::{Operation, tenant};
use crate::output::Output;
use crate::person;
use crate::{BadRequest, Op, SecretBlock, SecretReference, demo};
use pp_base::call::Call;
use pp_base::clock::{Clock, SystemClock};
use pp_base::retry::{Budget, DEFAULT_BUDGET};
use pp_base::secret::SecretText;
use pp_graph::error::GraphError;
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_report::rows::{self, Row};
use pp_run::connection::{self, Connection};
use pp_run::unclaimed;
use pp_runbook::observed::LookUp;
use pp_runbook::wanted::Wanted;
use pp_sign_in::domain::{Cloud, Domain};
use pp_sign_in::environment::Environment;
use pp_sign_in::error::SignInError;
use pp_sign_in::user::CLIENT_VARIABLE;
use pp_sign_in::{Credential, Token, managed_identity};

/// Waiting time of a first sign-in: a wrong address should be told soon.
const FIRST_SIGN_IN: Duration = Duration::from_secs(15);
/// Waiting time for the tenant's name, which nothing depends on.
const NAMES: Duration = Duration::from_secs(2);

/// `connect`: signs in and opens a connection.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ConnectRequest {
    tenant_id: Option<String>,
    environment: Environment,
    login_endpoint: Option<String>,
    graph_endpoint: Option<String>,
    credential: Option<CredentialRequest<SecretReference>>,
    demo: Option<u64>,
    retry_budget_seconds: Option<u64>,
    log: Option<LogRequest>,
}

/// A connect request whose secrets are resolved.
#[derive(Debug)]
struct Connect {
    request: ConnectRequest,
    credential: CredentialRequest<SecretText>,
}

impl ConnectRequest {
    pub(crate) fn resolve(mut self, secrets: &SecretBlock) -> Result<Box<dyn Op>, BadRequest> {
        let credential = self
            .credential
            .take()
            .ok_or_else(|| <serde_json::Error as serde::de::Error>::missing_field("credential"))?;
        Ok(Box::new(Connect { credential: credential.resolve(secrets)?, request: self }))
    }
}

impl Op for Connect {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let started = self.request.demo;
        let opened = self.open(output);
        if opened.is_err() {
            demo::discard(started);
        }
        opened
    }
}

impl Connect {
    fn open(self, output: &Output) -> Result<(), OpError> {
        let Self { request, credential } = self;
        let log = request.log.map(LogRequest::open).transpose()?;
        if let Some(log) = &log {
            output.log_to(log.begun("connect", request.tenant_id.as_deref().unwrap_or_default()));
        }
        let endpoints =
            request.environment.endpoints(request.login_endpoint.as_deref(), request.graph_endpoint.as_deref())?;
        let opens_browser = credential.opens_browser();
        if let Some(client) = credential.client_of_environment() {
            output.verbose(format!(
                "The client to sign in with is {client}, of the environment variable {CLIENT_VARIABLE}."
            ))?;
        }
        let clock = Arc::new(SystemClock::default());
        let whose = request.tenant_id.as_deref().or(credential.tenant_id()).map(Whose::parse).transpose()?;
        let credential = credential.open(clock.now())?;
        let cloud = Cloud { environment: request.environment, endpoints: &endpoints };
        let tenant = tenant_of(whose.as_ref(), cloud, &credential, &*clock, output)?;
        output.log_of(&tenant.to_string());
        let budget = request.retry_budget_seconds.map_or(DEFAULT_BUDGET, Duration::from_secs);
        let connection = Connection::new(tenant, request.environment, endpoints, credential, clock, budget)
            .map_err(|why| c::NETWORK_FAILED.report(format!("no HTTP client: {why}")))?;
        if let Some(Whose::Domain(domain)) = whose {
            connection.learn_domain(domain.to_string());
        }
        person::sign_in(&connection, opens_browser, output)?;
        // Signing in now tells a wrong id or secret before anything else is tried.
        sign_in(&connection, output)?;
        let number = connection::open(connection).map_err(|full| c::TOO_MANY_CONNECTIONS.report(full.to_string()))?;
        demo::belongs_to(request.demo, number);
        let shown = read_names(number, output).and_then(|()| show(number, output));
        if shown.is_err() {
            // Nobody has learned its number.
            let _ = connection::close(number);
            demo::stop_of(number);
        } else {
            log::belongs_to(log, number, tenant);
        }
        shown
    }
}

/// The tenant as the caller names it.
pub(crate) enum Whose {
    Id(Uuid),
    Domain(Domain),
}

impl Whose {
    pub(crate) fn parse(text: &str) -> Result<Self, OpError> {
        let domain = || Domain::parse(text).map(Self::Domain);
        let neither =
            || c::TENANT_ID_INVALID.report(format!("'{text}' is neither a tenant id nor a domain.")).target(text);
        Ok(guid(text).map(Self::Id).or_else(domain).ok_or_else(neither)?)
    }

    /// The id of the tenant: as it was given, or of the domain that was given.
    pub(crate) fn id(&self, cloud: Cloud<'_>, clock: &dyn Clock, output: &Output) -> Result<Uuid, OpError> {
        match self {
            Self::Id(tenant) => Ok(*tenant),
            Self::Domain(domain) => {
                let tenant = with_call(output, |call| cloud.tenant_of(domain, clock, call))?;
                output.verbose(format!("The domain {domain} belongs to tenant {tenant}."))?;
                Ok(tenant)
            }
        }
    }
}

/// The id of the tenant: of what was given, or of the managed identity.
fn tenant_of(
    whose: Option<&Whose>,
    cloud: Cloud<'_>,
    credential: &Credential,
    clock: &dyn Clock,
    output: &Output,
) -> Result<Uuid, OpError> {
    match (whose, credential) {
        (Some(whose), _) => whose.id(cloud, clock, output),
        (None, Credential::ManagedIdentity(identity)) => {
            with_call(output, |call| managed_identity::tenant_of(identity, cloud.endpoints, clock, call))
        }
        (None, _) => {
            let missing = "there is no tenant id, and no environment variable AZURE_TENANT_ID of a workload identity";
            Err(c::TENANT_ID_INVALID.report(missing).into())
        }
    }
}

/// Reads what the tenant is called. A sign-in that may not read that, or a service that can't tell now, is no reason not to
/// connect: the first read of the tenant asks again. A token that the service doesn't take is one.
pub(crate) fn read_names(number: u64, output: &Output) -> Result<(), OpError> {
    let operation = Operation::within(number, NAMES)?;
    let why = match operation.observe(output, &[LookUp::Organization], &Wanted::everything()) {
        Ok(observed) => observed.organization.err().map(|unread| unread.to_string()),
        Err(error @ GraphError::SignIn(SignInError::Unfit(_))) => return Err(error.into()),
        Err(error) => match OpError::from(error) {
            OpError::Failed(report) => Some(report.message),
            cancelled @ OpError::Cancelled(_) => return Err(cancelled),
        },
    };
    Ok(why.map_or(Ok(()), |why| output.verbose(format!("The tenant's name is not known: {why}")))?)
}

/// Hands out the connection and what it is.
fn show(number: u64, output: &Output) -> Result<(), OpError> {
    let connection = connection::find(number)?;
    let row = describe(number, &connection, &*sign_in(&connection, output)?);
    hand_out(number, &connection, row, output)
}

fn hand_out(number: u64, connection: &Connection, row: rows::Connection, output: &Output) -> Result<(), OpError> {
    let opened =
        rows::Opened { number, renews: connection.tokens.credential().renews(), domains: connection.domains() };
    Ok(output.objects(&[opened.to_object(), row.to_object()])?)
}

/// A GUID in its usual form, with hyphens.
pub(crate) fn guid(text: &str) -> Option<Uuid> {
    Uuid::parse_str(text.trim()).ok().filter(|_| text.trim().len() == 36)
}

fn with_call<T>(output: &Output, work: impl FnOnce(&Call<'_>) -> Result<T, SignInError>) -> Result<T, OpError> {
    let log = |text: &str| {
        let _ = output.verbose(text);
    };
    Ok(work(&Call { cancel: output.cancel(), budget: &Budget::new(FIRST_SIGN_IN), log: &log })?)
}

pub(crate) fn sign_in(connection: &Connection, output: &Output) -> Result<Arc<Token>, OpError> {
    with_call(output, |call| connection.tokens.get(call))
}

/// `connection`: what a connection is, and what its token holds now.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Show {
    connection: u64,
}

impl Op for Show {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        show(self.connection, output)
    }
}

/// `connections`: what these connections are as far as that is known without asking anybody; those that are closed are left out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct List {
    connections: Vec<u64>,
}

impl Op for List {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        for number in self.connections {
            let Ok(connection) = connection::find(number) else { continue };
            if let Some(token) = connection.tokens.held(output.cancel())? {
                hand_out(number, &connection, describe(number, &connection, &token), output)?;
            }
        }
        Ok(())
    }
}

fn describe(number: u64, connection: &Connection, token: &Token) -> rows::Connection {
    let named = connection.tokens.credential().client_id().map(|id| id.to_string());
    let client = named.or_else(|| token.claims.as_ref()?.appid.clone());
    let tenant = tenant(connection);
    let steps = person::step_rows(token.claims.as_ref(), &tenant);
    rows::Connection {
        default_domain: connection.default_domain(),
        session: rows::InSession,
        environment: if demo::is_of(number) { "Demo" } else { connection.environment.name() },
        sign_in: connection.tokens.credential().kind(),
        user: connection.tokens.account().map(|account| rows::Person(account.name)),
        client_id: client,
        login_endpoint: connection.endpoints.login.clone(),
        graph_endpoint: connection.endpoints.graph.clone(),
        permissions: token.permissions(),
        missing_for_steps: person::missing_for_steps(&steps),
        steps,
        expires_on: whole_seconds(token.expires_on),
        tenant,
    }
}

fn whole_seconds(time: OffsetDateTime) -> OffsetDateTime {
    time.replace_nanosecond(0).unwrap_or(time)
}

/// `disconnect`: closes a connection, and its demo tenant where it has one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Disconnect {
    connection: u64,
}

impl Op for Disconnect {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        connection::close(self.connection)?;
        log::end_of(self.connection);
        if demo::stop_of(self.connection) {
            unclaimed::forget(self.connection);
        }
        for held in unclaimed::all().iter().filter(|held| held.connection == self.connection) {
            let key_id = &held.secret.key_id;
            output.warning(format!(
                "client secret {key_id} is unclaimed. Its text stays in this session, and is lost with it: \
                 Get-PPClientSecret -Unclaimed gives it, with -Claim it is let go of"
            ))?;
        }
        Ok(())
    }

    fn lets_go(&self) -> bool {
        true
    }
}
