//! The twin over real HTTP: what it does, and what it refuses in which words.
#![expect(clippy::expect_used, clippy::panic, reason = "a test ends at the first surprise")]

mod app_roles;
mod applications;
mod assertions;
mod batch;
mod changes;
mod client;
mod contract;
mod control;
mod crowds;
mod faults;
mod gateway;
mod grants;
mod key_vault;
mod managed_identities;
mod organization;
mod passwords;
mod people;
mod person_sign_in;
mod program;
mod replication;
mod roles;
mod service_principals;
mod tokens;
mod twins;
mod unreadable;
mod user_updates;
mod wire;
