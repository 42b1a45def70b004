//! The bounded run of every target: its corpus, and the same inputs changed in ways drawn from a seed. No input makes a target
//! panic. `PPFEDERATION_FUZZ_RUNS` sets how many changed inputs each target gets.

#![expect(clippy::expect_used, reason = "a test that can't be set up fails")]

mod mutate;

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use mutate::Mutator;

const RUNS: u32 = 1_000;
/// Where nobody waits.
const FULL_RUNS: u32 = 10_000;

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let mut files: Vec<_> = fs::read_dir(&folder).expect("a folder for each target").flatten().collect();
    files.sort_by_key(fs::DirEntry::file_name);
    let inputs: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file.path()).expect("it can be read")).collect();
    assert!(!inputs.is_empty(), "{} is empty", folder.display());
    inputs
}

/// Runs the target; what made it panic is shown.
fn run(name: &str, target: fn(&[u8]), input: &[u8]) {
    let outcome = catch_unwind(|| target(input));
    assert!(outcome.is_ok(), "{name} panics on {:?}", String::from_utf8_lossy(input));
}

fn bounded(name: &str) {
    let target = fuzz::target(name).expect("a target of that name");
    let inputs = corpus(name);
    for input in &inputs {
        run(name, target, input);
    }
    let usual = if std::env::var_os("PPFEDERATION_FULL").is_some() { FULL_RUNS } else { RUNS };
    let runs = std::env::var("PPFEDERATION_FUZZ_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(usual);
    let mut mutator = Mutator::new(name, &inputs);
    for _ in 0..runs {
        run(name, target, &mutator.next());
    }
}

#[test]
fn no_request_makes_the_abi_panic_or_tell_a_secret() {
    bounded("request");
}

#[test]
fn no_tenant_that_graph_describes_makes_planning_panic_or_believe_a_failure() {
    bounded("graph_answer");
}

#[test]
fn no_error_body_makes_the_reader_panic_or_loses_its_code() {
    bounded("graph_error");
}

#[test]
fn no_batch_answer_counts_as_done_what_is_not() {
    bounded("batch_answer");
}

#[test]
fn no_token_answer_gives_a_token_that_is_not_the_tenants() {
    bounded("token_answer");
}

#[test]
fn whatever_values_are_written_are_read_back() {
    bounded("clixml");
}

#[test]
fn no_file_is_taken_for_a_plan_that_is_none() {
    bounded("kept_plan");
}

#[test]
fn no_file_of_the_portals_users_is_read_in_two_ways() {
    bounded("portal_users");
}

#[test]
fn no_script_breaks_out_of_its_run_or_loses_a_byte_by_merging() {
    bounded("script");
}

#[test]
fn no_file_is_taken_for_a_backup_that_is_none_or_gone_on_with_to_one_that_is_none() {
    bounded("attribute_backup");
}

#[test]
fn every_target_has_a_corpus_and_every_corpus_a_target() {
    let folders = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")).expect("a folder").flatten();
    let mut folders: Vec<_> = folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    let mut targets: Vec<_> = fuzz::TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    folders.sort();
    targets.sort();
    assert_eq!(folders, targets);
}
