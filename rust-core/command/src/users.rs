//! `users`: who is in the tenant. Rows leave as they come, so that a tenant of any size takes the memory of two pages.

use serde::Deserialize;

use crate::Op;
use crate::operation::Operation;
use crate::output::Output;
use pp_report::clixml::Object;
use pp_report::error::OpError;
use pp_run::users::{User, users};

/// How many rows leave at once.
const ROWS: usize = 500;

/// `users`: every user, with what Practice Protect overwrites.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Users {
    connection: u64,
}

impl Op for Users {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let tenant = operation.tenant();
        let mut rows = Vec::with_capacity(ROWS);
        operation.run(output, |graph, _| {
            users(&graph, |user| -> Result<(), OpError> {
                rows.push(row(&tenant, user));
                if rows.len() == ROWS {
                    output.objects(&rows)?;
                    rows.clear();
                }
                Ok(())
            })
        })?;
        Ok(output.objects(&rows)?)
    }
}

fn row(tenant: &str, user: User) -> Object {
    Object::new("PPFederation.User")
        .with("TenantId", tenant)
        .with("Id", user.id)
        .with("UserPrincipalName", user.user_principal_name)
        .with("DisplayName", user.display_name)
        .with("Mail", user.mail)
        .with("UsageLocation", user.usage_location)
        .with("ImmutableId", user.on_premises_immutable_id)
}
