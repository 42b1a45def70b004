//! The ways to sign in, each in a file of its own.

use std::sync::Arc;

use uuid::Uuid;

use super::audience::Audience;
use super::certificate::{self, SigningCertificate};
use super::client_secret;
use super::error::{SignInError, Unfit};
use super::federated::{self, FederatedToken};
use super::managed_identity::ManagedIdentity;
use super::request::{Ask, Form, Issued};
use super::user::User;
use pp_base::secret::SecretText;

/// How a connection proves who it is.
#[derive(Debug)]
pub enum Credential {
    /// An application and its secret.
    ClientSecret {
        /// Application (client) id.
        client_id: Uuid,
        /// The secret's text.
        secret: SecretText,
    },
    /// An application and its certificate.
    Certificate {
        /// Application (client) id.
        client_id: Uuid,
        /// The certificate with its key.
        certificate: Box<SigningCertificate>,
    },
    /// An application that trusts another issuer's tokens.
    Federated {
        /// Application (client) id.
        client_id: Uuid,
        /// Where these tokens come from.
        source: FederatedToken,
    },
    /// The managed identity of the machine this runs on.
    ManagedIdentity(Box<ManagedIdentity>),
    /// A person.
    User(Box<User>),
    /// A token for Microsoft Graph that the caller got elsewhere; it can't be renewed.
    AccessToken(Arc<SecretText>),
    /// Another application, proven in the same way: it has the same certificate, trusts the same issuer, or trusts the managed
    /// identity by a federated credential.
    OfClient {
        /// Application (client) id.
        client_id: Uuid,
        /// What proves it.
        by: Arc<Credential>,
    },
}

impl Credential {
    /// The kind's name in results.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ClientSecret { .. } => "ClientSecret",
            Self::Certificate { .. } => "Certificate",
            Self::Federated { source, .. } => source.kind(),
            Self::ManagedIdentity(_) => "ManagedIdentity",
            Self::User(user) => user.kind(),
            Self::AccessToken(_) => "AccessToken",
            Self::OfClient { by, .. } => by.kind(),
        }
    }

    /// The application that signs in, where the credential names it.
    pub fn client_id(&self) -> Option<Uuid> {
        match self {
            Self::ClientSecret { client_id, .. }
            | Self::Certificate { client_id, .. }
            | Self::Federated { client_id, .. }
            | Self::OfClient { client_id, .. } => Some(*client_id),
            Self::ManagedIdentity(identity) => identity.client_id,
            Self::User(user) => Some(user.client_id()),
            Self::AccessToken(_) => None,
        }
    }

    /// Whether a new token can be had when the last one ends or is refused.
    pub fn renews(&self) -> bool {
        match self {
            Self::AccessToken(_) => false,
            Self::User(user) => user.renews(),
            Self::ClientSecret { .. }
            | Self::Certificate { .. }
            | Self::Federated { .. }
            | Self::ManagedIdentity(_)
            | Self::OfClient { .. } => true,
        }
    }

    /// The same proof for another application; nothing where it is of one application or person alone.
    pub fn of_client(self: &Arc<Self>, client_id: Uuid) -> Option<Arc<Self>> {
        match &**self {
            Self::Certificate { .. } | Self::Federated { .. } | Self::ManagedIdentity(_) => {
                Some(Arc::new(Self::OfClient { client_id, by: Arc::clone(self) }))
            }
            Self::ClientSecret { .. } | Self::User(_) | Self::AccessToken(_) | Self::OfClient { .. } => {
                (self.client_id() == Some(client_id)).then(|| Arc::clone(self))
            }
        }
    }

    /// A token for the audience, trying again after what passes by itself.
    pub(super) fn issue(&self, ask: &Ask<'_>) -> Result<Issued, SignInError> {
        match self {
            Self::ClientSecret { client_id, secret } => ask.with_retry(|| client_secret::once(ask, *client_id, secret)),
            Self::Certificate { client_id, certificate } => {
                ask.with_retry(|| certificate::once(ask, *client_id, certificate))
            }
            Self::Federated { client_id, source } => ask.with_retry(|| federated::once(ask, *client_id, source)),
            Self::ManagedIdentity(identity) => ask.with_retry(|| identity.once(ask)),
            Self::User(user) => user.renew(ask),
            Self::OfClient { client_id, by } => ask.with_retry(|| once_of_client(ask, *client_id, by)),
            Self::AccessToken(text) if ask.is_for_graph() => Ok(Issued { text: Arc::clone(text), lifetime: None }),
            Self::AccessToken(_) => Err(SignInError::Unfit(Unfit::OneAudience { wanted: ask.audience.name })),
        }
    }
}

/// Signs in once as another application. Source, for a managed identity: Entra documentation, "Configure an application to trust a
/// managed identity": its token for the audience of federation is the assertion.
fn once_of_client(ask: &Ask<'_>, client_id: Uuid, by: &Credential) -> Result<Issued, SignInError> {
    match by {
        Credential::Certificate { certificate, .. } => certificate::once(ask, client_id, certificate),
        Credential::Federated { source, .. } => federated::once(ask, client_id, source),
        Credential::ManagedIdentity(identity) => {
            let audience = Audience::federation(ask.endpoints.federation_audience);
            let assertion = identity.once(&Ask { audience: &audience, ..*ask })?;
            ask.token(Form::client_credentials(client_id, ask.audience).with_assertion(&assertion.text))
        }
        other => other.issue(ask),
    }
}
