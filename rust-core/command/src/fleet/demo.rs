//! Demonstration tenants as customers of the fleet.

use std::sync::Arc;

use super::customers::{Customer, Own, SignIn};
use crate::connect::guid;
use crate::demo::{self, House};
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_sign_in::Credential;
use pp_sign_in::environment::Environment;

/// The tenants, in this process for as long as the fleet is at work.
pub(super) struct Street(demo::Street);

impl Street {
    /// So many of them.
    pub(super) fn start(count: u64) -> Result<Self, OpError> {
        demo::Street::start(count).map(Self)
    }

    /// How they are connected to.
    pub(super) fn customers(&self) -> Result<Vec<Customer>, OpError> {
        self.0.houses()?.into_iter().map(customer).collect()
    }

    /// Where their vaults are, as a pattern.
    pub(super) fn vaults(&self) -> String {
        self.0.vaults()
    }
}

fn customer(house: House) -> Result<Customer, OpError> {
    let House { tenant, name, login, graph, client_id, client_secret: secret } = house;
    let client_id = guid(&client_id)
        .ok_or_else(|| c::DEMO_FAILED.report(format!("the demo tenant's client has no id: {client_id}")))?;
    Ok(Customer {
        tenant,
        name: Some(name),
        environment: Environment::Custom,
        endpoints: Environment::Custom.endpoints(Some(&login), Some(&graph))?,
        sign_in: SignIn::By(Arc::new(Credential::ClientSecret { client_id, secret })),
        own: Own::default(),
    })
}
