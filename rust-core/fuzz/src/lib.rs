//! What bytes from outside may do to the core: nothing but what it is asked for. Each target is a function of bytes that
//! fails by panicking; libFuzzer calls it (`src/main.rs`), and so does a bounded run in the tests (`tests/bounded.rs`).

mod answers;
mod attribute_backup;
mod clixml;
mod kept_plan;
mod portal_users;
mod request;
mod script;
mod tenant;

/// A target: its name, which is that of its folder in `corpus`, and what it does with an input.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 10] = [
    ("request", request::request),
    ("graph_answer", tenant::graph_answer),
    ("graph_error", answers::graph_error),
    ("batch_answer", answers::batch_answer),
    ("token_answer", answers::token_answer),
    ("clixml", clixml::clixml),
    ("kept_plan", kept_plan::kept_plan),
    ("portal_users", portal_users::portal_users),
    ("script", script::script),
    ("attribute_backup", attribute_backup::attribute_backup),
];

/// The target of that name.
pub fn target(name: &str) -> Option<fn(&[u8])> {
    TARGETS.iter().find(|(known, _)| *known == name).map(|(_, target)| *target)
}
