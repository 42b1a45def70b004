//! What a fresh token of the new application shows: the surest sign that consent and role have arrived.

use pp_runbook::step::StepName;
use pp_runbook::steps::global_administrator::GLOBAL_ADMINISTRATOR;
use pp_sign_in::token::Claims;

/// What signing in with the new secret showed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// Signed in; `None` where that was not tried.
    signed_in: Option<bool>,
    /// What the token showed; `None` where it could not be read.
    shown: Option<Shown>,
    /// Why it did not sign in, where waiting changes nothing about it.
    refusal: Option<String>,
    /// The service has found the secret right all the same: what refuses the sign-in comes after that.
    right: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shown {
    /// Application permissions of the runbook.
    roles: usize,
    /// Those that this tenant's Microsoft Graph offers.
    offered: usize,
    /// Global Administrator.
    administrator: bool,
}

impl Shown {
    fn all_roles(self) -> bool {
        self.roles == self.offered
    }
}

impl Evidence {
    /// From a token, of an application that can be granted these application permissions.
    pub(crate) fn from_token(claims: &Claims, grantable: &[&str]) -> Self {
        let held = |name: &&&str| claims.roles.iter().any(|role| role == **name);
        let roles = grantable.iter().filter(held).count();
        let administrator = claims.wids.iter().flatten().any(|role| role.eq_ignore_ascii_case(GLOBAL_ADMINISTRATOR));
        Self {
            signed_in: Some(true),
            shown: Some(Shown { roles, offered: grantable.len(), administrator }),
            ..Self::default()
        }
    }

    /// The secret signs in; its token can't be read.
    pub(crate) fn signed_in() -> Self {
        Self { signed_in: Some(true), ..Self::default() }
    }

    /// The secret did not sign in.
    pub(crate) fn refused() -> Self {
        Self { signed_in: Some(false), ..Self::default() }
    }

    /// It did not, and waiting changes nothing about that.
    pub(crate) fn refused_for_good(words: String) -> Self {
        Self { refusal: Some(words), ..Self::refused() }
    }

    /// Nor did it; but the service looks at the secret first, and has found it right.
    pub(crate) fn blocked(words: String) -> Self {
        Self { right: true, ..Self::refused_for_good(words) }
    }

    /// Whether the service has found the secret right, whatever else it has made of the sign-in.
    pub(crate) fn secret_is_right(&self) -> bool {
        self.right || self.signed_in == Some(true)
    }

    /// True where another sign-in a moment later would say the same.
    pub(crate) fn is_final(&self) -> bool {
        self.refusal.is_some()
    }

    /// Why it did not sign in, where waiting changes nothing about it.
    pub(crate) fn refusal(&self) -> Option<&str> {
        self.refusal.as_deref()
    }

    /// What a token that could be read lacks of what the runbook gives the application.
    pub(crate) fn lacks(&self) -> Vec<String> {
        let Some(shown) = self.shown else { return Vec::new() };
        let roles = (!shown.all_roles())
            .then(|| format!("{} of {} application permissions in a fresh token", shown.roles, shown.offered));
        let role = (!shown.administrator).then(|| "the role Global Administrator is not in a fresh token".to_owned());
        roles.into_iter().chain(role).collect()
    }

    /// True when the token shows what these steps are to bring about.
    pub(crate) fn suffices(&self, steps: &[StepName]) -> bool {
        let shows = |shown: Shown| {
            (shown.all_roles() || !steps.contains(&StepName::ApplicationConsent))
                && (shown.administrator || !steps.contains(&StepName::GlobalAdministrator))
        };
        self.signed_in == Some(true) && self.shown.is_none_or(shows)
    }

    /// Whether it proves what a step has written: who can sign in is there, and a token holds what was granted.
    pub(crate) fn proves(&self, step: StepName) -> bool {
        match step {
            StepName::ServicePrincipal | StepName::ClientSecret => self.signed_in == Some(true),
            StepName::ApplicationConsent => self.shown.is_some_and(Shown::all_roles),
            StepName::GlobalAdministrator => self.shown.is_some_and(|shown| shown.administrator),
            // An application's token says nothing of what is declared, or consented to for people.
            StepName::DirSync | StepName::Application | StepName::DelegatedConsent => false,
        }
    }

    /// What it adds to a step's row.
    pub(crate) fn detail(&self, step: StepName) -> Option<String> {
        let signed_in = self.signed_in?;
        match step {
            StepName::ApplicationConsent => {
                self.shown.map(|shown| format!("{} of {} in a fresh token", shown.roles, shown.offered))
            }
            StepName::GlobalAdministrator => self.shown.map(|shown| {
                if shown.administrator { "in a fresh token".into() } else { "not in a fresh token yet".into() }
            }),
            StepName::ClientSecret if signed_in => Some("it signs in".into()),
            StepName::ClientSecret => Some(self.refusal.clone().unwrap_or_else(|| "it doesn't sign in yet".into())),
            _ => None,
        }
    }
}
