//! Several twins in one process, and their end.

use tenant_twin::{Options, Twin};

use crate::client::{Tenant, quick};

#[test]
fn twins_share_nothing() {
    let one = Tenant::new();
    let other = Tenant::with(&Options { seed: 9, tenant_name: "Fabrikam".to_owned(), ..quick() });
    assert_ne!(one.twin.tenant_id(), other.twin.tenant_id());
    one.application("Only here");
    assert!(!other.twin.state().to_string().contains("Only here"));
    assert_eq!(other.get("/organization").text("/value/0/displayName"), "Fabrikam");
    other.twin.advance(std::time::Duration::from_hours(1));
    assert!(other.twin.now() > one.twin.now());
    assert_eq!(one.get("/organization").status, 200);
}

#[test]
fn neighbours_share_an_address_and_nothing_of_their_tenants() {
    let one = Tenant::new();
    let other = one.twin.neighbour(&Options { seed: 9, tenant_name: "Fabrikam".to_owned(), ..quick() });
    let other = Tenant::signed_in(other.expect("another tenant"), "admin");
    assert_eq!((one.twin.graph(), one.twin.login()), (other.twin.graph(), other.twin.login()));
    one.application("Only here");
    assert!(!other.twin.state().to_string().contains("Only here"));
    assert_eq!(other.get("/organization").text("/value/0/displayName"), "Fabrikam");
    assert_ne!(one.get("/organization").text("/value/0/displayName"), "Fabrikam");
    assert_eq!(other.twin.requests().len(), 2, "a token and a read");
    // Its clients are strangers next door.
    let client = other.twin.client("admin").expect("an admin");
    let refused = one.token_for(&client.client_id, &client.client_secret);
    assert_eq!(refused.status, 400, "{refused:?}");
    assert!(one.twin.neighbour(&quick()).is_err(), "the same tenant twice");
    drop(one);
    assert_eq!(other.get("/organization").status, 200);
}

#[test]
fn a_seed_gives_the_same_tenant_again() {
    let ids = |seed| {
        let twin = Twin::start(&Options { seed, ..quick() }).expect("a free port");
        (twin.tenant_id().to_owned(), twin.clients().to_vec())
    };
    assert_eq!(ids(4), ids(4));
    assert_ne!(ids(4), ids(5));
}

#[test]
fn a_dropped_twin_frees_its_port() {
    let tenant = Tenant::new();
    let port: u16 = tenant.twin.graph().split([':', '/']).nth(4).and_then(|port| port.parse().ok()).expect("a port");
    assert!(Twin::start(&Options { port, ..quick() }).is_err());
    drop(tenant);
    // The listener is gone; the address itself may rest a while after a connection was closed by this side.
    let refused = std::net::TcpStream::connect(("127.0.0.1", port));
    assert!(refused.is_err());
}
