//! Claims that a token is asked for with. Source: Microsoft identity platform, "Claims challenges, claims requests and client
//! capabilities".

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

/// Says that this client can answer a challenge, without which the service makes none and cuts a token off only at its end.
fn capability() -> Value {
    json!({"access_token": {"xms_cc": {"values": ["cp1"]}}})
}

/// The `claims` of a request: the capability, and what a challenge wants, as JSON.
pub(super) fn request(challenge: Option<&str>) -> String {
    let mut claims = capability();
    if let Some(Value::Object(wanted)) = challenge.and_then(|text| serde_json::from_str(text).ok()) {
        merge(&mut claims, wanted);
    }
    claims.to_string()
}

fn merge(claims: &mut Value, wanted: Map<String, Value>) {
    for (name, value) in wanted {
        match (claims.get_mut(&name), value) {
            (Some(known @ Value::Object(_)), Value::Object(inner)) => merge(known, inner),
            (_, value) => claims[name] = value,
        }
    }
}

/// The claims of a `WWW-Authenticate` header, decoded; `None` where it holds no challenge.
pub fn challenge(header: &str) -> Option<String> {
    let start = header.find("claims=")? + "claims=".len();
    let value = header[start..].trim_start_matches('"');
    let value = &value[..value.find(['"', ',', ' ']).unwrap_or(value.len())];
    let value = value.trim_end_matches('=');
    let bytes = URL_SAFE_NO_PAD.decode(value.replace('+', "-").replace('/', "_")).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    // What is not JSON would only break the request.
    serde_json::from_str::<Map<String, Value>>(&text).is_ok().then_some(text)
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn a_challenge_is_asked_for_beside_the_capability() {
        let wanted = r#"{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}"#;
        for padded in [STANDARD.encode(wanted), URL_SAFE_NO_PAD.encode(wanted)] {
            let header = format!("Bearer realm=\"\", error=\"insufficient_claims\", claims=\"{padded}\"");
            let found = challenge(&header);
            assert_eq!(found.as_deref(), Some(wanted));
            let claims: Value = serde_json::from_str(&request(found.as_deref())).unwrap_or_default();
            assert_eq!(claims["access_token"]["nbf"]["value"], "1700000000");
            assert_eq!(claims["access_token"]["xms_cc"]["values"], json!(["cp1"]));
        }
    }

    #[test]
    fn what_is_no_challenge_is_none() {
        for header in ["", "Bearer realm=\"\"", "Bearer claims=\"%%%\"", "Bearer claims=\"bm90IEpTT04\"", "claims="] {
            assert_eq!(challenge(header), None, "{header}");
        }
        assert_eq!(request(Some("not JSON")), request(None));
    }
}
