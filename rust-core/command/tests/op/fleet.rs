//! Runs the op `fleet` with its secrets, and reads its rows.

use std::error::Error;

use pp_base::cancel::Cancel;
use pp_command::event::{Event, Kind, Payload};
use pp_command::output::Output;
use pp_command::{SecretBlock, parse};
use pp_report::error::OpError;
use serde_json::Value;

/// What a fleet has said.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// Its documents of objects, each a row.
    pub(crate) objects: Vec<String>,
    /// Its errors.
    pub(crate) errors: Vec<String>,
    /// All that went to the other streams.
    pub(crate) texts: Vec<String>,
}

impl Said {
    /// The rows of tenants.
    pub(crate) fn rows(&self) -> Vec<&String> {
        self.objects.iter().filter(|text| text.contains("<T>PPFederation.FleetResult</T>")).collect()
    }

    /// The row of a tenant.
    pub(crate) fn row(&self, tenant: &str) -> Result<&str, String> {
        let of_tenant = format!(r#"<S N="TenantId">{tenant}</S>"#);
        let mut rows = self.rows().into_iter().filter(|text| text.contains(&of_tenant));
        let row = rows.next().ok_or_else(|| format!("no row of {tenant}: {self:?}"))?;
        if rows.next().is_some() { Err(format!("two rows of {tenant}")) } else { Ok(row) }
    }

    /// What became of each tenant.
    pub(crate) fn count(&self, result: &str) -> usize {
        let wanted = format!(r#"<S N="Result">{result}</S>"#);
        self.rows()
            .into_iter()
            .filter(|text| text.split(r#"N="Rows""#).next().is_some_and(|own| own.contains(&wanted)))
            .count()
    }
}

/// What it has said, and how it ended.
pub(crate) type Ran = (Said, Result<(), OpError>);

/// Runs it to its end.
pub(crate) fn run(request: &(Value, String)) -> Result<Ran, Box<dyn Error>> {
    run_until(request, Cancel::never(), |_text| ())
}

/// The same, unless its caller cancels before, who hears each text as it comes.
pub(crate) fn run_until(
    (request, secrets): &(Value, String),
    cancel: Cancel,
    hear: impl Fn(&str) + Send + Sync + 'static,
) -> Result<Ran, Box<dyn Error>> {
    let (sender, events) = std::sync::mpsc::channel();
    let send = move |event: Event| {
        if let Payload::Plain(bytes) = event.payload {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            hear(&text);
            // The receiver outlives the op.
            let _ = sender.send((event.kind, text));
        }
        Ok(())
    };
    let command = parse(request.to_string().as_bytes(), &SecretBlock::copy_of(secrets.as_bytes()))?;
    let ended = command.run(&Output::new(Box::new(send), cancel));
    let mut said = Said::default();
    for (kind, text) in events.try_iter() {
        match kind {
            Kind::Objects => said.objects.push(text),
            Kind::Error => said.errors.push(text),
            _ => said.texts.push(text),
        }
    }
    Ok((said, ended))
}
