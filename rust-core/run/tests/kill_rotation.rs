//! The process is killed at every request boundary of a rotation, or another rotation runs at the same time: a secret whose text
//! somebody has works at every moment, and the next run ends the rotation.
#![expect(clippy::print_stdout, reason = "the test says how much it tried")]

use std::error::Error;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use pp_base::secret::SecretText;
use pp_graph::Graph;
use pp_run::apply::{Voice, apply};
use pp_run::made::MadeSecret;
use pp_run::observe::observe;
use pp_run::placed::{look_until_placed, remember};
use pp_run::remove_secret::{look, remove};
use pp_runbook::observed::AppIds;
use pp_runbook::plan::reads;
use pp_runbook::rotation::{Terms, judge};
use pp_runbook::step::StepName;
use pp_runbook::types::Application;
use pp_runbook::wanted::{Lifetime, Wanted};
use pp_sign_in::environment::Environment;
use pp_sink::key_vault::KeyVault;
use pp_sink::{Delivery, Sink};
use pp_testing::{Tenant, TestResult, child};
use pp_vault::address::VaultAddress;
use tenant_twin::{Fault, FaultKind, On, Options, Target};
use time::Duration as Span;
use uuid::Uuid;

const NAME: &str = "pptoken";
const TERMS: Terms = Terms { overlap: Span::ZERO, renew_within: Some(Span::days(30)) };

fn another() -> Wanted {
    Wanted { steps: vec![StepName::ClientSecret], new_secret: true, ..Wanted::everything() }
}

/// What `Update-PPClientSecret -RenewWithinDays 30 -OverlapDays 0 -SecretSink KeyVault` does.
fn rotate(graph: Graph<'_>, voice: Voice<'_>, tenant: Uuid, vault: &str) -> Result<(), Box<dyn Error>> {
    let wanted = another();
    let observed = observe(&graph, &reads(&wanted.steps), &wanted, None)?;
    let application = observed.app(false).ok_or("no application")?.clone();
    let mut seen = observed.clone();
    if judge(&application, TERMS, graph.clock.now()).due {
        let vault = prepare(graph, tenant, vault, &application)?;
        let outcome = apply(graph, voice, &wanted, Some(observed))?;
        let secret = outcome.secret.ok_or("no secret")?;
        put(graph, tenant, vault, &application, &secret)?;
        remember(graph, &wanted, &AppIds::of(&application), &secret.key_id)?;
        seen = look_until_placed(graph, &wanted, &secret.key_id)?;
    }
    remove_old(graph, voice, seen.app(false).ok_or("no application")?, TERMS)
}

fn prepare(graph: Graph<'_>, tenant: Uuid, vault: &str, application: &Application) -> Result<KeyVault, Box<dyn Error>> {
    let address = VaultAddress::parse(vault, Environment::Custom)?;
    Ok(KeyVault::prepare(graph.access(), tenant, address, NAME, Some(&application.app_id), false)?)
}

fn put(
    graph: Graph<'_>,
    tenant: Uuid,
    vault: KeyVault,
    application: &Application,
    secret: &MadeSecret,
) -> Result<(), Box<dyn Error>> {
    let (id, app_id) = (tenant.to_string(), &application.app_id);
    let delivery = Delivery { tenant: &id, app_id, key_id: &secret.key_id, end: secret.end, text: &secret.text };
    Sink::KeyVault(vault).put(graph.access(), &delivery)?;
    Ok(())
}

fn remove_old(
    graph: Graph<'_>,
    voice: Voice<'_>,
    application: &Application,
    terms: Terms,
) -> Result<(), Box<dyn Error>> {
    let wanted = another();
    for key_id in judge(application, terms, graph.clock.now()).remove {
        let (_, removal) = look(graph, &wanted, &key_id, false)?;
        remove(graph, voice, &wanted, &removal)?;
    }
    Ok(())
}

/// What the child process does; nothing where no parent started it.
#[test]
fn child() -> TestResult {
    child::run(rotate)
}

/// A tenant with one secret, whose text its firm has, and which ends soon.
struct Firm {
    tenant: Tenant,
    app_id: Uuid,
    text: Arc<SecretText>,
}

impl Firm {
    fn new() -> Result<Self, Box<dyn Error>> {
        let options = Options { users: 1, groups: 0, contacts: 0, latency: Duration::ZERO, ..Options::default() };
        let tenant = Tenant::start(&options)?;
        let wanted = Wanted { lifetime: Lifetime::Exactly(Span::days(20)), ..Wanted::everything() };
        let outcome = tenant.apply(&wanted)?;
        let (application, secret) = (outcome.application.ok_or("no application")?, outcome.secret.ok_or("no secret")?);
        let ids = AppIds::of(&application);
        tenant.with(|graph, _| remember(graph, &wanted, &ids, &secret.key_id))?;
        let app_id = Uuid::parse_str(&ids.app_id)?;
        tenant.twin.clear_requests();
        Ok(Self { tenant, app_id, text: secret.text })
    }

    fn signs_in(&self, text: &SecretText) -> bool {
        self.tenant.with(|graph, _| graph.tokens.sign_in_as(self.app_id, text, &graph.call).is_ok())
    }

    /// Whether the secret in the vault signs in; `None` where there is none.
    fn vault_signs_in(&self) -> Option<bool> {
        let text = self.tenant.twin.edit_vault(|vault| vault.text(NAME).map(SecretText::from_text));
        text.map(|text| self.signs_in(&text))
    }

    /// After a kill something works that somebody has; after the next run the rotation is over.
    fn check(&self, what: &str) -> TestResult {
        self.tenant.twin.clear_faults();
        let vault = self.vault_signs_in();
        assert!(self.signs_in(&self.text) || vault == Some(true), "{what}: nothing that anybody has works");
        assert_ne!(vault, Some(false), "{what}: what lies in the vault is dead");
        let address = self.tenant.twin.vault();
        self.tenant.with(|graph, voice| rotate(graph, voice, self.tenant.connection.tenant, &address))?;
        assert_eq!(self.vault_signs_in(), Some(true), "{what}: after the next run");
        assert!(!self.signs_in(&self.text), "{what}: the old one has gone");
        Ok(())
    }
}

#[test]
fn killed_at_any_boundary_a_secret_that_somebody_has_works_and_the_next_run_ends_it() -> TestResult {
    let model = Firm::new()?;
    let address = model.tenant.twin.vault();
    model.tenant.with(|graph, voice| rotate(graph, voice, model.tenant.connection.tenant, &address))?;
    let requests = model.tenant.twin.requests().len();
    let mut kills = 0;
    for n in 1..=requests {
        // After the request was carried out, before its answer.
        let firm = Firm::new()?;
        let late = FaultKind::Delayed(Duration::from_mins(1));
        firm.tenant.twin.add_fault(Fault::new(On::every(Target::Request), late).nth(u64::try_from(n)?));
        let mut child = child::start(&firm.tenant.twin, usize::MAX)?;
        while firm.tenant.twin.requests().len() < n && child.try_wait()?.is_none() {
            thread::yield_now();
        }
        child.kill()?;
        child.wait()?;
        firm.check(&format!("killed before answer {n}"))?;
        // After its answer, before the next one is sent.
        let firm = Firm::new()?;
        let ended = child::start(&firm.tenant.twin, n)?.wait()?;
        firm.check(&format!("killed after answer {n}"))?;
        kills += 1 + usize::from(!ended.success());
    }
    println!("{kills} kills at the boundaries of {requests} requests");
    Ok(())
}

#[test]
fn of_two_rotations_at_once_what_the_vault_has_in_the_end_stays_in_whichever_order_they_come_to_it() -> TestResult {
    let later = Terms { overlap: Span::WEEK, ..TERMS };
    for (into_vault, remembered) in [([0, 1], [0, 1]), ([1, 0], [1, 0]), ([0, 1], [1, 0]), ([1, 0], [0, 1])] {
        let firm = Firm::new()?;
        let (tenant, vault, wanted) = (firm.tenant.connection.tenant, firm.tenant.twin.vault(), another());
        firm.tenant.with(|graph, voice| {
            let observed = observe(&graph, &reads(&wanted.steps), &wanted, None)?;
            let application = observed.app(false).ok_or("no application")?.clone();
            let mut made = Vec::new();
            // Each has seen the tenant before the other made its secret.
            for _ in 0..2 {
                made.push(apply(graph, voice, &wanted, Some(observed.clone()))?.secret.ok_or("no secret")?);
                firm.tenant.twin.advance(Duration::from_secs(5));
            }
            for one in into_vault {
                put(graph, tenant, prepare(graph, tenant, &vault, &application)?, &application, &made[one])?;
            }
            for one in remembered {
                remember(graph, &wanted, &AppIds::of(&application), &made[one].key_id)?;
                firm.tenant.twin.advance(Duration::from_secs(5));
            }
            firm.tenant.twin.advance(Duration::from_hours(8 * 24));
            let seen = observe(&graph, &reads(&wanted.steps), &wanted, None)?;
            remove_old(graph, voice, seen.app(false).ok_or("no application")?, later)
        })?;
        assert_eq!(firm.vault_signs_in(), Some(true), "{into_vault:?} {remembered:?}");
        assert!(!firm.signs_in(&firm.text), "{into_vault:?} {remembered:?}: the old one has gone");
    }
    Ok(())
}
