//! `users`: who is in the tenant. Rows leave as they come, so that a tenant of any size takes the memory of two pages.

use serde::Deserialize;

use crate::Op;
use crate::operation::Operation;
use crate::output::Output;
use pp_report::error::OpError;
use pp_report::rows::{self, Tenant};
use pp_run::users::{User, users};
use pp_runbook::wanted::Wanted;

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
        operation.observe(output, &[], &Wanted::everything())?;
        let tenant = operation.tenant();
        let mut rows = Vec::with_capacity(ROWS);
        operation.run(output, |graph, _| {
            users(&graph, |user| -> Result<(), OpError> {
                rows.push(row(&tenant, user));
                if rows.len() == ROWS {
                    output.rows(rows.drain(..))?;
                }
                Ok(())
            })
        })?;
        Ok(output.rows(rows)?)
    }
}

fn row(tenant: &Tenant, user: User) -> rows::User {
    rows::User {
        tenant: tenant.clone(),
        id: user.id,
        user_principal_name: user.user_principal_name,
        display_name: user.display_name,
        mail: user.mail,
        usage_location: user.usage_location,
        immutable_id: user.on_premises_immutable_id,
    }
}
