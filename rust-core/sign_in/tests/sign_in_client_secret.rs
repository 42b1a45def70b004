//! Signing in with a client secret: renewal, and each refusal by its own id, asked for once and without the secret in it.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use pp_base::secret::SecretText;
use pp_report::error::OpError;
use pp_run::connection::Connection;
use pp_sign_in::Credential;
use pp_testing::sign_in::{admin, asked, is_renewed, token, twin};
use pp_testing::{TestResult, connect, connect_by, connect_to};
use tenant_twin::{Fault, FaultKind, On, Target, Twin};
use uuid::Uuid;

fn by(twin: &Arc<Twin>, client_id: Uuid, text: &str) -> Result<Connection, Box<dyn Error>> {
    connect_by(twin, Credential::ClientSecret { client_id, secret: SecretText::from_text(text) })
}

/// The id of the error that a sign-in ends in, at once.
fn ends_in(twin: &Twin, connection: &Connection, secret: &str) -> Result<String, Box<dyn Error>> {
    twin.clear_requests();
    let OpError::Failed(report) = OpError::from(token(connection).err().ok_or("a token")?) else {
        return Err("cancelled".into());
    };
    assert_eq!(asked(twin), 1, "not asked again: {}", report.message);
    assert!(!format!("{report:?}").contains(secret), "{report:?}");
    assert!(report.code.as_deref().is_some_and(|code| code.starts_with("AADSTS")), "{report:?}");
    Ok(report.id.trim_start_matches("PPFederation.").to_owned())
}

#[test]
fn a_client_secret_signs_in_and_is_renewed() -> TestResult {
    let twin = twin()?;
    let connection = connect(&twin, "admin")?;
    is_renewed(&twin, &connection)?;
    assert_eq!(connection.tokens.credential().kind(), "ClientSecret");
    Ok(())
}

#[test]
fn each_refusal_has_an_id_of_its_own() -> TestResult {
    let twin = twin()?;
    let good = twin.client("admin").ok_or("no admin")?.client_secret.clone();
    let client = admin(&twin)?;
    assert_eq!(ends_in(&twin, &by(&twin, client, "a wrong secret")?, "a wrong secret")?, "ClientSecretWrong");
    assert_eq!(ends_in(&twin, &by(&twin, Uuid::from_u128(7), &good)?, &good)?, "ClientUnknown");
    // The sign-in service of another tenant: that of a twin that has none of this id.
    let elsewhere = pp_testing::sign_in::twin_of(2)?;
    let credential = Credential::ClientSecret { client_id: client, secret: SecretText::from_text(&good) };
    let lost = connect_to(&twin, (&elsewhere.login(), &twin.graph()), credential)?;
    assert_eq!(ends_in(&elsewhere, &lost, &good)?, "TenantUnknown");
    let old =
        twin.edit(|edit| edit.add_secret(&edit.application_id(&client.to_string()), "old", Duration::from_hours(1)));
    let connection = by(&twin, client, &old)?;
    token(&connection)?;
    twin.advance(Duration::from_hours(2));
    assert_eq!(ends_in(&twin, &connection, &old)?, "ClientSecretExpired", "at the renewal too");
    twin.add_fault(Fault::new(On::every(Target::Token), FaultKind::Denied));
    assert_eq!(ends_in(&twin, &connect(&twin, "admin")?, &good)?, "ApplicationDisabled");
    Ok(())
}
