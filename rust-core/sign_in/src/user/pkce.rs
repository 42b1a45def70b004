//! What ties an answer to the request that asked for it: proof key, state, nonce.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use super::super::error::SignInError;
use pp_base::secret::SecretText;

/// Proof key for code exchange (RFC 7636): only who holds the verifier can redeem the code.
pub(super) struct Pkce {
    pub(super) verifier: SecretText,
    /// S256.
    pub(super) challenge: String,
}

impl Pkce {
    pub(super) fn new() -> Result<Self, SignInError> {
        let verifier = SecretText::take(random()?);
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose()));
        Ok(Self { verifier, challenge })
    }
}

/// 256 random bits as text.
pub(super) fn random() -> Result<String, SignInError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|e| SignInError::Local(format!("this computer gives no random numbers: {e}")))?;
    let text = URL_SAFE_NO_PAD.encode(bytes);
    bytes.zeroize();
    Ok(text)
}
