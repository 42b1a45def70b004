//! National clouds at their own names: where each is called, whom its tokens, assertions and federated tokens are for, and
//! that one cloud's token is no use in another.

use std::error::Error;

use pp_sign_in::environment::Environment;
use serde_json::json;

use crate::session::{Proof, Session};
use crate::site::{Site, TRUST};
use pp_testing::TestResult;
use pp_testing::machine::REPOSITORY;
use pp_testing::sign_in::{admin, joined, register_certificate};

/// Sign-in service, Microsoft Graph, domain of vaults, audience of federated tokens. Sources: Microsoft Graph documentation,
/// "National cloud deployments"; Key Vault documentation, "Vault names"; Entra documentation, "Workload identity federation".
const CLOUDS: [(Environment, [&str; 3], &str); 4] = [
    (
        Environment::Global,
        ["login.microsoftonline.com", "graph.microsoft.com", "vault.azure.net"],
        "api://AzureADTokenExchange",
    ),
    (
        Environment::USGov,
        ["login.microsoftonline.us", "graph.microsoft.us", "vault.usgovcloudapi.net"],
        "api://AzureADTokenExchangeUSGov",
    ),
    (
        Environment::USGovDoD,
        ["login.microsoftonline.us", "dod-graph.microsoft.us", "vault.usgovcloudapi.net"],
        "api://AzureADTokenExchangeUSGov",
    ),
    (
        Environment::China,
        ["login.partner.microsoftonline.cn", "microsoftgraph.chinacloudapi.cn", "vault.azure.cn"],
        "api://AzureADTokenExchangeChina",
    ),
];

/// What comes of a session through the proxy that leads to the site.
fn run(site: &Site, session: &Session) -> Result<String, Box<dyn Error>> {
    session.run(&[(TRUST, &site.trusted), ("HTTPS_PROXY", &site.proxy()?.url())])
}

#[test]
fn each_cloud_is_called_at_its_own_names_with_tokens_for_them() -> TestResult {
    for (environment, hosts, _) in CLOUDS {
        let site = Site::of_a_cloud(hosts)?;
        let vault = format!("https://contoso.{}", hosts[2]);
        let session = Session { vault: Some(vault), ..Session::of_admin(&site.twin, environment)? };
        assert_eq!(run(&site, &session)?, "ok", "{environment:?}");
        assert_eq!(site.twin.edit_vault(|vault| vault.versions("pptoken")), 1, "{environment:?}");
        let mut called: Vec<String> = site.front.seen().into_iter().map(|(host, _)| host).collect();
        called.sort();
        called.dedup();
        let mut names = [hosts[0].to_owned(), hosts[1].to_owned(), format!("contoso.{}", hosts[2])];
        names.sort();
        assert_eq!(called, names, "{environment:?}");
    }
    Ok(())
}

#[test]
fn an_assertion_is_for_the_clouds_own_token_endpoint() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = joined(folder.path(), &["certificate.pem", "key.pem"])?;
    for (environment, hosts, _) in CLOUDS {
        let site = Site::of_a_cloud(hosts)?;
        register_certificate(&site.twin)?;
        let proof = Proof::CertificateFile(path.clone());
        let session = Session { proof, ..Session::of_admin(&site.twin, environment)? };
        assert_eq!(run(&site, &session)?, "ok", "{environment:?}");
    }
    Ok(())
}

#[test]
fn a_pipeline_is_asked_for_a_token_of_the_clouds_audience() -> TestResult {
    for (environment, hosts, audience) in CLOUDS {
        let site = Site::of_a_cloud(hosts)?;
        let (client, origin) = (admin(&site.twin)?.to_string(), site.twin.origin().to_owned());
        site.twin.edit(|edit| {
            edit.add_federated_credential(
                &edit.application_id(&client),
                &format!("{origin}/oidc"),
                REPOSITORY,
                audience,
            );
        });
        let proof = Proof::GitHubActions { url: format!("{origin}/oidc/github"), token: "pipeline".into() };
        let session = Session { proof, ..Session::of_admin(&site.twin, environment)? };
        assert_eq!(run(&site, &session)?, "ok", "{environment:?}");
    }
    Ok(())
}

#[test]
fn a_managed_identity_is_asked_for_the_clouds_own_graph() -> TestResult {
    for (environment, hosts, _) in CLOUDS {
        let site = Site::of_a_cloud(hosts)?;
        site.twin.set_machine(&json!({ "system": admin(&site.twin)?.to_string() }));
        let proof = Proof::ManagedIdentity(site.twin.origin().to_owned());
        let session = Session { proof, ..Session::of_admin(&site.twin, environment)? };
        assert_eq!(run(&site, &session)?, "ok", "{environment:?}");
    }
    Ok(())
}

#[test]
fn a_token_of_one_cloud_is_refused_in_another_before_it_is_sent() -> TestResult {
    for (of, hosts, _) in CLOUDS {
        let site = Site::of_a_cloud(hosts)?;
        // Another program has got it, of the same tenant.
        site.twin.watch();
        assert_eq!(run(&site, &Session::of_admin(&site.twin, of)?)?, "ok");
        let secrets = site.twin.secrets();
        let text = &secrets.iter().find(|secret| secret.kind == "access_token").ok_or("no token")?.text;
        site.twin.clear_requests();
        for (environment, [_, graph, _], _) in CLOUDS {
            let proof = Proof::AccessToken(text.clone());
            let said = run(&site, &Session { proof, ..Session::of_admin(&site.twin, environment)? })?;
            if environment == of {
                assert_eq!(said, "ok");
                site.twin.clear_requests();
                continue;
            }
            let wanted = format!("the token is for 'https://{}', not for Microsoft Graph at https://{graph}", hosts[1]);
            assert_eq!(said, format!("PPFederation.TokenUnfit: {wanted}"), "{of:?} in {environment:?}");
            assert!(site.twin.requests().is_empty(), "{of:?} in {environment:?}");
        }
    }
    Ok(())
}
