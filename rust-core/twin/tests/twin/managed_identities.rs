//! The managed identity endpoints of the twin's machine.

use serde_json::{Value, json};

use crate::client::{Answer, Tenant, http};

/// A machine with a system-assigned and a user-assigned identity.
fn machine(more: &Value) -> Tenant {
    let tenant = Tenant::new();
    let id = |kind| tenant.twin.client(kind).expect("a known kind").client_id.clone();
    let mut machine = json!({ "system": id("admin"), "user": [id("reader")] });
    for (name, value) in more.as_object().expect("an object") {
        machine[name] = value.clone();
    }
    tenant.twin.set_machine(&machine);
    tenant
}

fn ask(
    tenant: &Tenant,
    path: &str,
    version: &str,
    resource: Option<&str>,
    more: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let resource = resource.map(|resource| format!("&resource={resource}")).unwrap_or_default();
    let url = format!("{}{path}?api-version={version}{resource}{more}", tenant.twin.origin());
    let request = headers.iter().fold(http().get(url), |request, (name, value)| request.header(*name, *value));
    Answer::read(request.send().expect("an answer"))
}

const METADATA: &str = "/metadata/identity/oauth2/token";
const OF_MACHINES: (&str, &str) = ("Metadata", "true");

#[test]
fn a_virtual_machines_endpoint_wants_its_header_its_version_and_a_resource_that_is_there() {
    let tenant = machine(&json!({}));
    let graph = tenant.twin.graph();
    let ask = |version, resource, more: &str, headers: &[(&str, &str)]| {
        ask(&tenant, METADATA, version, resource, more, headers)
    };
    let answer = ask("2018-02-01", Some(graph.as_str()), "", &[OF_MACHINES]);
    assert_eq!((answer.status, answer.text("/resource")), (200, graph.as_str()), "{answer:?}");
    for expected in ["expires_on", "expires_in"] {
        assert!(answer.body[expected].as_str().is_some_and(|seconds| seconds.parse::<u64>().is_ok()), "{answer:?}");
    }
    let refused = |answer: &Answer| (answer.status, answer.text("/error").to_owned());
    assert_eq!(refused(&ask("2018-02-01", Some(&graph), "", &[])).0, 400);
    assert_eq!(refused(&ask("2018-02-01", Some(&graph), "", &[("Metadata", "false")])).0, 400);
    assert_eq!(refused(&ask("2019-08-01", Some(&graph), "", &[OF_MACHINES])), (400, "invalid_request".into()));
    assert_eq!(refused(&ask("2018-02-01", None, "", &[OF_MACHINES])), (400, "invalid_request".into()));
    let other = Some("https://graph.microsoft.us");
    assert_eq!(refused(&ask("2018-02-01", other, "", &[OF_MACHINES])), (400, "invalid_resource".into()));
    let stranger = "&client_id=11111111-2222-4333-8444-555555555555";
    let answer = ask("2018-02-01", Some(&graph), stranger, &[OF_MACHINES]);
    assert_eq!((answer.status, answer.text("/error_description")), (400, "Identity not found"));
    // What came through a proxy was not sent by this machine.
    assert_eq!(refused(&ask("2018-02-01", Some(&graph), "", &[OF_MACHINES, ("X-Forwarded-For", "10.0.0.1")])).0, 400);
}

#[test]
fn app_service_wants_the_header_that_only_its_processes_know() {
    let tenant = machine(&json!({ "header": "known" }));
    let graph = tenant.twin.graph();
    let ask = |version, headers: &[(&str, &str)]| ask(&tenant, "/msi/token", version, Some(&graph), "", headers);
    assert_eq!(ask("2019-08-01", &[("X-IDENTITY-HEADER", "known"), OF_MACHINES]).status, 200);
    assert_eq!(ask("2017-09-01", &[("secret", "known")]).status, 200);
    for headers in [
        &[OF_MACHINES][..],
        &[("X-IDENTITY-HEADER", "guessed"), OF_MACHINES],
        // Azure Automation takes none without this one.
        &[("X-IDENTITY-HEADER", "known")],
        &[("secret", "guessed")],
    ] {
        assert_eq!(ask("2019-08-01", headers).status, 401, "{headers:?}");
    }
    assert_eq!(ask("2017-09-01", &[("X-IDENTITY-HEADER", "known"), OF_MACHINES]).status, 400);
    assert_eq!(ask("2019-08-01", &[("secret", "known")]).status, 400);
}

#[test]
fn arc_wants_the_content_of_a_file_that_only_administrators_read() {
    let tenant = machine(&json!({ "arcFile": "/keys/one.key", "arcKey": "content" }));
    let graph = tenant.twin.graph();
    let ask = |headers: &[(&str, &str)]| ask(&tenant, METADATA, "2020-06-01", Some(&graph), "", headers);
    let challenge = ask(&[OF_MACHINES]);
    assert_eq!((challenge.status, challenge.header("www-authenticate")), (401, "Basic realm=/keys/one.key"));
    assert_eq!(ask(&[OF_MACHINES, ("Authorization", "Basic guessed")]).status, 401);
    assert_eq!(ask(&[OF_MACHINES, ("Authorization", "Basic content")]).status, 200);
    assert_eq!(ask(&[("Authorization", "Basic content")]).status, 400, "without the header of machines");
}
