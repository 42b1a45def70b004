//! Signing in with another issuer's token: from a file, GitHub Actions and Azure Pipelines; refusals, renewal, the file's change.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use pp_report::error::OpError;
use pp_run::connection::Connection;
use pp_sign_in::error::SignInError;
use pp_sign_in::federated::FederatedToken;
use pp_testing::TestResult;
use pp_testing::machine::{AUDIENCE, REPOSITORY, by_federated, github, pipelines, trust};
use pp_testing::sign_in::{asked, is_renewed, refusal, token, twin};
use tenant_twin::{Fault, FaultKind, On, Target, Twin};
use uuid::Uuid;

const SUBJECT: &str = "system:serviceaccount:federation:runbook";
const LIFE: Duration = Duration::from_hours(24);

fn by_file(twin: &Arc<Twin>, path: &Path) -> Result<Connection, Box<dyn Error>> {
    by_federated(twin, FederatedToken::File(path.to_owned()))
}

fn id(error: SignInError) -> String {
    match OpError::from(error) {
        OpError::Failed(report) => format!("{}: {}", report.id, report.message),
        OpError::Cancelled(_) => "cancelled".into(),
    }
}

#[test]
fn a_token_file_is_read_anew_for_each_sign_in() -> TestResult {
    let (twin, folder) = (twin()?, tempfile::tempdir()?);
    trust(&twin, SUBJECT)?;
    let path = folder.path().join("token");
    std::fs::write(&path, twin.federated_token(SUBJECT, AUDIENCE, LIFE) + "\n")?;
    let connection = by_file(&twin, &path)?;
    is_renewed(&twin, &connection)?;
    std::fs::write(&path, twin.federated_token("somebody else", AUDIENCE, LIFE))?;
    twin.advance(Duration::from_hours(1));
    assert_eq!(refusal(&connection)?.code, 700_213);
    Ok(())
}

#[test]
fn a_token_that_the_application_does_not_trust_is_refused_with_the_part_that_differs() -> TestResult {
    let (twin, folder) = (twin()?, tempfile::tempdir()?);
    let path = folder.path().join("token");
    let write =
        |subject: &str, audience: &str, life| std::fs::write(&path, twin.federated_token(subject, audience, life));
    write(SUBJECT, AUDIENCE, LIFE)?;
    let connection = by_file(&twin, &path)?;
    assert_eq!(refusal(&connection)?.code, 700_211, "nobody is trusted yet");
    trust(&twin, SUBJECT)?;
    write(SUBJECT, "api://AzureADTokenExchangeUSGov", LIFE)?;
    let refused = refusal(&connection)?;
    assert_eq!(refused.code, 700_212);
    assert!(id(SignInError::Refused(refused)).starts_with("PPFederation.FederationNotTrusted: "));
    write(SUBJECT, AUDIENCE, Duration::from_mins(1))?;
    twin.advance(Duration::from_mins(20));
    assert_eq!(refusal(&connection)?.code, 700_024);
    let forged = twin.federated_token(SUBJECT, AUDIENCE, LIFE);
    std::fs::write(&path, format!("{}AAAA", &forged[..forged.len() - 4]))?;
    assert_eq!(refusal(&connection)?.code, 50_013);
    Ok(())
}

#[test]
fn a_file_without_a_token_is_named_and_not_quoted() -> TestResult {
    let (twin, folder) = (twin()?, tempfile::tempdir()?);
    for (name, content) in [("absent", None), ("empty", Some("")), ("other", Some("top secret words"))] {
        let path = folder.path().join(name);
        if let Some(content) = content {
            std::fs::write(&path, content)?;
        }
        let said = id(token(&by_file(&twin, &path)?).err().ok_or("signed in")?);
        assert!(said.starts_with("PPFederation.FederatedTokenUnavailable: "), "{said}");
        assert!(said.contains(name) && !said.contains("top secret"), "{said}");
    }
    assert_eq!(asked(&twin), 0);
    Ok(())
}

#[test]
fn pipelines_of_github_and_azure_devops_sign_in() -> TestResult {
    let service_connection = Uuid::new_v4();
    let twin = twin()?;
    trust(&twin, REPOSITORY)?;
    trust(&twin, &format!("sc://contoso/tenant/{service_connection}"))?;
    is_renewed(&twin, &by_federated(&twin, github(&twin, "pipeline")?)?)?;
    is_renewed(&twin, &by_federated(&twin, pipelines(&twin, "pipeline", service_connection)?)?)?;
    Ok(())
}

#[test]
fn a_pipeline_that_gives_no_token_is_said_to_be_the_cause() -> TestResult {
    let twin = twin()?;
    for source in [github(&twin, "a stranger")?, pipelines(&twin, "a stranger", Uuid::new_v4())?] {
        let said = id(token(&by_federated(&twin, source)?).err().ok_or("signed in")?);
        assert!(said.starts_with("PPFederation.FederatedTokenUnavailable: ") && said.contains("401"), "{said}");
        assert!(!said.contains("a stranger"), "{said}");
    }
    Ok(())
}

#[test]
fn a_pipeline_that_stumbles_is_asked_again() -> TestResult {
    let twin = twin()?;
    trust(&twin, REPOSITORY)?;
    let stumble = FaultKind::RequestLost { reset: true };
    twin.add_fault(Fault::new(On::every(Target::Token), stumble).times(2));
    token(&by_federated(&twin, github(&twin, "pipeline")?)?)?;
    assert_eq!(asked(&twin), 3);
    Ok(())
}
