//! Many tenants at one address, as a partner's customers are.

use std::error::Error;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};
use tenant_twin::{Contract, Options, Twin};

/// Tenants of one address, each with an administrator client and a vault of its own.
pub struct Street {
    /// The tenants; the last one is the founder.
    pub tenants: Vec<Twin>,
}

impl Street {
    /// So many tenants.
    pub fn of(count: u64) -> Result<Self, Box<dyn Error>> {
        Self::with(count, &Options::default())
    }

    /// The same, with these options beside their names. Their seeds begin with that of the options.
    pub fn with(count: u64, options: &Options) -> Result<Self, Box<dyn Error>> {
        let first = options.seed;
        let options = |seed| Options {
            seed,
            tenant_name: format!("Customer {seed} Pty Ltd"),
            latency: Duration::ZERO,
            contract: Contract::Off,
            ..options.clone()
        };
        let founder = Twin::start(&options(first))?;
        let others = (first + 1..first + count).map(|seed| founder.neighbour(&options(seed)));
        let others = others.collect::<Result<Vec<_>, _>>()?;
        Ok(Self { tenants: others.into_iter().chain([founder]).collect() })
    }

    /// Where their vaults are, as a pattern.
    pub fn vaults(&self) -> String {
        match &self.tenants[..] {
            [alone] => alone.vault(),
            all => format!("{}/vault/of/{{TenantId}}", all[0].origin()),
        }
    }

    /// A request of the op `fleet` over all of them and its block of secrets; `more` are further fields.
    pub fn fleet(&self, action: &str, more: &Value) -> Result<(Value, String), Box<dyn Error>> {
        let mut secrets = String::new();
        let mut tenants = Vec::new();
        for twin in &self.tenants {
            let client = twin.client("admin").ok_or("no admin")?;
            let secret = json!({"at": secrets.len(), "len": client.client_secret.len()});
            write!(secrets, "{}", client.client_secret)?;
            tenants.push(json!({"tenantId": twin.tenant_id(), "clientId": client.client_id, "clientSecret": secret,
                "environment": "Custom", "loginEndpoint": twin.login(), "graphEndpoint": twin.graph()}));
        }
        let mut request = json!({"op": "fleet", "action": action, "tenants": tenants, "retryBudgetSeconds": 30});
        for (name, value) in more.as_object().into_iter().flatten() {
            request[name] = value.clone();
        }
        Ok((request, secrets))
    }
}
