//! Tenants of one address, for as long as a fleet is at work. One of them can't be signed in to.

use tenant_twin::{Options, Twin};

use super::House;
use pp_base::secret::SecretText;
use pp_report::catalogue as c;
use pp_report::error::OpError;

/// What the customers of a firm may be called.
const NAMES: [&str; 12] = [
    "Adatum Bakery",
    "Bellows College",
    "Coho Vineyard",
    "Datum Dental",
    "Fabrikam Joinery",
    "Fourth Coffee",
    "Graphic Design Inst.",
    "Humongous Insurance",
    "Litware Legal",
    "Margie's Travel",
    "Northwind Traders",
    "Proseware Surveys",
];
/// The place of the one that can't be signed in to.
const BROKEN: u64 = 7;

/// The tenants.
pub(crate) struct Street(Vec<Twin>);

impl Street {
    /// So many of them.
    pub(crate) fn start(count: u64) -> Result<Self, OpError> {
        let options = |place: u64| Options {
            seed: place + 1,
            tenant_name: name(place),
            dir_sync: place % 3 != 1,
            ..Options::default()
        };
        let failed = |why| c::DEMO_FAILED.report(format!("no demo tenants: {why}"));
        let founder = Twin::start(&options(0)).map_err(failed)?;
        let others = (1..count).map(|place| founder.neighbour(&options(place))).collect::<Result<Vec<_>, _>>();
        Ok(Self(std::iter::once(founder).chain(others.map_err(failed)?).collect()))
    }

    /// Each with its administrator client.
    pub(crate) fn houses(&self) -> Result<Vec<House>, OpError> {
        (0..).zip(&self.0).map(|(place, twin)| house(place, twin)).collect()
    }

    /// Where their vaults are, as a pattern.
    pub(crate) fn vaults(&self) -> String {
        match &self.0[..] {
            [alone] => alone.vault(),
            all => format!("{}/vault/of/{{TenantId}}", all.first().map(Twin::origin).unwrap_or_default()),
        }
    }
}

fn name(place: u64) -> String {
    let known = usize::try_from(place).ok().and_then(|place| NAMES.get(place));
    known.map_or_else(|| format!("Customer {} (demo)", place + 1), |name| format!("{name} (demo)"))
}

fn house(place: u64, twin: &Twin) -> Result<House, OpError> {
    let client = twin.client("admin").ok_or_else(|| c::DEMO_FAILED.report("the demo tenant has no admin"))?;
    let secret = if place == BROKEN { "a secret of another application" } else { &client.client_secret };
    Ok(House {
        tenant: twin.tenant_id().to_owned(),
        name: name(place),
        login: twin.login(),
        graph: twin.graph(),
        client_id: client.client_id.clone(),
        client_secret: SecretText::from_text(secret),
    })
}
