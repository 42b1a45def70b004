//! The organization, and with it the switch of directory synchronization.

use serde_json::{Value, json};

use super::{Context, LIST, ONE, Route, get, merge, patch};
use crate::call::Answer;
use crate::directory::shapes::text;
use crate::directory::store::Kind;
use crate::errors::GraphError;
use crate::odata::list::Shape;
use crate::schema::{self, Object};

pub(super) const ROUTES: &[Route] =
    &[get("/organization", LIST, list), get("/organization/{id}", ONE, read), patch("/organization/{id}", update)];

const SHAPE: Shape<'_> = Shape { entity: "organization", context: "organization", filterable: &[], default: &[] };

/// What PATCH may set besides the switch (Graph's page on updating an organization).
const WRITABLE: [&str; 5] = [
    "marketingNotificationEmails",
    "privacyProfile",
    "securityComplianceNotificationMails",
    "securityComplianceNotificationPhones",
    "technicalNotificationMails",
];

fn list(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.many(Kind::Organization, &SHAPE, |_| true)
}

fn read(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.one(context.find(Kind::Organization, &context.key())?, &SHAPE)
}

fn update(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let mut organization = context.target(Kind::Organization)?;
    schema::check("organization", &context.body)?;
    let others = context
        .body
        .keys()
        .find(|name| !name.contains('@') && *name != "onPremisesSyncEnabled" && !WRITABLE.contains(&name.as_str()));
    if let Some(name) = others {
        return Err(GraphError::read_only(name));
    }
    if let Some(wanted) = context.body.get("onPremisesSyncEnabled").cloned() {
        switch(context, &mut organization, &wanted)?;
    }
    let id = text(&organization, "id").to_owned();
    merge(&mut organization, &context.body, "organization");
    context.world.directory.store.put(Kind::Organization, &id, organization, context.now);
    Ok(Answer::empty(204))
}

/// Sync off shows at once in the organization; the objects follow over time, and until then nothing can be changed.
fn switch(context: &mut Context<'_>, organization: &mut Object, wanted: &Value) -> Result<(), GraphError> {
    let Some(wanted) = wanted.as_bool() else {
        return Err(GraphError::invalid_value("onPremisesSyncEnabled", "Organization"));
    };
    if context.world.directory.sync_pending(context.now) {
        return Err(GraphError::refused(pending_words(wanted)));
    }
    let on = organization.get("onPremisesSyncEnabled") == Some(&json!(true));
    if on && !wanted {
        context.world.directory.switch_sync_off(context.now);
    }
    Ok(())
}

/// Assumption: Graph's own text is not on record; these are the words of Entra Connect and of the old `MSOnline` module.
fn pending_words(wanted: bool) -> &'static str {
    if wanted {
        "Directory Sync is currently in a pending disable state for this directory. Please wait until this process has completed."
    } else {
        "You cannot turn off Active Directory synchronization."
    }
}
