//! Errors of the layers below as the user is told them.

mod ledger;

use crate::catalogue::{self as c, Entry};
use crate::error::{OpError, Report};
use pp_base::cancel::Cancelled;
use pp_base::handle::HandleError;
use pp_graph::error::{GraphError, ServiceError};
use pp_graph::reaction::Reaction;
use pp_http::SendError;
use pp_run::apply::RunError;
use pp_run::holder::looked_into;
use pp_runbook::denial::{Cause, Denial};
use pp_runbook::kept_plan::KeptPlanError;
use pp_runbook::observed::Unread;
use pp_runbook::problem::{LimitingPolicy, Problem};
use pp_runbook::step::StepName;
use pp_sign_in::TRANSIENT;
use pp_sign_in::certificate::CertificateError;
use pp_sign_in::domain::DomainError;
use pp_sign_in::environment::EndpointError;
use pp_sign_in::error::{Refusal, SignInError, SourceError, SourceKind, Unfit};
use pp_sink::error::SinkError;
use pp_vault::address::AddressError;
use pp_vault::error::VaultError;

/// AADSTS numbers and what they come to. Source: Entra documentation, "Microsoft Entra authentication error codes"; those of
/// assertions and federation besides, and 53011, 90093, 500022, 500213, 530031, 530034, 530036, 530084, 650053, 7000229, from public
/// reports.
const REFUSALS: &[(&[u32], Entry)] = &[
    (&[50059, 90002, 90038, 900_432], c::TENANT_UNKNOWN),
    (&[700_011, 700_016, 7_000_229], c::CLIENT_UNKNOWN),
    (&[70002, 7_000_215], c::CLIENT_SECRET_WRONG),
    (&[7_000_222], c::CLIENT_SECRET_EXPIRED),
    (&[70001, 7_000_112], c::APPLICATION_DISABLED),
    (&[50012, 50013, 700_021, 700_023, 700_024, 700_027, 700_030], c::ASSERTION_REFUSED),
    (&[70021, 700_211, 700_212, 700_213], c::FEDERATION_NOT_TRUSTED),
    (&[50131, 53003, 530_031, 530_032, 530_035], c::CONDITIONAL_ACCESS),
    (&[530_036], c::FLOW_BLOCKED),
    (&[50097, 50129, 50155, 53000, 53001, 53002, 53009, 530_084], c::DEVICE_NOT_ACCEPTED),
    (&[53011, 530_034], c::USER_AT_RISK),
    (&[16003, 50020, 90072, 500_021, 500_022, 500_212, 500_213], c::USER_NOT_IN_TENANT),
    (&[500_011, 500_014], c::RESOURCE_DISABLED),
    (&[650_053], c::SCOPE_UNKNOWN),
    (&[50034, 50053, 50055, 50057, 50126, 50135, 50142, 50144, 51004, 500_341], c::USER_REFUSED),
    (&[50105], c::USER_NOT_ASSIGNED),
    (
        &[50011, 65002, 70011, 500_113, 501_481, 650_052, 650_056, 650_057, 700_025, 700_054, 7_000_218, 9_001_023],
        c::CLIENT_MISCONFIGURED,
    ),
    (&[50196], c::SIGN_IN_BUSY),
    (&TRANSIENT, c::SIGN_IN_BUSY),
];

/// Likewise, for people who sign in.
const OF_PEOPLE: &[(&[u32], Entry)] = &[
    (&[50089, 50132, 50133, 50173, 70000, 70008, 70043, 70044, 700_082, 700_084], c::SIGN_IN_AGAIN),
    (&[50058, 50140, 50199], c::SIGN_IN_AGAIN),
    (&[50072, 50074, 50076, 50078, 50079, 50158], c::MORE_FACTORS),
    (&[65001, 90008, 90093, 90094, 90095], c::CONSENT_MISSING),
    (&[65004], c::SIGN_IN_DECLINED),
    (&[70018, 70019, 70020], c::SIGN_IN_TIMED_OUT),
];

/// What the service's `error` says where its number says less. Source: RFC 8628, 3.5, and Entra's names.
const OAUTH: &[(&str, Entry)] = &[
    ("authorization_declined", c::SIGN_IN_DECLINED),
    ("expired_token", c::SIGN_IN_TIMED_OUT),
    ("interaction_required", c::SIGN_IN_AGAIN),
    ("consent_required", c::CONSENT_MISSING),
];

/// What to do about a policy that no other can be put in place of.
const OF_OWN_POLICY: &str = "Practice Protect needs one. An application has one policy of its own at most: whoever keeps this one changes it, as by \
     setting the state of its rules passwordAddition and passwordLifetime to disabled (in Microsoft Graph: PATCH \
     /policies/appManagementPolicies/{id}). Then run the command again.";

impl From<Problem> for OpError {
    fn from(problem: Problem) -> Self {
        let message = problem.to_string();
        let entry = match &problem {
            Problem::DisplayNameEmpty | Problem::DisplayNameTooLong { .. } => c::DISPLAY_NAME_INVALID,
            Problem::LifetimeInvalid { .. } => c::LIFETIME_INVALID,
            Problem::StepAndSkip(_) | Problem::NoStepLeft => c::STEPS_CONTRADICT,
            Problem::NeedsStep { .. } => c::STEP_NEEDS_EARLIER,
            Problem::NotAdopted(_) => c::APP_NOT_ADOPTED,
            Problem::Ambiguous(_) => c::APP_AMBIGUOUS,
            Problem::AppNotFound(_) => c::APP_NOT_FOUND,
            Problem::AppNotMeant { .. } => c::APP_NOT_MEANT,
            Problem::ApplicationDeleted { .. } => c::APPLICATION_DELETED,
            Problem::ServicePrincipalDeleted { .. } => c::SERVICE_PRINCIPAL_DELETED,
            Problem::NothingToRestore { .. } => c::NOTHING_TO_RESTORE,
            Problem::SeveralDeleted(_) => c::DELETED_AMBIGUOUS,
            Problem::NotPurged { .. } => c::NOT_PURGED,
            Problem::NameTaken { .. } => c::NAME_TAKEN,
            Problem::ServicePrincipalTaken { .. } => c::SERVICE_PRINCIPAL_TAKEN,
            Problem::NoSignInClient => c::SIGN_IN_CLIENT_NOT_FOUND,
            Problem::NotReadable { step, unread: Unread { denied: Some(denial), .. } } => {
                return denied(denial.cause).report(message).target(step.name()).into();
            }
            Problem::NotReadable { .. } => c::LOOK_UP_FAILED,
            Problem::PermissionMissing(_) => c::PERMISSION_MISSING,
            Problem::TokenOutdated { .. } => c::TOKEN_OUTDATED,
            Problem::SecretNotFound { key_id, .. } => {
                return c::SECRET_NOT_FOUND.report(message).target(key_id.as_str()).into();
            }
            Problem::LastSecret(_) => c::LAST_SECRET,
            Problem::SecretsForbidden(LimitingPolicy { own: true, .. }) => {
                return c::SECRETS_FORBIDDEN.report(message).advice(OF_OWN_POLICY).into();
            }
            Problem::SecretsForbidden(_) => c::SECRETS_FORBIDDEN,
            Problem::LifetimeForbidden { .. } => c::LIFETIME_FORBIDDEN,
        };
        entry.report(message).into()
    }
}

impl From<KeptPlanError> for OpError {
    fn from(error: KeptPlanError) -> Self {
        let message = error.to_string();
        let entry = match error {
            KeptPlanError::Foreign(_) | KeptPlanError::Altered(_) => c::PLAN_ALTERED,
            KeptPlanError::OtherSchema { .. } => c::PLAN_OF_ANOTHER_SCHEMA,
            KeptPlanError::Moved { .. } => c::PLAN_MOVED,
            KeptPlanError::Problem(problem) => return problem.into(),
        };
        entry.report(message).into()
    }
}

impl From<RunError> for OpError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Problem(problem) => problem.into(),
            RunError::NotPlanned(step) | RunError::NotPlannedOfRestored(step) => {
                c::PLAN_MOVED.report(error.to_string()).target(step.name()).into()
            }
            RunError::NotWrittenDown(_) => c::WRITE_WITHHELD.report(error.to_string()).into(),
            RunError::NotConverged(text) => c::NOT_CONVERGED.report(text).into(),
            RunError::Graph { step: None, error } => error.into(),
            RunError::SecretLeft { error, left, .. } => match OpError::from(*error) {
                OpError::Failed(report) => {
                    let message = format!("{}. Besides, {left}", report.message.trim_end_matches('.'));
                    OpError::Failed(Box::new(Report { message, ..*report }))
                }
                cancelled @ OpError::Cancelled(_) => cancelled,
            },
            RunError::Graph { step: Some(step), error } => match of_write(step, error) {
                OpError::Failed(report) => {
                    let message = format!("step {step}: {}", report.message);
                    OpError::Failed(Box::new(Report { message, target: Some(step.name().into()), ..*report }))
                }
                cancelled @ OpError::Cancelled(_) => cancelled,
            },
        }
    }
}

impl From<SendError> for OpError {
    fn from(error: SendError) -> Self {
        let entry = match &error {
            SendError::Cancelled => return Cancelled.into(),
            SendError::NotTrusted { .. } => c::SERVER_NOT_TRUSTED,
            SendError::ProxyRefused { .. } => c::PROXY_REFUSED,
            SendError::NotSent { .. } | SendError::AnswerLost { .. } => c::NETWORK_FAILED,
            SendError::TooLarge { .. } | SendError::Redirected { .. } => c::SERVICE_UNREADABLE,
        };
        entry.report(error.to_string()).into()
    }
}

impl From<GraphError> for OpError {
    fn from(error: GraphError) -> Self {
        let message = error.to_string();
        match error {
            GraphError::Send(error) => error.into(),
            GraphError::SignIn(error) => error.into(),
            GraphError::EffectUnknown(_) => c::NETWORK_FAILED.report(message).into(),
            GraphError::Unreadable { .. } => c::SERVICE_UNREADABLE.report(message).into(),
            GraphError::Withheld(_) => c::WRITE_WITHHELD.report(message).into(),
            GraphError::EndlessList { .. } => c::LIST_ENDLESS.report(message).into(),
            GraphError::Service(error) => {
                let denial = looked_into(&error, |refused| refused.call()).flatten();
                service(*error, message, denial).into()
            }
        }
    }
}

/// The property that the service names where it doesn't know it.
const LOCK: &str = "servicePrincipalLockConfiguration";

/// What a step's write was refused for.
fn of_write(step: StepName, error: GraphError) -> OpError {
    let message = error.to_string();
    match error {
        GraphError::Service(error) if error.status == 400 && error.message.contains(LOCK) => {
            Report { http_status: Some(error.status), ..c::LOCK_NOT_OFFERED.report(message) }.into()
        }
        GraphError::Service(error) => {
            let denial = looked_into(&error, |refused| refused.write(step));
            service(*error, message, denial).into()
        }
        other => other.into(),
    }
}

/// The kind of error that a refusal comes to.
fn denied(cause: Cause) -> Entry {
    match cause {
        Cause::Permission => c::PERMISSION_MISSING,
        Cause::OldToken => c::TOKEN_OUTDATED,
        Cause::Role => c::ROLE_NOT_ACTIVE,
        Cause::Licence => c::LICENCE_MISSING,
        Cause::Policy => c::REFUSED_BY_POLICY,
        Cause::Untold => c::ACCESS_DENIED,
    }
}

/// What a policy has refused. Of a client secret whatever a plan that knows the policy would have said.
fn of_policy(code: &str) -> Entry {
    match code {
        "CredentialTypeNotAllowedAsPerAppPolicy" => c::SECRETS_FORBIDDEN,
        "CredentialInvalidLifetimeAsPerAppPolicy" => c::LIFETIME_FORBIDDEN,
        _ => c::REFUSED_BY_POLICY,
    }
}

fn service(error: ServiceError, message: String, denial: Option<Denial>) -> Report {
    let message = match &denial {
        Some(denial) => format!("{}. {}", message.trim_end_matches('.'), denial.words),
        None => message,
    };
    let entry = match error.reaction {
        Reaction::Denied => denial.map_or(c::ACCESS_DENIED, |denial| denied(denial.cause)),
        Reaction::Policy => of_policy(&error.code),
        Reaction::SignInAgain => c::TOKEN_UNFIT,
        Reaction::NotYet | Reaction::Throttled | Reaction::Transient | Reaction::Conflict => c::NOT_CONVERGED,
        Reaction::AlreadyThere | Reaction::NotFound | Reaction::NotTried | Reaction::Real => c::SERVICE_REFUSED,
    };
    Report {
        http_status: Some(error.status),
        code: Some(error.code).filter(|code| !code.is_empty()),
        request_id: Some(error.request_id).filter(|id| !id.is_empty()),
        ..entry.report(message)
    }
}

impl From<SignInError> for OpError {
    fn from(error: SignInError) -> Self {
        let message = error.to_string();
        match error {
            SignInError::Send(error) => error.into(),
            SignInError::Refused(refusal) => refused(&refusal).into(),
            SignInError::Unreadable { status, .. } => {
                Report { http_status: Some(status), ..c::SERVICE_UNREADABLE.report(message) }.into()
            }
            SignInError::Certificate(error) => error.into(),
            SignInError::Domain(error) => error.into(),
            SignInError::Source(error) => error.into(),
            SignInError::Unfit(Unfit::NobodySignedIn | Unfit::NotRenewable) => c::SIGN_IN_AGAIN.report(message).into(),
            SignInError::Unfit(_) => c::TOKEN_UNFIT.report(message).into(),
            SignInError::TimedOut(_) => c::SIGN_IN_TIMED_OUT.report(message).into(),
            SignInError::Local(_) => c::SIGN_IN_IMPOSSIBLE.report(message).into(),
        }
    }
}

impl From<DomainError> for OpError {
    fn from(error: DomainError) -> Self {
        let message = error.to_string();
        let (entry, domain) = match error {
            DomainError::Unknown { domain, .. } => (c::TENANT_UNKNOWN, domain),
            DomainError::Elsewhere { domain, .. } => (c::TENANT_ELSEWHERE, domain),
            DomainError::NoTenant { domain, .. } => (c::SERVICE_UNREADABLE, domain),
        };
        entry.report(message).target(domain).into()
    }
}

impl From<CertificateError> for OpError {
    fn from(error: CertificateError) -> Self {
        let entry = match &error {
            CertificateError::NotThere { .. } => c::CERTIFICATE_FILE_NOT_FOUND,
            CertificateError::NotReadable { .. }
            | CertificateError::NeitherForm { .. }
            | CertificateError::EncryptedKey { .. }
            | CertificateError::NoKey { .. }
            | CertificateError::NoCertificate { .. } => c::CERTIFICATE_UNREADABLE,
            CertificateError::WrongPassword { .. } => c::CERTIFICATE_PASSWORD_WRONG,
            CertificateError::UnfitKey { .. } | CertificateError::KeyOfAnother { .. } => c::CERTIFICATE_UNFIT,
            CertificateError::NotYetValid { .. } | CertificateError::Expired { .. } => c::CERTIFICATE_OUT_OF_DATE,
            CertificateError::ThumbprintInvalid { .. }
            | CertificateError::NotInStore { .. }
            | CertificateError::StoreRefused { .. } => c::CERTIFICATE_NOT_FOUND,
            CertificateError::NoStore => c::CERTIFICATE_STORE_UNAVAILABLE,
        };
        entry.report(error.to_string()).into()
    }
}

impl From<SourceError> for OpError {
    fn from(error: SourceError) -> Self {
        let entry = match error.kind {
            SourceKind::FederatedToken => c::FEDERATED_TOKEN_UNAVAILABLE,
            SourceKind::NoManagedIdentity => c::MANAGED_IDENTITY_UNAVAILABLE,
            SourceKind::IdentityNotAssigned => c::IDENTITY_NOT_ASSIGNED,
            SourceKind::ManagedIdentityRefused => c::MANAGED_IDENTITY_REFUSED,
        };
        Report { http_status: error.status, ..entry.report(error.message) }.into()
    }
}

/// In the words of a general refusal, where the policy is one about authentication flows. Assumption: the service says so in
/// these words, as it does beside 530036.
const OF_FLOWS: &str = "authentication flow";

/// Registering for more factors is blocked, which the documentation calls "due to risk", and its words don't always. The person can
/// register where they don't.
const REGISTRATION_BLOCKED: u32 = 53004;

/// Numbers of Conditional Access, those among them that are in no list, and how it is called where another number is given.
fn is_of_conditional_access(code: u32, said: &str) -> bool {
    matches!(code, 53_000..=53_999 | 530_000..=530_999) || said.contains("conditional access")
}

fn refused(refusal: &Refusal) -> Report {
    let said = refusal.description.to_ascii_lowercase();
    let worded = match refusal.code {
        53003 if said.contains(OF_FLOWS) => Some(c::FLOW_BLOCKED),
        REGISTRATION_BLOCKED if said.contains("risk") || said.contains("suspicious") => Some(c::USER_AT_RISK),
        REGISTRATION_BLOCKED => Some(c::MORE_FACTORS),
        _ => None,
    };
    let listed = REFUSALS.iter().chain(OF_PEOPLE).find(|(codes, _)| codes.contains(&refusal.code));
    let numbered = || listed.map(|(_, entry)| *entry);
    let by_kind = || is_of_conditional_access(refusal.code, &said).then_some(c::CONDITIONAL_ACCESS);
    let named = || OAUTH.iter().find(|(error, _)| *error == refusal.error).map(|(_, entry)| *entry);
    let ended = || (refusal.renewal && refusal.error == "invalid_grant").then_some(c::SIGN_IN_AGAIN);
    let entry = worded.or_else(numbered).or_else(by_kind).or_else(named).or_else(ended).unwrap_or(c::SIGN_IN_REFUSED);
    let code = if refusal.code == 0 { refusal.error.clone() } else { format!("AADSTS{}", refusal.code) };
    Report {
        // What a browser brought back had no status of its own.
        http_status: Some(refusal.status).filter(|status| *status > 0),
        code: Some(code),
        request_id: Some(refusal.correlation_id.clone()).filter(|id| !id.is_empty()),
        ..entry.report(refusal.description.clone())
    }
}

impl From<VaultError> for OpError {
    fn from(error: VaultError) -> Self {
        let message = error.to_string();
        match error {
            VaultError::Send(error) => error.into(),
            VaultError::SignIn(error) => error.into(),
            VaultError::Withheld(_) => c::WRITE_WITHHELD.report(message).into(),
            VaultError::Unreadable { .. } => c::VAULT_FAILED.report(message).into(),
            VaultError::Foreign { .. } => c::VAULT_FOREIGN.report(message).into(),
            VaultError::Refused(refusal) => vault_refused(*refusal, message).into(),
        }
    }
}

impl From<AddressError> for OpError {
    fn from(error: AddressError) -> Self {
        let entry = match error {
            AddressError::Address { .. } => c::VAULT_URI_INVALID,
            AddressError::Name(_) => c::SINK_INVALID,
        };
        entry.report(error.to_string()).into()
    }
}

impl From<SinkError> for OpError {
    fn from(error: SinkError) -> Self {
        let message = error.to_string();
        match error {
            SinkError::Vault(error) => error.into(),
            SinkError::NameTaken(name) | SinkError::NameKept(name) => {
                c::VAULT_SECRET_TAKEN.report(message).target(name).into()
            }
            SinkError::Recipient(_) => c::RECIPIENT_INVALID.report(message).into(),
            SinkError::NotWritable { path, .. } => c::FILE_NOT_WRITABLE.report(message).target(path).into(),
            SinkError::ThereAlready(path) => c::FILE_EXISTS.report(message).target(path).into(),
        }
    }
}

fn vault_refused(refusal: pp_vault::error::Refusal, message: String) -> Report {
    let entry = match refusal.status {
        401 | 403 => c::VAULT_REFUSED,
        409 => c::VAULT_SECRET_TAKEN,
        _ => c::VAULT_FAILED,
    };
    let code = if refusal.inner.is_empty() { refusal.code } else { refusal.inner };
    Report {
        http_status: Some(refusal.status),
        code: Some(code).filter(|code| !code.is_empty()),
        request_id: Some(refusal.request_id).filter(|id| !id.is_empty()),
        ..entry.report(message)
    }
}

impl From<HandleError> for OpError {
    fn from(error: HandleError) -> Self {
        let why = match error {
            HandleError::Foreign => "the connection is not one of this process",
            HandleError::Stale => "the connection was closed",
        };
        c::CONNECTION_CLOSED.report(why).into()
    }
}

impl From<EndpointError> for OpError {
    fn from(error: EndpointError) -> Self {
        let entry = match error {
            EndpointError::NotHttps { .. } => c::ENDPOINT_NOT_HTTPS,
            EndpointError::Contradiction(_) | EndpointError::NotAnAddress { .. } => c::ENDPOINT_INVALID,
        };
        entry.report(error.to_string()).into()
    }
}

#[cfg(test)]
mod tests {
    use pp_sign_in::error::Refusal;

    use super::refused;

    fn told_of(code: u32, error: &str, description: &str, renewal: bool) -> &'static str {
        let (error, description) = (error.to_owned(), description.to_owned());
        let (correlation_id, date, retry_after) = (String::new(), None, None);
        refused(&Refusal { status: 400, error, code, description, correlation_id, date, retry_after, renewal }).id
    }

    #[test]
    fn a_general_refusal_is_one_of_the_flow_where_its_words_say_so() {
        let told = |description: &str| told_of(53003, "access_denied", description, false);
        let general = "AADSTS53003: Access has been blocked by Conditional Access policies.";
        assert_eq!(told(general), "PPFederation.ConditionalAccess");
        assert_eq!(told(&format!("{general} Authentication flows are restricted.")), "PPFederation.FlowBlocked");
    }

    #[test]
    fn what_is_missing_in_the_tenant_is_told_apart() {
        for (code, id) in [(7_000_229, "ClientUnknown"), (500_011, "ResourceDisabled")] {
            assert_eq!(told_of(code, "invalid_client", "", false), format!("PPFederation.{id}"), "{code}");
        }
    }

    #[test]
    fn near_neighbours_of_a_number_are_told_like_it() {
        for (codes, id) in [
            (&[500_212, 500_021, 500_022, 16003][..], "UserNotInTenant"),
            (&[50131, 530_031], "ConditionalAccess"),
            (&[50097, 50129, 50155, 53009], "DeviceNotAccepted"),
            (&[70044, 50132, 50133, 50089, 700_084], "SignInAgain"),
            (&[500_341, 50135, 50142], "UserRefused"),
            (&[700_021, 700_023, 700_030], "AssertionRefused"),
            (&[500_113, 700_054], "ClientMisconfigured"),
            (&[90093], "ConsentMissing"),
        ] {
            for code in codes {
                assert_eq!(told_of(*code, "invalid_grant", "", false), format!("PPFederation.{id}"), "{code}");
            }
        }
    }

    #[test]
    fn a_number_in_no_list_is_told_by_its_kind() {
        let told = |code, error, description| told_of(code, error, description, false);
        for code in [53_099, 530_099] {
            assert_eq!(told(code, "interaction_required", ""), "PPFederation.ConditionalAccess", "{code}");
        }
        assert_eq!(told(59_999, "invalid_grant", "Blocked by Conditional Access."), "PPFederation.ConditionalAccess");
        assert_eq!(told(53004, "access_denied", "User needs to register."), "PPFederation.MoreFactorsWanted");
        assert_eq!(told(53004, "access_denied", "Blocked due to risk."), "PPFederation.UserAtRisk");
        assert_eq!(told_of(59_999, "invalid_grant", "", true), "PPFederation.SignInAgain");
        assert_eq!(
            told(59_999, "invalid_grant", ""),
            "PPFederation.SignInRefused",
            "an application's, or a first sign-in"
        );
    }
}
