//! The way to the services: TLS and whom it trusts, proxies, national clouds at their own names, redirects, plain http.
//!
//! What the environment decides (the trust store, the proxy) is tried in a process of its own, [`session`]. Linux alone lets
//! a test say there whom it trusts (`SSL_CERT_FILE`), so what needs a certificate runs there alone.

mod answering;
#[cfg(target_os = "linux")]
mod authority;
#[cfg(target_os = "linux")]
mod clouds;
#[cfg(target_os = "linux")]
mod front;
mod in_clear;
#[cfg(target_os = "linux")]
mod proxies;
#[cfg(target_os = "linux")]
mod proxy;
mod redirects;
#[cfg(target_os = "linux")]
mod session;
#[cfg(target_os = "linux")]
mod site;
#[cfg(target_os = "linux")]
mod tls;
