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
    let (sender, objects) = std::sync::mpsc::channel();
    let send = move |event: Event| {
        if let (true, Payload::Plain(bytes)) = (event.kind == kind, event.payload) {
            // The receiver outlives the op.
            let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
        }
        Ok(())
    };
    let command = parse(request.to_string().as_bytes(), &SecretBlock::copy_of(b""))?;
    let ended = command.run(&Output::new(Box::new(send), Cancel::never()));
    Ok((objects.try_iter().collect(), ended))
}
