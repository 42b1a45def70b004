//! Errors of a ledger, and what they say.

use thiserror::Error;
use uuid::Uuid;

use crate::blob::refusal::{Kind, Refusal};
use pp_http::SendError;
use pp_sign_in::error::SignInError;

/// A ledger that can't be read, written or held.
#[derive(Debug, Clone, Error)]
pub enum LedgerError {
    /// The file can't be opened, made or read.
    #[error("the ledger '{place}' can't be read: {why}")]
    NotReadable {
        /// Where it is.
        place: String,
        /// The system's words.
        why: String,
    },
    /// It takes no line.
    #[error("the ledger '{place}' takes no line: {why}")]
    NotWritable {
        /// Where it is.
        place: String,
        /// The system's words.
        why: String,
    },
    /// Somebody has it open.
    #[error(
        "the ledger '{place}' is in use: another process has it open, or a fleet of this session that was stopped a moment ago and is still \
         ending"
    )]
    InUse {
        /// Where it is.
        place: String,
    },
    /// It is something else.
    #[error("'{place}' is no ledger: {what}")]
    NotALedger {
        /// Where it is.
        place: String,
        /// What is there.
        what: String,
    },
    /// A line that is not the last can't be read.
    #[error("line {line} of the ledger '{place}' is damaged: {what}")]
    Damaged {
        /// Where it is.
        place: String,
        /// From 1; the header is line 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// A later version wrote it.
    #[error("line {line} of the ledger '{place}' is of a later version: {what}")]
    Later {
        /// Where it is.
        place: String,
        /// From 1.
        line: u64,
        /// What isn't known.
        what: String,
    },
    /// The caller records what can't follow on what is there.
    #[error("the ledger '{place}' can't take what was to be written: {what}")]
    OutOfOrder {
        /// Where it is.
        place: String,
        /// What is missing before it.
        what: String,
    },
    /// No ledger can lie at the address.
    #[error("a ledger's address can't be '{given}': {why}")]
    Address {
        /// What was given, without what may be a secret.
        given: String,
        /// What is wrong with it.
        why: String,
    },
    /// What says who asks doesn't go with the place. Nothing of a signature is shown.
    #[error("the ledger '{place}' can't be asked: {why}")]
    Access {
        /// Where it is.
        place: String,
        /// What is wrong.
        why: &'static str,
    },
    /// A request got no whole answer.
    #[error(transparent)]
    Send(#[from] SendError),
    /// No token for the account.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// The service refused, in its words.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// The lease on a tenant runs out: nothing is begun that could last longer.
    #[error("tenant {tenant} is held for {left} s more only, less than a request may take: {why}")]
    Ending {
        /// The tenant's id.
        tenant: Uuid,
        /// Seconds.
        left: u64,
        /// Why it was not renewed.
        why: String,
    },
    /// The lease on a tenant is gone: another worker may be at work in it.
    #[error("the lease on tenant {tenant} is lost: {why}")]
    Lost {
        /// The tenant's id.
        tenant: Uuid,
        /// Why.
        why: String,
    },
}

impl LedgerError {
    /// Whether it is about lines that are there, and not about how to come to them.
    pub fn is_of_lines(&self) -> bool {
        matches!(self, Self::NotALedger { .. } | Self::Damaged { .. } | Self::Later { .. })
    }

    /// Whether the ledger can't be had by this caller, or takes no line: it is the same for every tenant, and doesn't pass by itself.
    pub fn is_of_all_tenants(&self) -> bool {
        match self {
            Self::Access { .. } | Self::NotWritable { .. } => true,
            Self::Refused(refusal) => matches!(refusal.kind(), Kind::NoContainer | Kind::Denied),
            _ => false,
        }
    }
}
