//! The tenant's domains, for reading.

use super::{Context, LIST, ONE, Route, get};
use crate::call::Answer;
use crate::directory::store::Kind;
use crate::errors::GraphError;
use crate::odata::list::Shape;

pub(super) const ROUTES: &[Route] = &[get("/domains", LIST, list), get("/domains/{id}", ONE, read)];

const SHAPE: Shape<'_> = Shape { entity: "domain", context: "domains", filterable: &[], default: &[] };

fn list(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.many(Kind::Domain, &SHAPE, |_| true)
}

fn read(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.one(context.find(Kind::Domain, &context.key())?, &SHAPE)
}
