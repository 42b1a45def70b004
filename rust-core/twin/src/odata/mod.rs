//! The part of `OData` that Graph's directory collections understand.

pub(crate) mod filter;
pub(crate) mod list;
mod parser;
pub(crate) mod query;
