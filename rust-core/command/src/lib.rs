//! Commands: what a request asks for. A new one is a new `op`; the C ABI stays as it is.
#![forbid(unsafe_code)]

mod app_removal;
mod attribute_backup;
mod attribute_restore;
mod client_secret;
mod compare_attributes;
mod connect;
mod credential;
mod demo;
pub mod event;
mod find_tenant;
mod fleet;
mod kept_plan;
mod knowledge;
mod ledger;
mod log;
mod look;
mod operation;
pub mod output;
mod pace;
mod pattern;
mod person;
mod provisioning_script;
mod report;
mod rotation;
mod run;
mod run_result;
mod secrets;
mod sign_in_client;
mod sink;
mod take_back;
mod temporary;
#[cfg(feature = "test-ops")]
mod test_clixml;
#[cfg(feature = "test-ops")]
mod test_ops;
#[cfg(feature = "test-ops")]
mod test_values;
mod unclaimed;
mod undo;
mod wait_dir_sync;
mod which;

use serde::Deserialize;

pub use secrets::{SecretBlock, SecretReference};

use crate::output::Output;
use pp_report::error::OpError;

/// Why a request was not understood: the caller and the library disagree, or the caller is wrong.
#[derive(Debug, thiserror::Error)]
pub enum BadRequest {
    /// The request is not UTF-8.
    #[error("the request is not UTF-8")]
    NotUtf8,
    /// The request is not JSON, or has an unknown op or field, a wrong type, or a field missing.
    #[error("the request is not understood: {0}")]
    Json(#[from] serde_json::Error),
    /// A secret reference goes past the end of the secrets block.
    #[error("a secret of {len} bytes at {at} is outside of its block of {block} bytes")]
    SecretOutside {
        /// The first byte that was named.
        at: u64,
        /// The length that was named.
        len: u64,
        /// The length of the block.
        block: usize,
    },
    /// The bytes that a secret reference names are not UTF-8.
    #[error("a secret is not UTF-8")]
    SecretNotUtf8,
}

/// Something a request can ask for, ready to run.
trait Op: Send + std::fmt::Debug {
    /// Does it. An error it returns is the last event before the end.
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError>;

    /// Whether it only lets go of something, on this machine.
    fn lets_go(&self) -> bool {
        false
    }
}

/// What a request may say. Every op is a struct that refuses unknown fields, also those without fields: serde would not
/// look at the fields of a unit.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "camelCase")]
enum Request {
    Demo(demo::Demo),
    Connect(Box<connect::ConnectRequest>),
    Connection(connect::Show),
    Connections(connect::List),
    Disconnect(connect::Disconnect),
    DirSync(look::DirSync),
    WaitDirSync(wait_dir_sync::WaitDirSync),
    App(look::App),
    Permissions(look::Permissions),
    Status(look::Status),
    Test(look::TestRequest),
    Handover(look::Handover),
    ClientSecrets(client_secret::List),
    PlanSecretRemoval(client_secret::PlanRemoval),
    RemoveSecret(client_secret::Remove),
    Rotation(rotation::Look),
    SecretPlaced(rotation::Placed),
    PlanSignInClient(sign_in_client::PlanMake),
    MakeSignInClient(sign_in_client::Make),
    PlanSignInClientRemoval(sign_in_client::PlanRemove),
    RemoveSignInClient(sign_in_client::Remove),
    UnclaimedSecrets(unclaimed::List),
    ClaimSecret(unclaimed::ClaimRequest),
    SaveSecret(unclaimed::Save),
    Plan(run::Plan),
    Apply(run::Apply),
    Changes(kept_plan::Changes),
    KeptPlan(kept_plan::Look),
    ApplyKept(kept_plan::Apply),
    PlanAppRemoval(app_removal::PlanAppRemoval),
    RemoveApp(app_removal::RemoveApp),
    PlanUndo(undo::PlanUndo),
    Undo(undo::UndoPlan),
    Attributes(knowledge::Attributes),
    ProvisioningScript(knowledge::ProvisioningScript),
    TestScript(provisioning_script::TestScript),
    MergeScript(provisioning_script::MergeScript),
    OpenReport(report::Open),
    ReportRows(report::Rows),
    WriteReport(report::Write),
    CloseReport(report::Close),
    CompareAttributes(Box<compare_attributes::CompareAttributes>),
    BackupAttributes(attribute_backup::Backup),
    PlanAttributeRestore(attribute_restore::Plan),
    RestoreAttributes(attribute_restore::Restore),
    Fleet(Box<fleet::FleetRequest>),
    FindTenants(find_tenant::FindTenants),
    Ledger(ledger::LedgerRequest),
    #[cfg(feature = "test-ops")]
    #[serde(rename = "test.panic")]
    TestPanic(test_ops::Panic),
    #[cfg(feature = "test-ops")]
    #[serde(rename = "test.fill")]
    TestFill(test_ops::Fill),
    #[cfg(feature = "test-ops")]
    #[serde(rename = "test.echo")]
    TestEcho(test_ops::EchoRequest),
    #[cfg(feature = "test-ops")]
    #[serde(rename = "test.wait")]
    TestWait(test_ops::Wait),
    #[cfg(feature = "test-ops")]
    #[serde(rename = "test.values")]
    TestValues(test_clixml::Values),
}

/// What every request has or may have.
#[derive(Debug, Deserialize)]
struct Named {
    op: String,
    connection: Option<u64>,
}

/// A command that can run: a request whose secrets are resolved.
#[derive(Debug)]
pub struct Command {
    op: Box<dyn Op>,
    named: Named,
}

/// Reads a request. `secrets` is the block it may refer to; what it doesn't refer to is zeroed with the block.
pub fn parse(json: &[u8], secrets: &SecretBlock) -> Result<Command, BadRequest> {
    let text = std::str::from_utf8(json).map_err(|_bytes| BadRequest::NotUtf8)?;
    if !text.trim_start().starts_with('{') {
        // serde would take a list for the same fields without their names.
        return Err(BadRequest::Json(serde::de::Error::custom("a request is a JSON object")));
    }
    let request: Request = serde_json::from_str(text)?;
    Ok(Command { op: request.resolve(secrets)?, named: serde_json::from_str(text)? })
}

impl Request {
    fn resolve(self, secrets: &SecretBlock) -> Result<Box<dyn Op>, BadRequest> {
        Ok(match self {
            Self::Demo(op) => Box::new(op),
            Self::Connect(op) => op.resolve(secrets)?,
            Self::Connection(op) => Box::new(op),
            Self::Connections(op) => Box::new(op),
            Self::Disconnect(op) => Box::new(op),
            Self::DirSync(op) => Box::new(op),
            Self::WaitDirSync(op) => Box::new(op),
            Self::App(op) => Box::new(op),
            Self::Permissions(op) => Box::new(op),
            Self::Status(op) => Box::new(op),
            Self::Test(op) => op.resolve(secrets)?,
            Self::Handover(op) => Box::new(op),
            Self::ClientSecrets(op) => Box::new(op),
            Self::PlanSecretRemoval(op) => Box::new(op),
            Self::RemoveSecret(op) => Box::new(op),
            Self::Rotation(op) => Box::new(op),
            Self::SecretPlaced(op) => Box::new(op),
            Self::PlanSignInClient(op) => Box::new(op),
            Self::MakeSignInClient(op) => Box::new(op),
            Self::PlanSignInClientRemoval(op) => Box::new(op),
            Self::RemoveSignInClient(op) => Box::new(op),
            Self::UnclaimedSecrets(op) => Box::new(op),
            Self::ClaimSecret(op) => op.resolve(secrets)?,
            Self::SaveSecret(op) => Box::new(op),
            Self::Plan(op) => Box::new(op),
            Self::Apply(op) => Box::new(op),
            Self::Changes(op) => Box::new(op),
            Self::KeptPlan(op) => Box::new(op),
            Self::ApplyKept(op) => Box::new(op),
            Self::PlanAppRemoval(op) => Box::new(op),
            Self::RemoveApp(op) => Box::new(op),
            Self::PlanUndo(op) => Box::new(op),
            Self::Undo(op) => Box::new(op),
            Self::Attributes(op) => Box::new(op),
            Self::ProvisioningScript(op) => Box::new(op),
            Self::TestScript(op) => Box::new(op),
            Self::MergeScript(op) => Box::new(op),
            Self::OpenReport(op) => Box::new(op),
            Self::ReportRows(op) => Box::new(op),
            Self::WriteReport(op) => Box::new(op),
            Self::CloseReport(op) => Box::new(op),
            Self::CompareAttributes(op) => op,
            Self::BackupAttributes(op) => Box::new(op),
            Self::PlanAttributeRestore(op) => Box::new(op),
            Self::RestoreAttributes(op) => Box::new(op),
            Self::Fleet(op) => op.resolve(secrets)?,
            Self::FindTenants(op) => Box::new(op),
            Self::Ledger(op) => op.resolve(secrets)?,
            #[cfg(feature = "test-ops")]
            Self::TestPanic(op) => Box::new(op),
            #[cfg(feature = "test-ops")]
            Self::TestFill(op) => Box::new(op),
            #[cfg(feature = "test-ops")]
            Self::TestEcho(op) => Box::new(op.resolve(secrets)?),
            #[cfg(feature = "test-ops")]
            Self::TestWait(op) => Box::new(op),
            #[cfg(feature = "test-ops")]
            Self::TestValues(op) => Box::new(op),
        })
    }
}

impl Command {
    /// Whether it only lets go of something, on this machine: it must never be refused because too much runs.
    pub fn lets_go(&self) -> bool {
        self.op.lets_go()
    }

    /// Does what the request asked for. An error it returns is the last event before the end.
    pub fn run(self, output: &Output) -> Result<(), OpError> {
        let Self { op, named } = self;
        if let Some(log) = named.connection.and_then(|connection| log::of(connection, &named.op)) {
            output.log_to(log);
        }
        let ended = op.run(output);
        output.ended(&ended);
        ended
    }
}
