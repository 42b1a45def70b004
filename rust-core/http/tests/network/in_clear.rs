//! Plain http is for this machine: every address that a user or an environment can name, by the request that names it.

use std::error::Error;

use pp_base::cancel::Cancel;
use pp_command::output::Output;
use pp_command::{SecretBlock, parse};
use pp_http::{Client, Limits, Request, SendError};
use pp_report::clixml;
use pp_report::error::OpError;
use pp_sign_in::environment::Environment;
use pp_vault::address::VaultAddress;
use reqwest::Method;
use serde_json::{Value, json};
use tenant_twin::Twin;
use url::Url;

use pp_testing::TestResult;
use pp_testing::sign_in::{admin, twin};

/// What the errors of a request say.
fn said(request: &Value) -> Result<String, Box<dyn Error>> {
    let command = parse(request.to_string().as_bytes(), &SecretBlock::copy_of(b"secret"))?;
    let output = Output::new(Box::new(|_event| Ok(())), Cancel::never());
    match command.run(&output) {
        Ok(()) => Ok(String::new()),
        Err(OpError::Failed(report)) => Ok(String::from_utf8(clixml::document(&[report.to_object()]))?),
        Err(OpError::Cancelled(cancelled)) => Err(cancelled.into()),
    }
}

/// `Connect-PPTenant` to a twin with this credential; what `more` names besides is as it says.
fn connecting(twin: &Twin, credential: &Value, more: &[(&str, &str)]) -> Result<Value, Box<dyn Error>> {
    let mut request = json!({
        "op": "connect", "tenantId": twin.tenant_id(), "environment": "Custom", "loginEndpoint": twin.login(),
        "graphEndpoint": twin.graph(), "credential": credential,
    });
    for (name, value) in more {
        request[*name] = json!(value);
    }
    if request["credential"]["kind"] != "managedIdentity" {
        request["credential"]["clientId"] = json!(admin(twin)?.to_string());
    }
    Ok(request)
}

#[test]
fn an_address_of_another_machine_without_tls_is_refused_before_anything_is_sent() -> TestResult {
    let twin = twin()?;
    let secret = json!({ "at": 0, "len": 6 });
    let by_secret = json!({ "kind": "clientSecret", "clientSecret": secret });
    // Nobody has these addresses, but what is sent there leaves the machine. Source: RFC 5737.
    for there in [
        "http://192.0.2.1",
        "http://10.1.2.3:8080",
        "http://login.example",
        "http://localhost.example",
        "ftp://127.0.0.1",
    ] {
        let github = json!({ "kind": "gitHubActions", "variables": {
            "ACTIONS_ID_TOKEN_REQUEST_URL": there, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": secret } });
        let pipelines = json!({ "kind": "azurePipelines", "serviceConnectionId": twin.tenant_id(), "variables": {
            "SYSTEM_OIDCREQUESTURI": there, "SYSTEM_ACCESSTOKEN": secret } });
        let identity = |variables: Value| json!({ "kind": "managedIdentity", "variables": variables });
        let app_service = identity(json!({ "IDENTITY_ENDPOINT": there, "IDENTITY_HEADER": secret }));
        let msi = identity(json!({ "MSI_ENDPOINT": there, "MSI_SECRET": secret }));
        let arc = identity(json!({ "IDENTITY_ENDPOINT": there, "IMDS_ENDPOINT": there }));
        let pod = identity(json!({ "AZURE_POD_IDENTITY_AUTHORITY_HOST": there }));
        let of_endpoint = if there.starts_with("http:") { "EndpointNotHttps" } else { "EndpointInvalid" };
        for (request, id) in [
            (connecting(&twin, &by_secret, &[("loginEndpoint", there)])?, of_endpoint),
            (connecting(&twin, &by_secret, &[("graphEndpoint", there)])?, of_endpoint),
            (connecting(&twin, &github, &[])?, "FederatedTokenUnavailable"),
            (connecting(&twin, &pipelines, &[])?, "FederatedTokenUnavailable"),
            (connecting(&twin, &app_service, &[])?, "ManagedIdentityUnavailable"),
            (connecting(&twin, &msi, &[])?, "ManagedIdentityUnavailable"),
            (connecting(&twin, &arc, &[])?, "ManagedIdentityUnavailable"),
            (connecting(&twin, &pod, &[])?, "ManagedIdentityUnavailable"),
        ] {
            let said = said(&request)?;
            assert!(said.contains(&format!("PPFederation.{id}<")), "{there}: {request}: {said}");
        }
        assert!(VaultAddress::parse(there, Environment::Custom).is_err(), "{there} as a vault");
    }
    assert!(twin.requests().is_empty());
    Ok(())
}

#[test]
fn whoever_sends_it_nothing_leaves_the_machine_in_clear() -> TestResult {
    for endpoints in [
        Environment::Global.endpoints(None, None)?,
        Environment::Custom.endpoints(Some("http://localhost:1"), Some("http://localhost:1"))?,
    ] {
        let url = Url::parse("http://192.0.2.1/token")?;
        let request = Request { method: Method::GET, url, headers: Vec::new(), body: None };
        let sent =
            Client::new(&[&endpoints.login, &endpoints.graph], Limits::default())?.send(request, &Cancel::never());
        let Err(SendError::NotSent { reason, .. }) = sent else { return Err("sent".into()) };
        assert!(reason.starts_with("plain http to another machine"), "{reason}");
    }
    Ok(())
}
