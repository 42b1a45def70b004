//! The program.

use std::env::consts::EXE_SUFFIX;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::client::{Answer, http};

fn program() -> Command {
    // A compiler behind a shell script isn't told: the shell drops variables with a hyphen. The program lies beside `deps`.
    let told = option_env!("CARGO_BIN_EXE_tenant-twin").map(PathBuf::from);
    Command::new(told.unwrap_or_else(|| {
        let test = std::env::current_exe().expect("the test has a path");
        test.ancestors().nth(2).expect("a folder").join(format!("tenant-twin{EXE_SUFFIX}"))
    }))
}

#[test]
fn it_prints_one_line_and_serves_until_its_input_ends() {
    let arguments = ["--users", "2", "--seed", "5", "--application", "By hand", "--until-stdin-closes"];
    let mut child =
        program().args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program starts");
    let mut output = BufReader::new(child.stdout.take().expect("its output"));
    let mut line = String::new();
    output.read_line(&mut line).expect("a line");
    let announced: Value = serde_json::from_str(&line).expect("JSON");
    let kinds: Vec<&str> =
        announced["clients"].as_array().expect("clients").iter().filter_map(|c| c["kind"].as_str()).collect();
    assert_eq!(kinds, ["admin", "reader", "noRole"]);
    for field in ["login", "graph", "tenantId"] {
        assert!(announced[field].is_string(), "{field}");
    }
    let state = format!("{}/state", announced["control"].as_str().expect("a control endpoint"));
    let state = Answer::read(http().get(state).send().expect("an answer"));
    assert_eq!(state.body["syncedUsers"], serde_json::json!(2));
    assert!(state.body["applications"].to_string().contains("By hand"));
    drop(child.stdin.take());
    assert!(child.wait().expect("it ends").success());
    let mut rest = String::new();
    output.read_line(&mut rest).expect("the end");
    assert_eq!(rest, "");
}

#[test]
fn faults_and_checks_can_be_asked_for() {
    let fault = r#"{"fault":"failed","status":502,"path":"/organization"}"#;
    let arguments = ["--fault", fault, "--latency-ms", "0", "--until-stdin-closes"];
    let mut child =
        program().args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
    let announced: Value = serde_json::from_str(&line).expect("JSON");
    let url = format!("{}/v1.0/organization", announced["graph"].as_str().expect("an address"));
    assert_eq!(Answer::read(http().get(&url).send().expect("an answer")).status, 502);
    assert_eq!(Answer::read(http().get(&url).send().expect("an answer")).status, 401);
    drop(child.stdin.take());
    assert!(child.wait().expect("it ends").success());
    let refused = program().args(["--fault", r#"{"fault":"x"}"#]).output().expect("it runs");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("unknown fault 'x'"));
    let refused = program().args(["--reference", "/nonexistent"]).output().expect("it runs");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("graph-contract.json"));
}

#[test]
fn its_help_explains_every_option() {
    let output = program().arg("--help").output().expect("the program runs");
    let help = String::from_utf8(output.stdout).expect("text");
    for option in
        ["--port", "--users", "--seed", "--max-lag-seconds", "--no-upsert", "--policy-max-secret-days", "--fault"]
    {
        assert!(help.contains(option), "{option}");
    }
}

#[test]
fn bad_arguments_are_explained() {
    let output = program().args(["--users", "many"]).output().expect("the program runs");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("'many' for '--users"));
}
