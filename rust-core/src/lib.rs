//! The core of PPFederation: the runbook that federates a Microsoft 365 tenant with Practice Protect.
//!
//! From the outside in, each layer knowing only those below: [`ffi`] is the C ABI; [`job`] runs one [`command`] on a
//! worker thread and queues its events; [`runbook`], [`attributes`] and [`portal`] are what the product knows;
//! [`graph`] is Microsoft Graph, typed; [`sign_in`] and [`http`] talk to the network. [`connection`] ties the last four
//! to one tenant. Beside them: [`clixml`] is the form in which objects leave, [`error`] and [`catalogue`] what the user
//! is told, [`secret`] what must never be shown.

pub mod attributes;
pub mod catalogue;
pub mod clixml;
pub mod command;
pub mod connection;
pub mod error;
pub mod ffi;
pub mod graph;
pub mod handle;
pub mod http;
pub mod job;
pub mod portal;
pub mod runbook;
pub mod secret;
pub mod sign_in;
pub mod sink;
pub mod vault;
mod wiping_allocator;
