//! A certificate authority and the servers that it vouches for.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, SupportedProtocolVersion};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// When a server's certificate is valid.
#[derive(Clone, Copy)]
pub(crate) enum Valid {
    Now,
    Before,
    Later,
}

impl Authority {
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(rcgen::DnType::CommonName, Uuid::new_v4().to_string());
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        Ok(Self(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?))
    }

    /// Writes what whoever trusts this authority puts into the trust store.
    pub(crate) fn write(&self, folder: &Path) -> Result<String, Box<dyn Error>> {
        let path = folder.join("trusted.pem");
        std::fs::write(&path, self.0.pem())?;
        Ok(path.to_str().ok_or("a path of text")?.to_owned())
    }

    /// What a server of these names needs.
    pub(crate) fn server(
        &self,
        names: &[&str],
        valid: Valid,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Result<ServerConfig, Box<dyn Error>> {
        let mut params = CertificateParams::new(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>())?;
        let (now, day) = (OffsetDateTime::now_utc(), Duration::days(1));
        let (from, until) = match valid {
            Valid::Now => (now - day, now + day),
            Valid::Before => (now - day * 2, now - day),
            Valid::Later => (now + day, now + day * 2),
        };
        (params.not_before, params.not_after) = (from, until);
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.0)?;
        let key = PrivateKeyDer::try_from(key.serialize_der())?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(versions)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}
