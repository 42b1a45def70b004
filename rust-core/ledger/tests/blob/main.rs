//! A ledger in Azure Blob Storage, by Azurite.

mod faults;
mod leases;
mod lines;
mod refusals;
mod sign_in;
mod support;
mod workers;
