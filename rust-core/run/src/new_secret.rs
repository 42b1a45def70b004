//! The one answer that holds a secret.

use std::sync::Arc;

use serde_json::Value;
use time::OffsetDateTime;

use crate::made::MadeSecret;
use pp_base::secret::SecretText;
use pp_graph::batch::Answer;
use pp_graph::error::GraphError;
use pp_runbook::change::{Change, ChangeKind, SecretEnd};
use pp_runbook::types::NewSecret;

/// Takes the text out of the answer to `addPassword` and wipes where it was.
pub(crate) fn new_secret(answer: &mut Answer, change: &Change, now: OffsetDateTime) -> Result<MadeSecret, GraphError> {
    let name = "POST /applications/{id}/addPassword";
    let text = match answer.body.get_mut("secretText").map(Value::take) {
        Some(Value::String(text)) if !text.is_empty() => Arc::new(SecretText::take(text)),
        _ => return Err(GraphError::EffectUnknown(format!("the answer to {name} holds no secretText"))),
    };
    let secret: NewSecret = pp_graph::entity(name, answer)?;
    let end = if let ChangeKind::AddSecret { end } = change.kind { end } else { SecretEnd::Runbook };
    Ok(MadeSecret { key_id: secret.key_id, end: secret.end_date_time.unwrap_or_else(|| end.at(now)), text })
}

/// As the start of a secret is sent and read back: it tells one secret from another.
pub(crate) fn to_microsecond(time: OffsetDateTime) -> OffsetDateTime {
    time.replace_nanosecond(time.microsecond() * 1_000).unwrap_or(time)
}
