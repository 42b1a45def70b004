//! Whom TLS trusts, and what it takes and refuses.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use pp_sign_in::environment::Environment;
use rustls::version::{TLS12, TLS13};

use crate::authority::{Authority, Valid};
use crate::session::Session;
use crate::site::{BOTH, Site, TRUST};
use pp_testing::TestResult;
use pp_testing::sign_in::twin;

#[test]
fn whom_the_system_trusts_is_trusted_over_tls_1_2_and_1_3() -> TestResult {
    for versions in [vec![&TLS12], vec![&TLS13], BOTH.to_vec()] {
        let site = Site::on_this_machine("localhost", Valid::Now, &versions)?;
        assert_eq!(site.session()?, "ok");
        let seen = site.front.seen();
        assert!(
            seen.len() >= 4 && seen.iter().all(|(host, version)| host == "localhost" && version == "HTTP/2.0"),
            "{seen:?}"
        );
        assert_eq!(site.twin.violations(), Vec::<String>::new());
    }
    Ok(())
}

#[test]
fn a_certificate_that_is_not_trusted_ends_it_at_once_with_its_reason() -> TestResult {
    let folder = tempfile::tempdir()?;
    let stranger = Authority::new()?.write(folder.path())?;
    let cases = [
        (Site::on_this_machine("localhost", Valid::Now, &BOTH)?, true, "UnknownIssuer"),
        (Site::on_this_machine("localhost", Valid::Before, &BOTH)?, false, "certificate expired"),
        (Site::on_this_machine("localhost", Valid::Later, &BOTH)?, false, "certificate not valid yet"),
        (Site::on_this_machine("another.example", Valid::Now, &BOTH)?, false, "not valid for name \"localhost\""),
    ];
    for (site, strange, reason) in cases {
        let session = Session::of_admin(&site.twin, Environment::Custom)?;
        let said = session.run(&[(TRUST, if strange { &stranger } else { &site.trusted })])?;
        let host = format!("localhost:{}", site.front.port);
        assert!(said.starts_with(&format!("PPFederation.ServerNotTrusted: the certificate of {host} ")), "{said}");
        assert!(said.contains(reason), "{said}");
        assert!(site.twin.requests().is_empty() && site.front.seen().is_empty(), "sent to whom nobody knows");
    }
    Ok(())
}

#[test]
fn a_machine_that_trusts_nobody_says_so_and_still_has_its_own_services() -> TestResult {
    let site = Site::on_this_machine("localhost", Valid::Now, &BOTH)?;
    let nobody = [(TRUST, "/nowhere/trusted.pem")];
    let said = Session::of_admin(&site.twin, Environment::Custom)?.run(&nobody)?;
    assert!(said.starts_with("PPFederation.NetworkFailed: ") && said.contains("No CA certificates"), "{said}");
    // In clear on this machine, as the demonstration tenant is served.
    assert_eq!(Session::of_admin(&*twin()?, Environment::Custom)?.run(&nobody)?, "ok");
    Ok(())
}

/// Two servers of yesterday: one says which version it is to be, the other that there is none in common.
/// Source: RFC 4346 (TLS 1.1), 7.4.1.3 Server hello and 7.2 Alert protocol.
#[test]
fn a_server_of_tls_1_1_is_refused() -> TestResult {
    let mut hello = vec![0x16, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2];
    hello.extend([7; 32]);
    // No session, TLS_RSA_WITH_AES_128_CBC_SHA, no compression.
    hello.extend([0, 0, 0x2f, 0]);
    let no_version = vec![0x15, 3, 2, 0, 2, 2, 70];
    for answer in [hello, no_version] {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = format!("https://localhost:{}", listener.local_addr()?.port());
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut greeting = [0; 1024];
                let _ = stream.read(&mut greeting);
                let _ = stream.write_all(&answer);
                let _ = stream.read(&mut greeting);
            }
        });
        let (authority, folder, twin) = (Authority::new()?, tempfile::tempdir()?, twin()?);
        let trusted = authority.write(folder.path())?;
        let session = Session {
            login: Some(address.clone()),
            graph: Some(address.clone()),
            ..Session::of_admin(&twin, Environment::Custom)?
        };
        let said = session.run(&[(TRUST, &trusted)])?;
        assert!(said.starts_with("PPFederation.NetworkFailed: could not reach localhost:"), "{said}");
        assert!(said.contains("peer is incompatible") || said.contains("ProtocolVersion"), "{said}");
    }
    Ok(())
}
