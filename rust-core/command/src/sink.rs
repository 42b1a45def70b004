//! Where an op's new secret is to go: what the request says, and what becomes of the secret.

use std::collections::HashSet;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::connect::guid;
use crate::operation::Operation;
use crate::output::Output;
use crate::pattern::{TENANT_ID, addressed, differs, filled, is_own, named, takes_name};
use pp_base::cancel::Cancelled;
use pp_base::gate::Gate;
use pp_ledger::line::InVault;
use pp_report::catalogue::{self as c, Entry};
use pp_report::error::{OpError, Report};
use pp_report::rows::Tenant;
use pp_run::application_sign_in::prove;
use pp_run::apply::RunError;
use pp_run::lost_secret::take_back_made;
use pp_run::made::MadeSecret;
use pp_run::outcome::Outcome;
use pp_run::placed::remember;
use pp_run::unclaimed::{self, Unclaimed};
use pp_runbook::observed::AppIds;
use pp_runbook::other_secrets::{self, removal};
use pp_runbook::wanted::{SECRET_NAME, Wanted};
use pp_sink::envelope::Recipient;
use pp_sink::error::SinkError;
use pp_sink::key_vault::KeyVault;
use pp_sink::sealed_file::SealedFile;
use pp_sink::{Delivery, Sink};
use pp_vault::address::{VaultAddress, secret_name};
use pp_words::of_system;

/// `sink` of a request: a kind, and the fields that go with it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct SinkRequest {
    kind: Option<String>,
    vault_uri: Option<String>,
    secret_name: Option<String>,
    path: Option<String>,
    /// Base64 of DER.
    certificate: Option<String>,
    certificate_path: Option<String>,
    #[serde(default)]
    force: bool,
    /// A secret that was to take another's place and that the sink surely doesn't have is taken back: nobody is there to put it in place
    /// otherwise.
    #[serde(default)]
    pub(crate) take_back: bool,
}

impl SinkRequest {
    /// Vaults at this address.
    pub(crate) fn of_vaults(address: String) -> Self {
        Self { kind: Some("KeyVault".to_owned()), vault_uri: Some(address), ..Self::default() }
    }

    /// Whether it says where secrets go, and not only how.
    pub(crate) fn is_named(&self) -> bool {
        self.kind.is_some()
    }

    /// The same with this vault in place of the one for all, where it is one of vaults.
    pub(crate) fn put_vault(&mut self, address: &str) {
        if self.kind.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("keyvault")) {
            self.vault_uri = Some(address.to_owned());
        }
    }

    /// Of the sinks of several tenants: that each tenant's secret has a place of its own.
    pub(crate) fn check_of_several<'a>(sinks: impl Iterator<Item = &'a Self>) -> Result<(), OpError> {
        let mut taken = HashSet::new();
        for sink in sinks {
            let kind = sink.kind.as_deref().unwrap_or_default().to_lowercase();
            let (place, apart) = match kind.as_str() {
                // A vault is of one tenant, and is refused by every other.
                "keyvault" => {
                    let places = [sink.vault_uri.as_deref(), sink.secret_name.as_deref()];
                    (places, places.into_iter().flatten().any(differs))
                }
                "scriptblock" => {
                    return Err(invalid("a script block can't be the sink of a fleet: it would get every secret"));
                }
                _ => ([sink.path.as_deref(), None], sink.path.as_deref().is_some_and(is_own)),
            };
            if !apart && !taken.insert(place) {
                let what = format!(
                    "several tenants would put their secrets in one place: {TENANT_ID} has to stand in -VaultUri, -SecretName or -Path, \
                     or each tenant to have a VaultUri of its own"
                );
                return Err(invalid(&what));
            }
        }
        Ok(())
    }

    /// Whether a place is made of the tenant's name.
    pub(crate) fn takes_name(&self) -> bool {
        [&self.vault_uri, &self.secret_name, &self.path].into_iter().flatten().any(|pattern| takes_name(pattern))
    }

    /// The file that a tenant's secret goes to, where it goes to one.
    pub(crate) fn file_of(&self, tenant: &Tenant) -> Option<String> {
        self.path.as_ref().map(|pattern| filled(pattern, tenant))
    }

    /// The vault that it goes to, where it goes to one.
    pub(crate) fn vault_of(&self, tenant: &Tenant) -> Option<InVault> {
        let address = addressed(self.vault_uri.as_ref()?, tenant);
        let name = self.secret_name.as_ref().map_or_else(|| SECRET_NAME.to_owned(), |pattern| named(pattern, tenant));
        Some(InVault { address, name })
    }

    /// The same for one tenant: addresses and paths, and names of secrets, are made of the patterns that they are.
    pub(crate) fn of_one(&self, tenant: &Tenant, force: bool, take_back: bool) -> Self {
        Self {
            vault_uri: self.vault_uri.as_ref().map(|pattern| addressed(pattern, tenant)),
            secret_name: self.secret_name.as_ref().map(|pattern| named(pattern, tenant)),
            path: self.file_of(tenant),
            force: self.force || force,
            take_back,
            ..self.clone()
        }
    }

    /// Makes sure that the sink can take a secret, before there is one.
    pub(crate) fn ready(&self, operation: &Operation, output: &Output, app_id: Option<&str>) -> Result<Sink, OpError> {
        let vault = [self.vault_uri.is_some(), self.secret_name.is_some()];
        let file = [self.path.is_some(), self.certificate.is_some() || self.certificate_path.is_some()];
        match (self.kind.as_deref().map(str::to_lowercase).as_deref(), vault, file) {
            (Some("keyvault"), [true, _], [false, false]) => self.key_vault(operation, output, app_id),
            (Some("keyvault"), ..) => Err(invalid("KeyVault needs the vault's address, and no path or certificate")),
            (Some("sealedfile"), [false, false], [true, true]) => self.sealed_file(operation),
            (Some("sealedfile"), ..) => Err(invalid("SealedFile needs a path and the recipient's certificate alone")),
            (Some("scriptblock"), [false, false], [false, false]) => Ok(Sink::Caller),
            (Some("scriptblock"), ..) => Err(invalid("a script block takes no other parameter of a sink")),
            (Some(other), ..) => {
                Err(invalid(&format!("the sink '{other}' is neither KeyVault, SealedFile nor a script block")))
            }
            (None, ..) => Err(invalid("there is no -SecretSink")),
        }
    }

    fn key_vault(&self, operation: &Operation, output: &Output, app_id: Option<&str>) -> Result<Sink, OpError> {
        let connection = &operation.connection;
        let address = VaultAddress::parse(self.vault_uri.as_deref().unwrap_or_default(), connection.environment)?;
        let name = secret_name(self.secret_name.as_deref().unwrap_or(SECRET_NAME))?;
        let prepared = operation.run(output, |graph, _| {
            KeyVault::prepare(graph.access(), connection.tenant, address, name, app_id, self.force)
        });
        Ok(Sink::KeyVault(prepared?))
    }

    fn sealed_file(&self, operation: &Operation) -> Result<Sink, OpError> {
        let now = operation.connection.now();
        let recipient = Recipient::read(&self.certificate()?, now).map_err(SinkError::from)?;
        let path = Path::new(self.path.as_deref().unwrap_or_default());
        Ok(Sink::SealedFile(Box::new(SealedFile::prepare(path, recipient, self.force)?)))
    }

    fn certificate(&self) -> Result<Vec<u8>, OpError> {
        let unreadable = |why: String| c::RECIPIENT_INVALID.report(why);
        match (&self.certificate, &self.certificate_path) {
            (Some(text), None) => Ok(STANDARD
                .decode(text)
                .map_err(|error| unreadable(format!("the certificate is not base64: {error}")))?),
            (None, Some(path)) => {
                let why = |error| {
                    unreadable(format!("the certificate '{path}' can't be read: {}", of_system(&error))).target(path)
                };
                Ok(std::fs::read(path).map_err(why)?)
            }
            _ => Err(invalid("the certificate is given twice, or not at all")),
        }
    }
}

fn invalid(what: &str) -> OpError {
    c::SINK_INVALID.report(what).into()
}

/// The error of a file that could not be made, by what it was to hold.
pub(crate) fn file_error(error: SinkError, exists: Entry, not_writable: Entry) -> OpError {
    let message = error.to_string();
    match error {
        SinkError::NotWritable { path, .. } => not_writable.report(message).target(path).into(),
        SinkError::ThereAlready(path) => exists.report(message).target(path).into(),
        other @ (SinkError::Vault(_) | SinkError::NameTaken(_) | SinkError::NameKept(_) | SinkError::Recipient(_)) => {
            other.into()
        }
    }
}

/// What became of a new secret.
pub(crate) enum Delivered {
    /// It lies in the sink, at this place.
    There(&'static str, String),
    /// The caller gets it, and passes it on.
    ToCaller,
    /// The sink did not take it: the caller gets it with this error.
    Failed(Box<Report>),
    /// Nor did it, and the secret was taken back.
    TakenBack(Box<Report>),
}

/// Puts the new secret of a run into its sink, and has the tenant remember it. With `takes_back` one that replaces another and that
/// the sink surely doesn't have is taken back.
pub(crate) fn deliver(
    operation: &Operation,
    output: &Output,
    (mut sink, takes_back): (Sink, bool),
    wanted: &Wanted,
    outcome: &Outcome,
    held: &Unclaimed,
) -> Result<Delivered, OpError> {
    let secret = &held.secret;
    let Some(application) = &outcome.application else { return Ok(Delivered::ToCaller) };
    let (ids, name) = (AppIds::of(application), sink.name());
    let replaces = replaces_another(wanted, outcome);
    let left = |why: &str, held_by_nobody: &dyn Fn() -> bool| {
        let gone = takes_back && replaces && held_by_nobody() && take_back(operation, output, wanted, &ids, secret);
        if gone {
            Delivered::TakenBack(Box::new(taken_back(secret, why)))
        } else {
            Delivered::Failed(Box::new(not_placed(secret, why)))
        }
    };
    if replaces && !outcome.secret_proven {
        let why = "it has not been seen to sign in, and what it replaces stays in place";
        return Ok(left(why, &|| true));
    }
    match put(operation, output, &mut sink, held) {
        Ok(Some(location)) => {
            have_remembered(operation, output, wanted, &ids, &secret.key_id)?;
            Ok(Delivered::There(name, location))
        }
        Ok(None) => Ok(Delivered::ToCaller),
        Err(NotPut::Failed(report)) => Ok(left(&report.message, &|| !sink.may_hold())),
        Err(NotPut::Cancelled { cancelled, held_by_nobody }) => {
            if held_by_nobody {
                take_back(operation, output, wanted, &ids, secret);
            }
            Err(cancelled.into())
        }
    }
}

/// Takes back a secret that nobody has. True where it is gone.
fn take_back(operation: &Operation, output: &Output, wanted: &Wanted, ids: &AppIds, secret: &MadeSecret) -> bool {
    let gone = operation.run(output, |graph, _| take_back_made(graph, wanted, ids, &secret.key_id));
    if gone {
        unclaimed::claim(&secret.key_id);
        if let Some(journal) = operation.connection.journal() {
            // What it says of the start is enough to find out that it is gone.
            let _ = journal.removed(&secret.key_id);
        }
    }
    gone
}

/// Puts a secret that is held unclaimed into a sink: its name and the place, or nothing where the caller puts it in place.
/// Whatever goes wrong, it stays held.
pub(crate) fn save(
    operation: &Operation,
    output: &Output,
    mut sink: Sink,
    wanted: &Wanted,
    ids: &AppIds,
    held: &Unclaimed,
) -> Result<Option<(&'static str, String)>, OpError> {
    let proven = match guid(&held.app_id) {
        Some(client) => operation.run(output, |graph, _| prove(graph, client, &held.secret.text)),
        None => Ok(Some(format!("'{}' is no application's id to sign in by", held.app_id))),
    };
    match proven {
        Ok(None) => {}
        Ok(Some(why)) => output.warning(format!("client secret {}: {why}", held.secret.key_id))?,
        Err(error) => {
            return Err(match OpError::from(error) {
                OpError::Failed(report) => {
                    not_placed(&held.secret, &format!("it doesn't sign in: {}", report.message)).into()
                }
                cancelled @ OpError::Cancelled(_) => cancelled,
            });
        }
    }
    let name = sink.name();
    match put(operation, output, &mut sink, held) {
        Ok(Some(location)) => {
            have_remembered(operation, output, wanted, ids, &held.secret.key_id)?;
            Ok(Some((name, location)))
        }
        Ok(None) => Ok(None),
        Err(NotPut::Failed(report)) => Err(not_placed(&held.secret, &report.message).into()),
        Err(NotPut::Cancelled { cancelled, .. }) => Err(cancelled.into()),
    }
}

/// Why a sink has not confirmed a secret.
enum NotPut {
    /// It failed.
    Failed(Box<Report>),
    /// The caller cancelled; whether it is certain that the sink doesn't have it.
    Cancelled { cancelled: Cancelled, held_by_nobody: bool },
}

/// Gives a secret to the sink, and lets go of it where that has confirmed it. Nothing: the caller passes it on.
fn put(operation: &Operation, output: &Output, sink: &mut Sink, held: &Unclaimed) -> Result<Option<String>, NotPut> {
    if matches!(sink, Sink::Caller) {
        return Ok(None);
    }
    // What lost the tenant meanwhile may have made a secret that another worker has removed.
    if let Some(Err(why)) = operation.connection.journal().map(Gate::may_write) {
        // It waits while that may pass.
        output.cancel().check().map_err(|cancelled| NotPut::Cancelled { cancelled, held_by_nobody: true })?;
        return Err(NotPut::Failed(Box::new(c::WRITE_WITHHELD.report(why))));
    }
    let (delivery, secret) = (delivery(held), &held.secret);
    // It may have been withheld since nobody waits for the lease any more.
    let failed = |error: SinkError| output.unless_cancelled(error.into());
    match operation.run(output, |graph, _| sink.put(graph.access(), &delivery)).map_err(failed) {
        Ok(location) => {
            unclaimed::claim(&secret.key_id);
            if let Some(Err(why)) =
                operation.connection.journal().map(|journal| journal.placed(&secret.key_id, &location))
            {
                // An error, so that the tenant is not done. Whoever takes it up finds the secret in place where the tenant remembers that,
                // or in its vault; what is in a sealed file nobody can tell, and it is left alone where it may be there.
                let message =
                    format!("client secret {} is in {location}, which the ledger doesn't know: {why}", secret.key_id);
                let _ = output.error(&c::LEDGER_NOT_WRITABLE.report(message));
            }
            Ok(Some(location))
        }
        Err(OpError::Failed(report)) => Err(NotPut::Failed(report)),
        Err(OpError::Cancelled(cancelled)) => {
            // Whoever reads the sink may rely on it by now.
            Err(NotPut::Cancelled { cancelled, held_by_nobody: !sink.may_hold() })
        }
    }
}

fn delivery(held: &Unclaimed) -> Delivery<'_> {
    let Unclaimed { tenant, app_id, secret, .. } = held;
    Delivery { tenant, app_id, key_id: &secret.key_id, end: secret.end, text: &secret.text }
}

/// Has the tenant remember that a secret is in place, which a rotation goes by.
pub(crate) fn have_remembered(
    operation: &Operation,
    output: &Output,
    wanted: &Wanted,
    ids: &AppIds,
    key_id: &str,
) -> Result<(), OpError> {
    if let Err(error) = operation.run(output, |graph, _| remember(graph, wanted, ids, key_id)) {
        output.warning(not_remembered(key_id, &error))?;
    }
    Ok(())
}

/// What to say where the tenant doesn't show that a secret is in place: running again would make another.
pub(crate) fn not_remembered(key_id: &str, why: &RunError) -> String {
    let why = why.to_string();
    format!(
        "client secret {key_id} is in place, but the tenant doesn't remember that: {}. Tell it with: Update-PPClientSecret \
         -Complete -KeyId {key_id}",
        why.trim_end_matches('.')
    )
}

fn replaces_another(wanted: &Wanted, outcome: &Outcome) -> bool {
    let secrets = outcome.observed.app(wanted.adopt).map(|application| application.password_credentials.len());
    wanted.new_secret && secrets.is_none_or(|count| count > 1)
}

fn not_placed(secret: &MadeSecret, why: &str) -> Report {
    let key_id = &secret.key_id;
    let message = format!(
        "client secret {key_id} was made, but not put in place: {}. The {}. Or {} removes it",
        why.trim_end_matches('.'),
        other_secrets::unclaimed(key_id),
        removal(key_id)
    );
    c::SECRET_NOT_PLACED.report(message).target(key_id.as_str())
}

fn taken_back(secret: &MadeSecret, why: &str) -> Report {
    let key_id = &secret.key_id;
    let why = why.trim_end_matches('.');
    let message = format!("client secret {key_id} was made, not put in place and taken back: {why}");
    let advice = "Nothing of it is left, and what it was to replace stays in place. See to what the message says, then run the command again.";
    c::SECRET_NOT_PLACED.report(message).target(key_id.as_str()).advice(advice)
}
