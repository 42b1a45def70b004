//! What every layer stands on and that knows none of them: what must never be shown ([`secret`], [`locked_memory`]), the
//! library's allocator, the panic boundary ([`guard`]), the system's certificate store, [`cancel`], time ([`clock`]) and the
//! waiting that it allows ([`retry`]), who allows writes ([`gate`]), what outlasts a power cut ([`durable`]), and the numbers by which the outside
//! names what is inside ([`handle`]).
//!
//! **Invariant:** unsafe code is here and in the C ABI only.

pub mod call;
pub mod cancel;
pub mod certificate_store;
pub mod clock;
pub mod durable;
pub mod gate;
#[expect(unsafe_code, reason = "a function of C takes the place of glibc's")]
mod glibc;
pub mod guard;
pub mod handle;
#[expect(unsafe_code, reason = "secrets lie in pages of their own")]
pub mod locked_memory;
pub mod retry;
pub mod secret;
mod wiping_allocator;
