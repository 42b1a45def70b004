//! The shapes of ids that Graph composes from other ids.
//!
//! Decoded from ids in Graph's documentation and in public reports (Azure/azure-cli issue 20974): base64url without
//! padding over GUIDs in little-endian byte order.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

fn joined(guids: &[Uuid]) -> String {
    let bytes: Vec<u8> = guids.iter().flat_map(Uuid::to_bytes_le).collect();
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The id of a delegated consent: client, resource, and for one user's consent that user.
pub(crate) fn grant(client: Uuid, resource: Uuid, principal: Option<Uuid>) -> String {
    let mut parts = vec![client, resource];
    parts.extend(principal);
    joined(&parts)
}

/// The id of an app role assignment: the principal and a random part.
pub(crate) fn app_role_assignment(principal: Uuid, random: Uuid) -> String {
    joined(&[principal, random])
}

/// The id of a directory role assignment at scope `/`: role and principal, then `-1`.
pub(crate) fn role_assignment(role: Uuid, principal: Uuid) -> String {
    joined(&[role, principal]) + "-1"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_id_decodes_to_client_and_resource() {
        let client = Uuid::parse_str("b35985a8-9d2b-4fde-9fa7-6c4e43a8ddec").unwrap_or_default();
        let resource = Uuid::parse_str("8fc8c89c-b7a3-45f2-9f98-1191e32d1039").unwrap_or_default();
        let bytes = URL_SAFE_NO_PAD.decode(grant(client, resource, None)).unwrap_or_default();
        assert_eq!(bytes.len(), 32);
        assert_eq!(Uuid::from_slice_le(&bytes[..16]).ok(), Some(client));
        assert_eq!(Uuid::from_slice_le(&bytes[16..]).ok(), Some(resource));
    }

    #[test]
    fn a_global_administrator_assignment_starts_as_graph_writes_it() {
        let role = Uuid::parse_str("62e90394-69f5-4237-9190-012177145e10").unwrap_or_default();
        let id = role_assignment(role, Uuid::nil());
        assert!(id.starts_with("lAPpYvVpN0KRkAEhdxReE"), "{id}");
        assert!(id.ends_with("-1"), "{id}");
    }
}
