//! The engine for one run: QuickJS without modules, input, output and timers, with limits on memory, stack and time.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use rquickjs::context::{EvalOptions, intrinsic};
use rquickjs::{CatchResultExt, CaughtError, Coerced, Context, Ctx, Error, Object, Runtime, Value};

use crate::error::{Place, ScriptError};
use crate::script::{Limits, Stop};

/// What the engine calls the script in a stack.
const FILE: &str = "script";

/// What a script has beside the language's base. No typed arrays, weak references and clock of performance; promises because `async`
/// is syntax and fails the engine without them.
type Library = (
    intrinsic::Date,
    intrinsic::Eval,
    intrinsic::RegExpCompiler,
    intrinsic::RegExp,
    intrinsic::Json,
    intrinsic::Proxy,
    intrinsic::MapSet,
    intrinsic::Promise,
);

/// What ended a run from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Time,
    Cancel,
}

/// An engine of one run. Its time runs from when it is made.
pub(crate) struct Engine {
    context: Context,
    limits: Limits,
    ended: Rc<Cell<Option<Ended>>>,
}

impl Engine {
    pub(crate) fn new(limits: Limits, stop: &Stop) -> Result<Self, ScriptError> {
        let made = Runtime::new().and_then(|runtime| Context::custom::<Library>(&runtime));
        let context = made.map_err(|error| ScriptError::Engine(error.to_string()))?;
        let ended = Rc::new(Cell::new(None));
        let runtime = context.runtime();
        runtime.set_max_stack_size(limits.stack);
        runtime.set_memory_limit(limits.memory);
        runtime.set_interrupt_handler(Some(Box::new(watch(limits.time, stop.clone(), ended.clone()))));
        Ok(Self { context, limits, ended })
    }

    /// Runs `text` between what makes ready for it and what takes its outcome. All three are under the limits.
    pub(crate) fn run<T>(
        &self,
        text: &str,
        strict: bool,
        ready: impl for<'js> FnOnce(&Ctx<'js>) -> rquickjs::Result<Object<'js>>,
        take: impl for<'js> FnOnce(&Ctx<'js>, &Object<'js>) -> rquickjs::Result<T>,
    ) -> Result<T, ScriptError> {
        self.context.with(|ctx| {
            let outcome = ready(&ctx).and_then(|object| {
                let ran = eval(&ctx, text, strict);
                if self.ended.get().is_none() {
                    // What `async` functions left to be done; an error in that is nobody's, as in any engine.
                    while self.ended.get().is_none() && ctx.execute_pending_job() {}
                }
                ran.and_then(|()| take(&ctx, &object))
            });
            let outcome = outcome.catch(&ctx).map_err(|error| self.told(&error));
            self.ended_error().map_or(outcome, Err)
        })
    }

    fn ended_error(&self) -> Option<ScriptError> {
        self.ended.get().map(|ended| match ended {
            Ended::Time => ScriptError::TooLong(self.limits.time),
            Ended::Cancel => ScriptError::Cancelled,
        })
    }

    fn told(&self, error: &CaughtError<'_>) -> ScriptError {
        match error {
            CaughtError::Exception(exception) => {
                let message = exception.message().unwrap_or_default();
                if message == "out of memory" {
                    return ScriptError::TooMuchMemory(self.limits.memory);
                }
                let name =
                    exception.as_object().get::<_, Coerced<String>>("name").map(|name| name.0).unwrap_or_default();
                let place = exception.stack().as_deref().and_then(place_in);
                ScriptError::Thrown { place, message: format!("{name}: {message}") }
            }
            // The engine throws null where its memory doesn't hold an error.
            CaughtError::Value(value) if value.is_null() => {
                ScriptError::Thrown { place: None, message: "null was thrown, or the memory was used up".into() }
            }
            CaughtError::Value(value) => {
                let text = value.get::<Coerced<String>>().map(|text| text.0);
                let message = text.unwrap_or_else(|_error| value.type_name().to_owned());
                ScriptError::Thrown { place: None, message }
            }
            CaughtError::Error(Error::Allocation) => ScriptError::TooMuchMemory(self.limits.memory),
            CaughtError::Error(error) => ScriptError::Engine(error.to_string()),
        }
    }
}

/// Whether to end, as the engine asks every few thousand instructions. The time is this machine's monotonic one: it limits what the
/// script takes here, and no service's clock has a say in that.
fn watch(time: Duration, stop: Stop, ended: Rc<Cell<Option<Ended>>>) -> impl FnMut() -> bool {
    let begun = Instant::now();
    move || {
        if stop.is_asked_for() {
            ended.set(Some(Ended::Cancel));
        } else if begun.elapsed() >= time {
            ended.set(Some(Ended::Time));
        }
        ended.get().is_some()
    }
}

fn eval(ctx: &Ctx<'_>, text: &str, strict: bool) -> rquickjs::Result<()> {
    let mut options = EvalOptions::default();
    options.strict = strict;
    FILE.clone_into(options.filename.get_or_insert_default());
    ctx.eval_with_options::<Value<'_>, _>(text, options).map(drop)
}

/// The innermost place in the script that a stack names: `    at name (script:3:5)`.
fn place_in(stack: &str) -> Option<Place> {
    stack.lines().find_map(|line| {
        let (_, place) = line.rsplit_once(&format!("{FILE}:"))?;
        let (line, column) = place.trim_end_matches(')').split_once(':')?;
        Some(Place { line: line.parse().ok()?, column: column.parse().ok()? })
    })
}
