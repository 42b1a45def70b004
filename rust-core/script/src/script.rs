//! A script that can be run for one user after the other.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use rquickjs::{Ctx, Exception, Function, Object};

use crate::engine::Engine;
use crate::error::{Place, ScriptError};
use crate::host::Host;
use crate::tokens;
use crate::{Assumed, Kind, Written};

/// The longest script that is taken, in bytes: the engine reads a script before it looks at its time.
const LONGEST: usize = 1024 * 1024;

/// What a run may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long it may take for one user.
    pub time: Duration,
    /// Bytes of memory, the engine's own 300 KiB among them.
    pub memory: usize,
    /// Bytes of stack. The thread's own must be larger.
    pub stack: usize,
}

impl Default for Limits {
    /// Five seconds, 32 MiB and a stack of 256 KiB.
    fn default() -> Self {
        Self { time: Duration::from_secs(5), memory: 32 * 1024 * 1024, stack: 256 * 1024 }
    }
}

/// Whether whoever asked for a run wants it no more.
#[derive(Clone)]
pub(crate) struct Stop(Arc<dyn Fn() -> bool + Send + Sync>);

impl Stop {
    pub(crate) fn is_asked_for(&self) -> bool {
        (self.0)()
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stop")
    }
}

/// A script that is JavaScript.
#[derive(Debug, Clone)]
pub struct Script {
    text: String,
    limits: Limits,
    stop: Stop,
}

/// What came of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What the script wrote, until it failed where it did.
    pub written: Written,
    /// Why it failed.
    pub error: Option<ScriptError>,
}

impl Script {
    /// Takes a script, unless it isn't JavaScript. `cancelled` is asked again and again while it runs.
    pub fn compile(
        text: &str,
        limits: Limits,
        cancelled: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Result<Self, ScriptError> {
        Self::checked(text, limits, Stop(Arc::new(cancelled)))
    }

    /// Another text under the same limits.
    pub(crate) fn with_text(&self, text: &str) -> Result<Self, ScriptError> {
        Self::checked(text, self.limits, self.stop.clone())
    }

    fn checked(text: &str, limits: Limits, stop: Stop) -> Result<Self, ScriptError> {
        let script = Self { text: text.to_owned(), limits, stop };
        if text.len() > LONGEST {
            let message = format!("it is longer than {LONGEST} bytes");
            return Err(ScriptError::Syntax { place: None, message });
        }
        script.check_syntax()?;
        Ok(script)
    }

    /// The script.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a name stands in it, as a name or within a text: in a comment alone it doesn't.
    pub fn mentions(&self, name: &str) -> bool {
        tokens::tokens(&self.text).map_or(true, |tokens| tokens.iter().any(|token| token.text.contains(name)))
    }

    /// What it would write for a user of these attributes.
    pub fn write_for(&self, attributes: &BTreeMap<String, String>, kind: Kind) -> Result<Written, ScriptError> {
        let run = self.run(attributes, kind);
        run.error.map_or(Ok(run.written), Err)
    }

    /// The same, with what it did until an error.
    pub fn run(&self, attributes: &BTreeMap<String, String>, kind: Kind) -> Run {
        self.run_assuming(attributes, &Assumed::new(), kind)
    }

    /// The same, where some of the attributes have their names by assumption alone.
    pub fn run_assuming(&self, attributes: &BTreeMap<String, String>, assumed: &Assumed, kind: Kind) -> Run {
        let host = Host::new(attributes, assumed, kind);
        let ran = Engine::new(self.limits, &self.stop).and_then(|engine| {
            engine.run(&self.text, false, |ctx| host.install(ctx), |ctx, destination| host.take(ctx, destination))
        });
        Run { written: host.written(), error: ran.err() }
    }

    /// Has the engine read the script and not run it: a first statement throws before the script's own.
    fn check_syntax(&self) -> Result<(), ScriptError> {
        if let Some(at) = self.text.find('\0') {
            let place = Some(tokens::place(&self.text, at));
            return Err(ScriptError::Syntax { place, message: "a NUL character".into() });
        }
        let begun = Rc::new(Cell::new(false));
        let first = format!("{FIRST}();{}", self.text);
        let strict = tokens::is_strict(&self.text);
        let read =
            Engine::new(self.limits, &self.stop)?.run(&first, strict, |ctx| refuse(ctx, &begun), |_ctx, _none| Ok(()));
        match read {
            Err(ScriptError::Thrown { place, message }) if !begun.get() => {
                Err(ScriptError::Syntax { place: place.map(without_first), message })
            }
            Err(error) if !begun.get() => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// A name that no script has.
const FIRST: &str = "ppfederation$first";

/// Makes the first statement throw, and note that it was reached.
fn refuse<'js>(ctx: &Ctx<'js>, begun: &Rc<Cell<bool>>) -> rquickjs::Result<Object<'js>> {
    let begun = begun.clone();
    let function = Function::new(ctx.clone(), move |ctx: Ctx<'_>| -> rquickjs::Result<()> {
        begun.set(true);
        Err(Exception::throw_message(&ctx, "read"))
    })?;
    ctx.globals().set(FIRST, function)?;
    Ok(ctx.globals())
}

/// The place in the script itself.
fn without_first(place: Place) -> Place {
    let first = u32::try_from(FIRST.len() + "();".len()).unwrap_or_default();
    match place.line {
        1 => Place { column: place.column.saturating_sub(first).max(1), ..place },
        _ => place,
    }
}
