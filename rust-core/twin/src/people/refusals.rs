//! Entra's refusals of a person's sign-in. Numbers and texts: reference-error-codes, shortened where they run long.
//!
//! Assumption: `error` beside each number, which the page gives for a few only.

use crate::token::{Refusal, refusal};

/// What a policy about authentication flows is refused with.
const FLOWS: &str = "Access has been blocked by Conditional Access policies on authentication flows.";

const REFUSALS: &[(u32, &str, &str)] = &[
    (50034, "invalid_grant", "The user account does not exist in the directory."),
    (50057, "invalid_grant", "The user account is disabled."),
    (
        50105,
        "access_denied",
        "Your administrator has configured the application to block users unless they are specifically granted access.",
    ),
    (50126, "invalid_grant", "Error validating credentials due to invalid username or password."),
    (
        53000,
        "access_denied",
        "Device is not in required device state: {state}. Conditional Access policy requires a compliant device, and the device is not compliant.",
    ),
    (
        53001,
        "access_denied",
        "Device is not in required device state: {state}. Conditional Access policy requires a domain joined device, and the device is not domain joined.",
    ),
    (53002, "access_denied", "The app used isn't an approved app for Conditional Access."),
    (
        53003,
        "access_denied",
        "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
    ),
    (530_032, "access_denied", "Tenant security policy does not allow this request."),
    (530_035, "access_denied", "Access has been blocked by security defaults."),
    (
        530_034,
        "access_denied",
        "Access has been blocked due to risk. Your administrator may need to unblock the account.",
    ),
    (530_036, "access_denied", FLOWS),
    (
        530_084,
        "access_denied",
        "Access has been blocked by conditional access token protection policy configured by this organization.",
    ),
    (53011, "access_denied", "User blocked due to risk on home tenant."),
    (
        50020,
        "invalid_request",
        "User account from identity provider does not exist in tenant and cannot access the application in that tenant.",
    ),
    (
        90072,
        "invalid_request",
        "User account from identity provider does not exist in tenant. The account needs to be added as an external user in the tenant first.",
    ),
    (
        500_213,
        "access_denied",
        "The resource tenant's cross-tenant access policy does not allow this user to access this tenant.",
    ),
    (500_014, "invalid_resource", "The service principal for resource is disabled."),
    (650_053, "invalid_scope", "The application asked for scope that doesn't exist on the resource."),
    (
        65001,
        "invalid_grant",
        "The user or administrator has not consented to use the application. Send an interactive authorization request for this user and resource.",
    ),
    (65004, "access_denied", "User declined to consent to access the app."),
    (
        90094,
        "access_denied",
        "An administrator of the tenant has set a policy that prevents you from granting the application the permissions it is requesting. Ask an admin to grant permission to this app.",
    ),
    (
        50173,
        "invalid_grant",
        "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.",
    ),
    (70000, "invalid_grant", "Provided grant is invalid or malformed."),
    (
        70008,
        "invalid_grant",
        "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.",
    ),
    (
        70043,
        "invalid_grant",
        "The refresh token has expired or is invalid due to sign-in frequency checks by Conditional Access.",
    ),
    (700_082, "invalid_grant", "The refresh token has expired due to inactivity."),
    (
        50076,
        "interaction_required",
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.",
    ),
    (
        50079,
        "interaction_required",
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication to access the resource.",
    ),
];

/// What a multi-factor refusal asks the next interactive sign-in to show.
const MULTI_FACTOR: &str =
    r#"{"access_token":{"capolids":{"essential":true,"values":["c0ffee00-0000-4000-8000-000000000053"]}}}"#;

/// The refusal of a number; one that is not in the table gets words of no meaning.
pub(crate) fn of(code: u32) -> Refusal {
    let known = REFUSALS.iter().find(|(known, _, _)| *known == code);
    let (error, text) = known.map_or(("invalid_grant", "The request was refused."), |(_, error, text)| (*error, *text));
    let refused = refusal(400, error, code, text);
    if error == "interaction_required" { refused.with_claims(MULTI_FACTOR) } else { refused }
}

/// The number that any policy has, for one about authentication flows. Assumption: its words are those of 530036.
pub(crate) fn of_a_flow() -> Refusal {
    refusal(400, "access_denied", 53003, FLOWS)
}
