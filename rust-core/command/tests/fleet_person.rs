//! A fleet whose tenants a person of the partner is let into by delegated administration (GDAP): the person's one sign-in gives tokens of
//! each customer's own endpoint, in the roles that the relationship has.

#[path = "op/fleet.rs"]
mod op;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use pp_run::connection;
use pp_testing::person::{BROWSER, credential, sign_in, token};
use pp_testing::{TestResult, connect_by};
use serde_json::{Value, json};
use tenant_twin::{Contract, Options, SignInSettings, Twin};

const PRIVILEGED_ROLE_ADMINISTRATOR: &str = "e8611ab8-c189-46e8-94e1-60213ab1f814";
const APPLICATION_ADMINISTRATOR: &str = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3";
const GLOBAL_READER: &str = "f2ef992c-3afb-46b9-b7cf-a126ee74c451";

/// A partner whose person has signed in, and customers at the same address.
struct Partner {
    twin: Arc<Twin>,
    customers: Vec<Twin>,
    home: u64,
}

impl Partner {
    /// A customer for each list of roles; without one there is no relationship.
    fn of(roles: &[Option<&[&str]>], settings: SignInSettings) -> Result<Self, Box<dyn Error>> {
        let options = |seed| Options { seed, latency: Duration::ZERO, contract: Contract::Off, ..Options::default() };
        let twin = Arc::new(Twin::start(&options(1))?);
        let customers =
            (2..).zip(roles).map(|(seed, _)| twin.neighbour(&options(seed))).collect::<Result<Vec<_>, _>>()?;
        for (customer, roles) in customers.iter().zip(roles) {
            if let Some(roles) = roles {
                twin.administers(customer, roles);
            }
            customer.set_sign_in(settings.clone());
        }
        twin.set_sign_in(settings);
        let connection = connect_by(&twin, credential(BROWSER))?;
        sign_in(&connection).result?;
        Ok(Self { twin, customers, home: connection::open(connection)? })
    }

    fn run(&self, action: &str, options: &Value) -> Result<op::Said, Box<dyn Error>> {
        let tenants: Vec<Value> =
            self.customers.iter().map(|customer| json!({"tenantId": customer.tenant_id()})).collect();
        let request = json!({"op": "fleet", "action": action, "home": self.home, "tenants": tenants, "options": options,
            "retryBudgetSeconds": 4});
        let (said, ended) = op::run(&(request, String::new()))?;
        ended?;
        Ok(said)
    }
}

fn tokens(twin: &Twin) -> usize {
    twin.requests().iter().filter(|request| request.token).count()
}

#[test]
fn a_persons_sign_in_reaches_each_customer_that_lets_the_partner_in_and_no_other() -> TestResult {
    let both: &[&str] = &[GLOBAL_READER, APPLICATION_ADMINISTRATOR];
    let partner = Partner::of(&[Some(&[GLOBAL_READER]), None, Some(both)], SignInSettings::default())?;
    partner.twin.clear_requests();
    let said = partner.run("Status", &json!({}))?;
    assert_eq!((said.count("Done"), said.count("Failed")), (2, 1), "{said:?}");
    let alone = said.row(partner.customers[1].tenant_id())?;
    assert!(alone.contains("PPFederation.UserNotInTenant") && alone.contains("AADSTS50020"), "{alone}");
    assert!(alone.contains("(GDAP) relationship"), "{alone}");
    assert!(partner.twin.requests().is_empty(), "each token is of the customer's own endpoint");
    assert!(partner.customers.iter().all(|customer| tokens(customer) == 1));
    let connection = connection::find(partner.home)?;
    partner.twin.advance(Duration::from_hours(2));
    token(&connection)?;
    let name = connection.tokens.account().map(|account| account.name);
    assert_eq!(name.as_deref(), Some("ada@partner.example"), "it is still the person's own sign-in at home");
    Ok(())
}

#[test]
fn many_customers_at_once_share_one_sign_in_over_and_over() -> TestResult {
    let relationships: Vec<Option<&[&str]>> = vec![Some(&[GLOBAL_READER]); 24];
    for rotates in [true, false] {
        let partner = Partner::of(&relationships, SignInSettings { rotates, ..SignInSettings::default() })?;
        let said = partner.run("DirSync", &json!({}))?;
        assert_eq!(said.count("Done"), 24, "{said:?}");
        let again = partner.run("DirSync", &json!({}))?;
        assert_eq!(again.count("Done"), 24, "{again:?}");
    }
    Ok(())
}

#[test]
fn a_customer_that_has_not_consented_to_the_client_fails_alone() -> TestResult {
    let partner = Partner::of(&[Some(&[GLOBAL_READER]), Some(&[GLOBAL_READER])], SignInSettings::default())?;
    partner.customers[0].set_sign_in(SignInSettings { consented: false, ..SignInSettings::default() });
    let said = partner.run("Status", &json!({}))?;
    assert_eq!((said.count("Done"), said.count("Failed")), (1, 1), "{said:?}");
    assert!(said.row(partner.customers[0].tenant_id())?.contains("PPFederation.ConsentMissing"), "{said:?}");
    Ok(())
}

#[test]
fn the_role_is_assigned_where_the_relationship_has_one_that_may_and_else_it_is_said_which_it_takes() -> TestResult {
    let enough: &[&str] = &[APPLICATION_ADMINISTRATOR, PRIVILEGED_ROLE_ADMINISTRATOR];
    let relationships = [Some(enough), Some(&[APPLICATION_ADMINISTRATOR] as &[&str])];
    let partner = Partner::of(&relationships, SignInSettings::default())?;
    let steps = json!({"steps": ["Application", "ServicePrincipal", "GlobalAdministrator"]});
    let said = partner.run("Runbook", &steps)?;
    assert_eq!((said.count("Done"), said.count("Failed")), (1, 1), "{said:?}");
    let refused = said.row(partner.customers[1].tenant_id())?;
    for part in
        ["PPFederation.DirectoryRoleNotActive", "Global Administrator or Privileged Role Administrator", "(GDAP)"]
    {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    let assigned = |customer: &Twin| {
        let state = customer.state();
        let role = |one: &&Value| one["roleDefinitionId"] == "62e90394-69f5-4237-9190-012177145e10";
        state["roleAssignments"].as_array().into_iter().flatten().filter(role).count()
    };
    assert_eq!(assigned(&partner.customers[0]), assigned(&partner.customers[1]) + 1);
    Ok(())
}
