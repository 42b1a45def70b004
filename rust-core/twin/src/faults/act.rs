//! A request on its way through the faults that are due on it.

use serde_json::{Value, json};
use time::Duration;

use super::{FaultKind, answers, spoil};
use crate::batch;
use crate::call::{Answer, Call, decoded};
use crate::clock;
use crate::control;
use crate::graph::Death;
use crate::schema::Object;
use crate::wire::{End, Wire};
use crate::world::{Outcome, World};

/// Where a request comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Token,
    /// What gives a proof or a token to a job or a machine.
    Source,
    Vault,
    /// A call of Graph that is no batch.
    Graph,
    Batch,
    Item,
}

impl Place {
    /// The place of an HTTP request; `None` outside the service.
    pub(crate) fn of(call: &Call) -> Option<Self> {
        if call.path.starts_with("/login/") {
            return Some(Self::Token);
        }
        if ["/oidc/", "/msi/", "/metadata/"].iter().any(|start| call.path.starts_with(start)) {
            return Some(Self::Source);
        }
        if call.path.starts_with("/vault/") {
            return Some(Self::Vault);
        }
        let path = call.path.strip_prefix("/graph")?;
        Some(if path == "/v1.0/$batch" { Self::Batch } else { Self::Graph })
    }
}

/// A request as faults are matched with it.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) place: Place,
    pub(super) method: String,
    /// Decoded, with the query, below the version of Graph.
    pub(super) path: String,
    pub(super) write: bool,
}

impl Seen {
    fn of(call: &Call, place: Place) -> Self {
        let target = call.target();
        let below = target.strip_prefix("/graph").unwrap_or(&target);
        let path = decoded(below.strip_prefix("/v1.0").unwrap_or(below));
        let write = match place {
            Place::Token | Place::Source => false,
            Place::Batch => batch::writes(call),
            Place::Graph | Place::Item | Place::Vault => is_write(call),
        };
        Self { place, method: call.method.clone(), path, write }
    }
}

fn is_write(call: &Call) -> bool {
    !matches!(call.method.as_str(), "GET" | "HEAD")
}

/// Answers a request by `run`, as far as the faults due on it let it come to that.
pub(crate) fn answer(
    world: &mut World,
    call: &Call,
    place: Place,
    run: impl Fn(&mut World, &Call) -> Outcome,
) -> Outcome {
    if world.rival {
        return run(world, call);
    }
    let due = world.faults.due(&Seen::of(call, place));
    let skew = world.directory.store.replication.skew;
    world.directory.store.replication.skew = due.iter().map(skew_of).fold(skew, Duration::saturating_add);
    let outcome = through(world, call, place, &due, run);
    world.directory.store.replication.skew = skew;
    outcome
}

fn skew_of(kind: &FaultKind) -> Duration {
    if let FaultKind::Skewed { seconds } = kind { Duration::seconds(*seconds) } else { Duration::ZERO }
}

fn through(
    world: &mut World,
    call: &Call,
    place: Place,
    due: &[FaultKind],
    run: impl Fn(&mut World, &Call) -> Outcome,
) -> Outcome {
    let mut made = None;
    for kind in due {
        made = made.or(before(world, call, kind, &run).or_else(|| answers::made(world, call, place, kind)));
    }
    let lost = due.iter().find(|kind| matches!(kind, FaultKind::RequestLost { .. }));
    if let Some(lost) = lost {
        return Outcome { wire: wire(lost), ..Outcome::default() };
    }
    let mut outcome = made.map_or_else(|| run(world, call), Outcome::from);
    for kind in due {
        spoil::spoil(world, call, &mut outcome.answer, kind);
    }
    outcome.wire = due.iter().map(wire).fold(Wire::default(), Wire::and).and(outcome.wire);
    outcome
}

/// What happens just before the request is handled; an answer where that can't be done.
fn before(
    world: &mut World,
    call: &Call,
    kind: &FaultKind,
    run: &impl Fn(&mut World, &Call) -> Outcome,
) -> Option<Answer> {
    match kind {
        FaultKind::TokenExpired => world.kill_token(call, Death::Expired),
        FaultKind::ClaimsChallenge => world.kill_token(call, Death::Challenged),
        FaultKind::SecondWriter if is_write(call) => {
            world.rival = true;
            let _of_no_interest_here = run(world, &a_moment_earlier(call));
            world.rival = false;
        }
        FaultKind::Edited(edit) => {
            let edited = edit.as_object().ok_or_else(|| "an edit must be an object".to_owned());
            let why = edited.and_then(|edit| control::edit(world, edit)).err()?;
            return Some(Answer::text(500, format!("the fault 'edited' can't be shown: {why}")));
        }
        _ => {}
    }
    None
}

/// The request of another actor: a secret it asks for starts at a time of its own.
fn a_moment_earlier(call: &Call) -> Call {
    let mut earlier = call.clone();
    if let Ok(mut body) = serde_json::from_slice::<Value>(&call.body) {
        let mut stack = vec![&mut body];
        while let Some(value) = stack.pop() {
            match value {
                Value::Object(object) => {
                    move_start(object);
                    stack.extend(object.values_mut());
                }
                Value::Array(items) => stack.extend(items.iter_mut()),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            }
        }
        earlier.body = body.to_string().into();
    }
    earlier
}

fn move_start(object: &mut Object) {
    if let Some(start) = object.get("startDateTime").and_then(Value::as_str).and_then(clock::parse) {
        object.insert("startDateTime".to_owned(), json!(clock::iso(start - Duration::seconds(1))));
    }
}

fn wire(kind: &FaultKind) -> Wire {
    let end = |end| Wire { end, ..Wire::default() };
    match kind {
        FaultKind::RequestLost { reset } | FaultKind::AnswerLost { reset } => end(End::Lost { reset: *reset }),
        FaultKind::ResetInBody => end(End::ResetInBody),
        FaultKind::Truncated { announced } => end(End::Truncated { announced: *announced }),
        FaultKind::Dripped { chunk, every } => Wire { drip: Some((*chunk, *every)), ..Wire::default() },
        FaultKind::Delayed(delay) => Wire { delay: *delay, ..Wire::default() },
        _ => Wire::default(),
    }
}
