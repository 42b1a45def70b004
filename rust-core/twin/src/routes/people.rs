//! Users, groups and organizational contacts, for reading. They are crowds.

use super::{Context, LIST, ONE, Route, get};
use crate::call::Answer;
use crate::directory::store::Kind;
use crate::errors::GraphError;
use crate::odata::list::Shape;

pub(super) const ROUTES: &[Route] = &[
    get("/users", LIST, list_users),
    get("/users/{id}", ONE, read_user),
    get("/groups", LIST, list_groups),
    get("/groups/{id}", ONE, read_group),
    get("/contacts", LIST, list_contacts),
    get("/contacts/{id}", ONE, read_contact),
];

/// The few properties that users come with unasked (Graph's page on the user resource).
pub(super) const USERS: Shape<'_> = Shape {
    entity: "user",
    context: "users",
    filterable: &[
        "accountEnabled",
        "displayName",
        "id",
        "mail",
        "onPremisesImmutableId",
        "onPremisesSyncEnabled",
        "proxyAddresses",
        "userPrincipalName",
        "userType",
    ],
    default: &[
        "businessPhones",
        "displayName",
        "givenName",
        "jobTitle",
        "mail",
        "mobilePhone",
        "officeLocation",
        "preferredLanguage",
        "surname",
        "userPrincipalName",
        "id",
    ],
};

pub(super) const GROUPS: Shape<'_> = Shape {
    entity: "group",
    context: "groups",
    filterable: &[
        "displayName",
        "id",
        "isAssignableToRole",
        "mail",
        "mailEnabled",
        "onPremisesSyncEnabled",
        "securityEnabled",
    ],
    default: &[],
};

const CONTACTS: Shape<'_> = Shape {
    entity: "orgContact",
    context: "contacts",
    filterable: &["displayName", "id", "mail", "onPremisesSyncEnabled"],
    default: &[],
};

fn list_users(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.crowd(Kind::User, &USERS)
}

fn read_user(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.one_of(&context.member(Kind::User)?, &USERS)
}

fn list_groups(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.crowd(Kind::Group, &GROUPS)
}

fn read_group(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.one_of(&context.member(Kind::Group)?, &GROUPS)
}

fn list_contacts(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.crowd(Kind::Contact, &CONTACTS)
}

fn read_contact(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.one_of(&context.member(Kind::Contact)?, &CONTACTS)
}
