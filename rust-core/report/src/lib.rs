//! What the user is told: [`rows`] in the form in which objects leave ([`clixml`]) and in that of the log ([`json`]), errors ([`error`]) by the [`catalogue`] of
//! all there are, and what the errors of the layers below come to there ([`told`]).
#![forbid(unsafe_code)]

pub mod catalogue;
pub mod clixml;
pub mod error;
pub mod json;
pub mod rows;
mod told;
