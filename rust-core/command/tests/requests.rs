//! What a request may say: every op takes its fields and refuses any other, so that a typing error never goes unseen.

use std::collections::BTreeSet;

use pp_command::{SecretBlock, parse};
use serde_json::{Value, json};

/// Of users' attributes.
fn of_attributes() -> [Value; 4] {
    [
        json!({
            "op": "compareAttributes", "connection": 1, "path": "p", "users": [[["Username", "u"]]],
            "columnMap": {"Username": "Login"}, "script": {"text": "t"}, "federatedDomain": ["d"], "since": "p", "userPrincipalName": ["u"],
            "includeEqual": true,
        }),
        json!({"op": "backupAttributes", "connection": 1, "path": "p", "force": true}),
        json!({"op": "planAttributeRestore", "connection": 1, "path": "p", "users": ["u"], "attributes": ["mail"],
            "throttleLimit": 5}),
        json!({"op": "restoreAttributes", "connection": 1, "path": "p", "users": ["u"], "attributes": ["mail"],
            "throttleLimit": 5}),
    ]
}

/// Of many tenants.
fn of_fleet(which: &Value) -> Value {
    let secret = json!({"at": 0, "len": 6});
    json!({
        "op": "fleet", "action": "Runbook",
        "tenants": [{"tenantId": "t", "name": "n", "clientId": "c", "clientSecret": secret, "clientSecretVaultUri": "v",
            "clientSecretName": "s", "environment": "Custom", "loginEndpoint": "l", "graphEndpoint": "g", "appId": "a",
            "objectId": "o", "federatedDomain": ["d"], "vaultUri": "v"}],
        "home": 1,
        "options": {"steps": ["DirSync"], "skip": ["ClientSecret"], "which": which, "newSecret": true,
            "secretLifetime": "P1Y", "lockCredentials": true, "deletedApp": "Restore", "sink": {"kind": "KeyVault"},
            "overlapSeconds": 1, "renewWithinSeconds": 1, "path": "p", "portalUserPath": "p",
            "columnMap": {"Username": "Login"}, "scriptPath": "p", "federatedDomain": ["d"], "since": "p",
            "userPrincipalName": ["u"], "force": true},
        "throttleLimit": 32, "retryBudgetSeconds": 1, "ledger": "p", "ledgerSas": secret, "worker": "w", "machine": "m",
        "retryFailed": true, "timeBudgetMilliseconds": 1000, "shard": "1/2", "plan": true, "precedesRun": true, "askAll": true,
        "only": ["t"], "asked": [{"tenant": "t", "steps": ["DirSync"]}],
        "failed": [{"named": "n", "tenantId": "t", "tenantName": "n", "errorId": "e", "message": "m"}], "demo": 2,
    })
}

/// Of every way to sign in without a person.
fn of_sign_ins(secret: &Value) -> impl Iterator<Item = Value> {
    let credentials = [
        json!({"kind": "clientSecret", "clientId": "c", "clientSecret": secret}),
        json!({"kind": "accessToken", "accessToken": secret}),
        json!({"kind": "certificateFile", "clientId": "c", "path": "p", "password": secret}),
        json!({"kind": "certificate", "clientId": "c", "certificate": secret, "password": secret}),
        json!({"kind": "certificateStore", "clientId": "c", "thumbprint": "t"}),
        json!({"kind": "federatedTokenFile", "clientId": "c", "path": "p"}),
        json!({"kind": "workloadIdentity", "clientId": "c", "variables": {
            "AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_FEDERATED_TOKEN_FILE": "f"}}),
        json!({"kind": "gitHubActions", "clientId": "c", "variables": {
            "ACTIONS_ID_TOKEN_REQUEST_URL": "u", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": secret}}),
        json!({"kind": "azurePipelines", "clientId": "c", "serviceConnectionId": "s", "variables": {
            "SYSTEM_OIDCREQUESTURI": "u", "SYSTEM_ACCESSTOKEN": secret}}),
        json!({"kind": "managedIdentity", "clientId": "c", "variables": {
            "IDENTITY_ENDPOINT": "u", "IDENTITY_HEADER": secret, "IDENTITY_SERVER_THUMBPRINT": "t", "IMDS_ENDPOINT": "u",
            "MSI_ENDPOINT": "u", "MSI_SECRET": secret, "AZURE_POD_IDENTITY_AUTHORITY_HOST": "u"}}),
    ];
    credentials.into_iter().map(|credential| {
        json!({
            "op": "connect", "tenantId": "t", "environment": "Custom",
            "loginEndpoint": "https://l", "graphEndpoint": "https://g", "credential": credential, "demo": 1,
        })
    })
}

/// A right request of every op, with all of its fields.
fn requests() -> Vec<Value> {
    let secret = json!({"at": 0, "len": 6});
    let which = json!({"displayName": "n", "appId": "a", "objectId": "o", "adopt": true});
    let app = json!({"connection": 1, "which": which});
    let plan = json!({"connection": 1, "steps": ["DirSync"], "which": which, "newSecret": true, "secretLifetime": "1",
        "deletedApp": "Restore", "lockCredentials": true});
    let removal = json!({"connection": 1, "which": which, "keyId": "k", "force": true, "replaced": true});
    let mut requests = vec![
        json!({"op": "attributes"}),
        json!({"op": "ledger", "ledger": "l", "sas": secret, "connection": 1, "states": ["Done"], "tenants": ["t"]}),
        json!({"op": "provisioningScript", "usageLocation": "AU"}),
        json!({"op": "testScript", "script": {"text": "t"}, "userPath": "p", "users": [[["n", "v"]]], "columnMap": {"n": "v"},
            "group": true, "timeoutSeconds": 1}),
        json!({"op": "mergeScript", "script": {"path": "p"}, "usageLocation": "AU", "acceptConflict": true, "outFile": "p",
            "force": true}),
        json!({"op": "connection", "connection": 1}),
        json!({"op": "connections", "connections": [1]}),
        json!({"op": "disconnect", "connection": 1}),
        json!({"op": "dirSync", "connection": 1, "switchedOff": true}),
        json!({"op": "waitDirSync", "connection": 1, "timeoutSeconds": 1, "pollSeconds": 1, "switchedOff": true}),
        with(&app, "op", json!("app")),
        with(&app, "op", json!("permissions")),
        with(&with(&app, "op", json!("status")), "steps", json!(["DirSync"])),
        with(&app, "op", json!("test")),
        with(&with(&app, "op", json!("handover")), "usageLocation", json!("AU")),
        with(&with(&plan, "op", json!("plan")), "deletedId", json!("i")),
        with(
            &with(
                &with(&with(&with(&plan, "op", json!("apply")), "plan", json!(1)), "declined", json!(["ClientSecret"])),
                "asked",
                json!(["DirSync"]),
            ),
            "deletedId",
            json!("i"),
        ),
        with(&app, "op", json!("clientSecrets")),
        with(&removal, "op", json!("planSecretRemoval")),
        with(&removal, "op", json!("removeSecret")),
        json!({"op": "rotation", "connection": 1, "which": which, "overlapSeconds": 1,
            "renewWithinSeconds": 1, "foresee": true, "placed": "k"}),
        with(&with(&app, "op", json!("secretPlaced")), "keyId", json!("k")),
        json!({"op": "planSignInClient", "connection": 1, "displayName": "n", "multiTenant": true}),
        json!({"op": "makeSignInClient", "connection": 1, "displayName": "n", "multiTenant": true}),
        json!({"op": "planSignInClientRemoval", "connection": 1}),
        json!({"op": "removeSignInClient", "connection": 1}),
        with(
            &with(&with(&with(&plan, "op", json!("changes")), "skip", json!(["DirSync"])), "path", json!("p")),
            "force",
            json!(true),
        ),
        json!({"op": "keptPlan", "connection": 1, "path": "p", "hash": "h"}),
        json!({
            "op": "applyKept", "connection": 1, "path": "p", "hash": "h", "plan": 1, "steps": ["DirSync"],
            "declined": ["ClientSecret"], "sink": {"kind": "ScriptBlock"},
        }),
    ];
    requests.extend(of_attributes());
    requests.push(of_fleet(&which));
    requests.push(json!({"op": "findTenants", "connection": 1}));
    requests.extend([
        with(&with(&app, "op", json!("planAppRemoval")), "permanently", json!(true)),
        with(
            &with(
                &with(&with(&app, "op", json!("removeApp")), "permanently", json!(true)),
                "steps",
                json!(["Application"]),
            ),
            "declined",
            json!(["ServicePrincipal"]),
        ),
        json!({"op": "removeApp", "connection": 1, "plan": 1, "steps": []}),
        json!({"op": "planUndo", "connection": 1, "path": "p", "hash": "h"}),
        json!({
            "op": "undo", "connection": 1, "path": "p", "hash": "h", "steps": ["Application"],
            "declined": ["ServicePrincipal"],
        }),
    ]);
    let id = json!("8f69709d-4d80-4f9c-a404-24a0d96e5646");
    let sink = json!({"kind": "KeyVault", "vaultUri": "https://v", "secretName": "s", "force": true});
    requests.extend([
        json!({"op": "unclaimedSecrets", "connection": 1, "keyId": id, "only": true}),
        json!({"op": "claimSecret", "keyId": id, "secret": secret}),
        with(&with(&with(&app, "op", json!("saveSecret")), "keyId", id), "sink", sink),
    ]);
    requests.extend(of_sign_ins(&secret));
    requests.extend([
        json!({"op": "openReport", "path": "p", "format": "Html", "force": true}),
        json!({"op": "reportRows", "report": 1, "rows": [{}]}),
        json!({"op": "writeReport", "report": 1}),
        json!({"op": "closeReport", "report": 1}),
    ]);
    requests.push(json!({"op": "demo", "users": 1, "seed": 1, "faults": ["Lag"]}));
    requests
}

fn with(request: &Value, field: &str, value: Value) -> Value {
    let mut request = request.clone();
    request[field] = value;
    request
}

/// Why a request is refused; empty if it is not.
fn refusal(request: &str) -> String {
    match parse(request.as_bytes(), &SecretBlock::copy_of(b"secret")) {
        Ok(_) => String::new(),
        Err(bad) => bad.to_string(),
    }
}

#[test]
fn every_op_is_among_these() {
    let refused = refusal(r#"{"op":"none"}"#);
    let known: BTreeSet<&str> = refused.split('`').skip(3).step_by(2).filter(|op| !op.starts_with("test.")).collect();
    let tried: BTreeSet<String> = requests().iter().filter_map(|all| all["op"].as_str().map(str::to_owned)).collect();
    assert_eq!(known, tried.iter().map(String::as_str).collect());
}

#[test]
fn every_op_takes_its_fields() {
    for request in requests() {
        assert_eq!(refusal(&request.to_string()), "", "{request}");
    }
}

#[test]
fn names_are_taken_in_any_case_and_others_are_refused_with_those_that_are() {
    let status = json!({"op": "status", "connection": 1, "steps": ["dirsync", "APPLICATION"]});
    assert_eq!(refusal(&status.to_string()), "");
    let refused = refusal(&with(&status, "steps", json!(["Sync"])).to_string());
    assert!(refused.contains("'Sync' is not one of DirSync, Application, "), "{refused}");
    for connect in requests().iter().filter(|request| request["op"] == "connect") {
        assert_eq!(refusal(&with(connect, "environment", json!("usgov")).to_string()), "");
        let refused = refusal(&with(connect, "environment", json!("Mars")).to_string());
        assert!(refused.contains("'Mars' is not one of Global, USGov, "), "{refused}");
    }
}

#[test]
fn every_op_refuses_a_field_it_does_not_have() {
    for request in requests() {
        let request = with(&request, "extra", json!(null)).to_string();
        assert!(refusal(&request).contains("unknown field `extra`"), "{request}: {}", refusal(&request));
    }
}

#[test]
fn every_op_refuses_a_field_given_twice() {
    for request in requests() {
        let text = request.to_string();
        for (field, value) in request.as_object().into_iter().flatten() {
            let twice = text.replacen('{', &format!("{{\"{field}\":{value},"), 1);
            assert!(refusal(&twice).contains("duplicate field"), "{twice}: {}", refusal(&twice));
        }
    }
}

#[test]
fn fields_without_their_names_are_no_request() {
    for request in [r#"["connection",1]"#, r#" ["attributes"]"#, r#""attributes""#, "7"] {
        assert!(refusal(request).contains("a request is a JSON object"), "{request}");
    }
}

#[test]
fn a_secret_of_a_credential_must_lie_in_its_block() {
    let connect = requests().into_iter().filter(|request| request["op"] == "connect");
    for request in connect {
        for name in ["clientSecret", "accessToken", "password", "certificate"] {
            if request["credential"][name].is_null() {
                continue;
            }
            let mut request = request.clone();
            request["credential"][name] = json!({"at": 1, "len": 6});
            assert!(refusal(&request.to_string()).contains("outside of its block"), "{request}");
            request["credential"][name] = json!("the secret itself");
            let said = refusal(&request.to_string());
            assert!(!said.is_empty() && !said.contains("the secret itself"), "{said}");
        }
    }
}
