//! A partner's customers and the delegated administration (GDAP) of them. Source: Microsoft Graph documentation, "List
//! delegatedAdminCustomers" and "List delegatedAdminRelationships": as many as 300 to a page.

use std::collections::BTreeMap;

use serde::Deserialize;
use time::OffsetDateTime;

use pp_graph::Graph;
use pp_graph::batch::Item;
use pp_graph::error::GraphError;
use pp_words::lenient::{instant, or_default};

const CUSTOMERS: &str = "/tenantRelationships/delegatedAdminCustomers?$top=300";
const RELATIONSHIPS: &str = "/tenantRelationships/delegatedAdminRelationships?$top=300";

/// A customer, and the relationships to it.
#[derive(Debug, Default)]
pub struct Customer {
    /// Its tenant id.
    pub tenant_id: String,
    /// What it is called.
    pub name: Option<String>,
    /// The relationships, of whichever status.
    pub relationships: Vec<Relationship>,
}

/// A relationship of delegated administration.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Relationship {
    /// `active`, `approvalPending`, `expired` and others.
    #[serde(default, deserialize_with = "or_default")]
    pub status: String,
    /// When it ends, once it is active.
    #[serde(default, deserialize_with = "instant::deserialize")]
    pub end_date_time: Option<OffsetDateTime>,
    #[serde(default)]
    customer: Option<Listed>,
    #[serde(default, deserialize_with = "or_default")]
    access_details: Access,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    tenant_id: String,
    #[serde(default)]
    display_name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Access {
    #[serde(default, deserialize_with = "or_default")]
    unified_roles: Vec<Role>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Role {
    role_definition_id: String,
}

impl Relationship {
    /// The template ids of its roles.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.access_details.unified_roles.iter().map(|role| role.role_definition_id.as_str())
    }

    /// Whether it gives access now.
    pub fn is_active(&self, now: OffsetDateTime) -> bool {
        self.status == "active" && self.end_date_time.is_none_or(|end| end > now)
    }
}

/// All customers, by their tenants.
pub fn customers(graph: &Graph<'_>) -> Result<Vec<Customer>, GraphError> {
    let mut all: BTreeMap<String, Customer> = BTreeMap::new();
    graph.walk(&Item::get(CUSTOMERS), |Listed { tenant_id, display_name }| -> Result<(), GraphError> {
        all.insert(tenant_id.clone(), Customer { tenant_id, name: display_name, relationships: Vec::new() });
        Ok(())
    })?;
    graph.walk(&Item::get(RELATIONSHIPS), |relationship: Relationship| -> Result<(), GraphError> {
        // One that nobody has approved yet is nobody's.
        if let Some(Listed { tenant_id, display_name }) = &relationship.customer {
            let customer = all.entry(tenant_id.clone()).or_insert_with(|| Customer {
                tenant_id: tenant_id.clone(),
                name: display_name.clone(),
                relationships: Vec::new(),
            });
            customer.relationships.push(relationship);
        }
        Ok(())
    })?;
    Ok(all.into_values().collect())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_relationship_is_read_with_nulls_and_with_an_end_without_zone() -> serde_json::Result<()> {
        let read = |answer: &Value| serde_json::from_value::<Relationship>(answer.clone());
        let end = datetime!(2026-12-01 00:00 UTC);
        for (details, text, roles) in [
            (json!(null), "2026-12-01T00:00:00", 0),
            (json!({ "unifiedRoles": null }), "2026-12-01T00:00:00Z", 0),
            (json!({ "unifiedRoles": [{ "roleDefinitionId": "r" }] }), "2026-12-01T11:00:00+11:00", 1),
        ] {
            let relationship = read(&json!({ "status": "active", "endDateTime": text, "accessDetails": details }))?;
            assert_eq!((relationship.end_date_time, relationship.roles().count()), (Some(end), roles), "{details}");
            assert!(relationship.is_active(end - time::Duration::DAY) && !relationship.is_active(end));
        }
        let pending = read(&json!({ "status": null, "endDateTime": null, "customer": null, "accessDetails": null }))?;
        assert!(!pending.is_active(end) && pending.end_date_time.is_none());
        Ok(())
    }
}
