//! A partner's customers and its delegated administration of them, for reading.

use super::{Context, LIST, Route, get};
use crate::call::Answer;
use crate::directory::store::Kind;
use crate::errors::GraphError;
use crate::odata::list::Shape;

pub(super) const ROUTES: &[Route] = &[
    get("/tenantRelationships/delegatedAdminCustomers", LIST, customers),
    get("/tenantRelationships/delegatedAdminRelationships", LIST, relationships),
];

fn customers(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let shape = shape("delegatedAdminCustomer", "tenantRelationships/delegatedAdminCustomers");
    context.many(Kind::Customer, &shape, |_| true)
}

fn relationships(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let shape = shape("delegatedAdminRelationship", "tenantRelationships/delegatedAdminRelationships");
    context.many(Kind::CustomerRelationship, &shape, |_| true)
}

fn shape(entity: &'static str, context: &'static str) -> Shape<'static> {
    Shape { entity, context, filterable: &[], default: &[] }
}
