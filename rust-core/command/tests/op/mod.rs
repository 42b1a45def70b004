//! Runs one op, as a job would.

use std::error::Error;

use pp_base::cancel::Cancel;
use pp_command::event::{Event, Kind, Payload};
use pp_command::output::Output;
use pp_command::{SecretBlock, parse};
use pp_report::error::OpError;
use serde_json::Value;

/// The objects that came, as CLIXML, and how it ended.
pub(crate) fn run(request: &Value) -> Result<(String, Result<(), OpError>), Box<dyn Error>> {
    told(request, Kind::Objects)
}

/// What came of one kind, and how it ended.
pub(crate) fn told(request: &Value, kind: Kind) -> Result<(String, Result<(), OpError>), Box<dyn Error>> {
    let (events, ended) = events(request)?;
    Ok((of(&events, kind), ended))
}

/// What came of one kind.
pub(crate) fn of(events: &[(Kind, String)], kind: Kind) -> String {
    events.iter().filter(|(came, _)| *came == kind).map(|(_, text)| text.as_str()).collect()
}

/// A text of each event that came but those that hold a secret, and how it ended.
pub(crate) type Events = (Vec<(Kind, String)>, Result<(), OpError>);

/// All that came.
pub(crate) fn events(request: &Value) -> Result<Events, Box<dyn Error>> {
    let (sender, objects) = std::sync::mpsc::channel();
    let send = move |event: Event| {
        if let Payload::Plain(bytes) = event.payload {
            // The receiver outlives the op.
            let _ = sender.send((event.kind, String::from_utf8_lossy(&bytes).into_owned()));
        }
        Ok(())
    };
    let command = parse(request.to_string().as_bytes(), &SecretBlock::copy_of(b""))?;
    let ended = command.run(&Output::new(Box::new(send), Cancel::never()));
    Ok((objects.try_iter().collect(), ended))
}
