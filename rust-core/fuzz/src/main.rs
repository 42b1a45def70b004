//! One target under libFuzzer: the one that the environment variable `PPFEDERATION_FUZZ` names.

#![no_main]

use std::sync::LazyLock;

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("PPFEDERATION_FUZZ").unwrap_or_default();
    fuzz::target(&name).unwrap_or_else(|| std::process::exit(unknown(&name)))
});

#[expect(clippy::print_stderr, reason = "a program says why it stops")]
fn unknown(name: &str) -> i32 {
    let known: Vec<&str> = fuzz::TARGETS.iter().map(|(name, _)| *name).collect();
    eprintln!("PPFEDERATION_FUZZ names no target: '{name}'. Targets: {}", known.join(", "));
    2
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| (*TARGET)(data));
