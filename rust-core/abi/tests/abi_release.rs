//! A library that is packaged doesn't know the ops that only tests call.
//!
//! Tests the library that cargo has built without the feature `test-ops`, and the one that `PPFEDERATION_PACKAGED_LIBRARY`
//! names, if it does.
#![cfg(not(feature = "test-ops"))]

#[expect(dead_code, reason = "these tests need a part of it")]
mod abi_support;

use std::env;
use std::path::Path;

use abi_support::{Exports, abi};

/// Every request is right in a build that has the ops (`abi_jobs.rs`, `tests/abi`).
const TEST_OPS: [&str; 5] = [
    r#"{"op":"test.panic"}"#,
    r#"{"op":"test.wait"}"#,
    r#"{"op":"test.fill","bytes":1}"#,
    r#"{"op":"test.echo","text":"hello"}"#,
    r#"{"op":"test.values","seed":1,"bytes":1}"#,
];

fn assert_knows_no_test_op(library: &Exports) {
    for request in TEST_OPS {
        let said = library.not_understood(request, &[]);
        assert!(said.contains("unknown variant"), "{said}");
    }
}

#[test]
fn a_library_without_the_feature_knows_no_test_op() {
    assert_knows_no_test_op(abi());
}

#[test]
fn the_packaged_library_knows_no_test_op() {
    if let Some(path) = env::var_os("PPFEDERATION_PACKAGED_LIBRARY") {
        assert_knows_no_test_op(&Exports::load(Path::new(&path)));
    }
}
