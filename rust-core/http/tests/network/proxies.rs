//! Proxies that the environment names: who is reached through one and who never is, what it sees, and what is said where it
//! fails.

use std::error::Error;
use std::net::TcpListener;

use pp_sign_in::environment::Environment;
use serde_json::json;
use tenant_twin::{ErrorBody, Fault, FaultKind, On, RetryAfter, Target};

use crate::authority::Valid;
use crate::proxy::{Manner, Proxy};
use crate::session::{Proof, Session};
use crate::site::{BOTH, Site, TRUST};
use pp_testing::TestResult;
use pp_testing::sign_in::{admin, twin};

const GLOBAL: [&str; 3] = ["login.microsoftonline.com", "graph.microsoft.com", "vault.azure.net"];

/// Nobody listens there.
fn gone() -> Result<String, Box<dyn Error>> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

#[test]
fn services_are_reached_through_the_proxy_which_sees_their_names_alone() -> TestResult {
    let site = Site::of_a_cloud(GLOBAL)?;
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let proxy = site.proxy()?;
        site.twin.watch();
        let session = Session {
            vault: Some("https://contoso.vault.azure.net".into()),
            ..Session::of_admin(&site.twin, Environment::Global)?
        };
        let said = session.run(&[(TRUST, &site.trusted), (variable, &proxy.url())])?;
        assert_eq!(said, "ok", "{variable}");
        let mut hosts = proxy.asked();
        hosts.sort();
        hosts.dedup();
        let names = ["contoso.vault.azure.net", "graph.microsoft.com", "login.microsoftonline.com"];
        assert_eq!(hosts, names.map(|name| format!("CONNECT {name}:443 HTTP/1.1")), "{variable}");
        let secrets = site.twin.secrets();
        assert!(secrets.len() >= 3, "a secret and two tokens");
        for secret in secrets {
            assert!(!proxy.saw(&secret.text), "{} in clear", secret.kind);
        }
        assert!(proxy.heads().iter().all(|head| !head.to_lowercase().contains("authorization")), "{:?}", proxy.heads());
    }
    Ok(())
}

#[test]
fn who_is_excepted_is_not_reached_through_it() -> TestResult {
    let site = Site::of_a_cloud(GLOBAL)?;
    let proxy = site.proxy()?;
    // Without the proxy nobody answers to the name here.
    let excepted =
        [(TRUST, site.trusted.as_str()), ("HTTPS_PROXY", &proxy.url()), ("NO_PROXY", ".microsoftonline.com")];
    let said = Session::of_admin(&site.twin, Environment::Global)?.run(&excepted)?;
    assert!(said.starts_with("PPFederation.NetworkFailed: could not reach login.microsoftonline.com: "), "{said}");
    assert!(!said.contains("proxy"), "{said}");
    assert_eq!(proxy.asked(), Vec::<String>::new());
    Ok(())
}

#[test]
fn this_machine_and_its_managed_identity_are_never_reached_through_it() -> TestResult {
    let proxy = Proxy::start(Manner::Refuses("502 Bad Gateway"))?;
    let url = proxy.url();
    let variables = [("HTTPS_PROXY", url.as_str()), ("HTTP_PROXY", &url), ("ALL_PROXY", &url)];
    let site = Site::on_this_machine("localhost", Valid::Now, &BOTH)?;
    let trusting = [&variables[..], &[(TRUST, &site.trusted)]].concat();
    assert_eq!(Session::of_admin(&site.twin, Environment::Custom)?.run(&trusting)?, "ok", "over TLS");
    let twin = twin()?;
    assert_eq!(Session::of_admin(&twin, Environment::Custom)?.run(&variables)?, "ok", "in clear");
    twin.set_machine(&json!({ "system": admin(&twin)?.to_string(), "user": [admin(&twin)?.to_string()] }));
    let proof = Proof::ManagedIdentity(twin.origin().to_owned());
    assert_eq!(Session { proof, ..Session::of_admin(&twin, Environment::Custom)? }.run(&variables)?, "ok");
    assert_eq!(proxy.asked(), Vec::<String>::new());
    // Also beside services that are: here the token is had, and Graph is then asked for through the proxy.
    let proof = Proof::ManagedIdentity(twin.origin().to_owned());
    let said = Session { proof, ..Session::of_admin(&twin, Environment::Global)? }.run(&trusting)?;
    assert!(said.contains("resource principal was not found"), "the machine's endpoint answered: {said}");
    assert_eq!(proxy.asked(), Vec::<String>::new());
    Ok(())
}

#[test]
fn a_pipeline_s_own_service_on_this_machine_is_not_reached_through_it() -> TestResult {
    let (site, twin) = (Site::of_a_cloud(GLOBAL)?, twin()?);
    let proxy = site.proxy()?;
    let proof = Proof::GitHubActions { url: format!("{}/oidc/github", twin.origin()), token: "a stranger".into() };
    let session = Session { proof, ..Session::of_admin(&site.twin, Environment::Global)? };
    let url = proxy.url();
    let said = session.run(&[(TRUST, &site.trusted), ("HTTPS_PROXY", &url), ("HTTP_PROXY", &url)])?;
    assert!(said.starts_with("PPFederation.FederatedTokenUnavailable: GitHub Actions refused"), "{said}");
    assert_eq!(proxy.asked(), Vec::<String>::new());
    Ok(())
}

#[test]
fn a_proxy_that_fails_is_named_without_its_password() -> TestResult {
    let site = Site::of_a_cloud(GLOBAL)?;
    let refusing = |status| Proxy::start(Manner::Refuses(status)).map(|proxy| proxy.address.to_string());
    let cases =
        [(gone()?, "nothing listens there, or a firewall refuses"), (refusing("403 Forbidden")?, "unsuccessful")];
    for (address, reason) in cases {
        let variable = format!("http://somebody:pass-word@{address}");
        let said = Session::of_admin(&site.twin, Environment::Global)?
            .run(&[(TRUST, &site.trusted), ("HTTPS_PROXY", &variable)])?;
        let start = "PPFederation.NetworkFailed: could not reach login.microsoftonline.com: through the proxy http://";
        assert!(said.starts_with(&format!("{start}{address}: ")) && said.contains(reason), "{said}");
        assert!(!said.contains("pass-word") && !said.contains("somebody"), "{said}");
    }
    assert!(site.twin.requests().is_empty());
    Ok(())
}

#[test]
fn a_proxy_that_wants_a_name_and_a_password_is_asked_once_and_named_without_them() -> TestResult {
    let site = Site::of_a_cloud(GLOBAL)?;
    let cases = [
        ("", "wants a name and a password, and is given none"),
        ("somebody:pass-word@", "refuses the name and password that it is given"),
    ];
    for (told, why) in cases {
        let proxy = Proxy::start(Manner::Refuses("407 Proxy Authentication Required"))?;
        let variable = format!("http://{told}{}", proxy.address);
        let said = Session::of_admin(&site.twin, Environment::Global)?
            .run(&[(TRUST, &site.trusted), ("HTTPS_PROXY", &variable)])?;
        let expected = format!(
            "PPFederation.ProxyRefused: could not reach login.microsoftonline.com: the proxy http://{} {why} (407)",
            proxy.address
        );
        assert_eq!(said, expected);
        assert_eq!(proxy.asked().len(), 1, "it would answer the same again");
    }
    assert!(site.twin.requests().is_empty());
    Ok(())
}

#[test]
fn a_proxy_that_answers_in_a_service_s_place_is_asked_once() -> TestResult {
    let twin = twin()?;
    let wants = FaultKind::Failed { status: 407, body: ErrorBody::Html, retry_after: RetryAfter::Absent };
    twin.add_fault(Fault::new(On::every(Target::Token), wants).for_ever());
    let said = Session::of_admin(&twin, Environment::Custom)?.run(&[])?;
    assert!(said.starts_with("PPFederation.ProxyRefused: could not reach 127.0.0.1:"), "{said}");
    assert!(
        said.ends_with("the proxy that answers in its place wants a name and a password, and is given none (407)"),
        "{said}"
    );
    assert_eq!(twin.requests().len(), 1);
    Ok(())
}

#[test]
fn a_proxy_is_told_its_user_and_password_and_no_service_is() -> TestResult {
    let site = Site::of_a_cloud(GLOBAL)?;
    let proxy = site.proxy()?;
    let variable = format!("http://somebody:pass-word@{}", proxy.address);
    let session = Session::of_admin(&site.twin, Environment::Global)?;
    assert_eq!(session.run(&[(TRUST, &site.trusted), ("HTTPS_PROXY", &variable)])?, "ok");
    // somebody:pass-word in base64.
    let told = "proxy-authorization: Basic c29tZWJvZHk6cGFzcy13b3Jk";
    assert!(proxy.heads().iter().all(|head| head.to_lowercase().contains(&told.to_lowercase())), "{:?}", proxy.heads());
    Ok(())
}

#[test]
fn a_connection_takes_the_proxy_s_password_of_its_time_though_another_is_open() -> TestResult {
    let site = Site::of_a_cloud(GLOBAL)?;
    let proxy = site.proxy()?;
    let of_password = |password: &str| format!("http://somebody:{password}@{}", proxy.address);
    let then_through = Some(of_password("new"));
    let session = Session { then_through, ..Session::of_admin(&site.twin, Environment::Global)? };
    assert_eq!(session.run(&[(TRUST, &site.trusted), ("HTTPS_PROXY", &of_password("old"))])?, "ok");
    // somebody:old and somebody:new in base64.
    for told in ["Basic c29tZWJvZHk6b2xk", "Basic c29tZWJvZHk6bmV3"] {
        assert!(proxy.heads().iter().any(|head| head.contains(told)), "{told}: {:?}", proxy.heads());
    }
    Ok(())
}

#[test]
fn a_proxy_that_looks_into_tls_is_refused_where_its_authority_is_not_trusted() -> TestResult {
    let (site, other) = (Site::of_a_cloud(GLOBAL)?, Site::of_a_cloud(GLOBAL)?);
    let (proxy, session) = (site.proxy()?, Session::of_admin(&site.twin, Environment::Global)?);
    let said = session.run(&[(TRUST, &other.trusted), ("HTTPS_PROXY", &proxy.url())])?;
    let start = "PPFederation.ServerNotTrusted: the certificate of login.microsoftonline.com is not trusted: through the proxy ";
    assert!(said.starts_with(&format!("{start}{}: ", proxy.url())), "{said}");
    Ok(())
}
