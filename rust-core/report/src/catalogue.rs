//! Every error a user can meet: its stable id, what it means and what to do about it. One table, from which reports are
//! made and documentation is written.

use crate::error::{Category, Report};

/// One kind of error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// `PPFederation.Xxx`; scripts match on it, so it never changes.
    pub id: &'static str,
    /// PowerShell's category.
    pub category: Category,
    /// What it means.
    pub meaning: &'static str,
    /// What to do.
    pub advice: &'static str,
}

impl Entry {
    /// An error of this kind.
    pub fn report(&self, message: impl Into<String>) -> Report {
        Report::new(self.id, self.category, message).advice(self.advice)
    }
}

macro_rules! catalogue {
    ($($name:ident: $category:ident, $id:literal, $meaning:literal, $advice:literal;)*) => {
        $(
            #[doc = $meaning]
            pub const $name: Entry = Entry {
                id: concat!("PPFederation.", $id),
                category: Category::$category,
                meaning: $meaning,
                advice: $advice,
            };
        )*

        /// All of them, in the order of the documentation.
        pub const ALL: &[Entry] = &[$($name),*];
    };
}

catalogue! {
    TENANT_ID_INVALID: InvalidArgument, "TenantIdInvalid",
        "The tenant is named neither by a GUID nor by a domain.",
        "Give the directory (tenant) id, as Entra admin centre > Overview shows it, or a domain of the tenant, as contoso.onmicrosoft.com.";
    CLIENT_ID_INVALID: InvalidArgument, "ClientIdInvalid",
        "The client id is not a GUID.",
        "Give the application (client) id of the app registration, not its name and not the secret's id.";
    AUTOMATION_CONNECTION_INVALID: InvalidArgument, "AutomationConnectionInvalid",
        "A connection of the Automation account lacks what it takes to sign in, or names several ways.",
        "Fill TenantId, ClientId and exactly one of CertificateName, CertificateThumbprint, ClientSecret and ManagedIdentity in the connection.";
    ENDPOINT_INVALID: InvalidArgument, "EndpointInvalid",
        "An endpoint is not an absolute address, or doesn't go with the environment.",
        "Give -LoginEndpoint and -GraphEndpoint, both https, with -Environment Custom only.";
    ENDPOINT_NOT_HTTPS: SecurityError, "EndpointNotHttps",
        "An endpoint is plain http on another machine.",
        "Use https. Plain http is taken on loopback only.";
    DISPLAY_NAME_INVALID: InvalidArgument, "DisplayNameInvalid",
        "The display name is empty or too long.",
        "Give a name of 1 to 120 characters, or leave -DisplayName out.";
    SCRIPT_INVALID: InvalidArgument, "ScriptInvalid",
        "The provisioning script is not JavaScript, or can't be read as it.",
        "Look at the place that the message names. Quotes have to be straight ones, not those of a text processor.";
    SCRIPT_FILE_NOT_READABLE: ObjectNotFound, "ScriptFileNotReadable",
        "The file of the provisioning script is not there, or can't be read.",
        "Give a text file in UTF-8 of 1 MiB at most; a relative path starts at PowerShell's current location.";
    SCRIPT_NOT_MERGED: InvalidOperation, "ScriptNotMerged",
        "The runbook's two lines can't be put into the script so that they surely take effect and nothing else changes.",
        "Look at the place that the message names, and change the script there or put the lines in by hand. Where the message says so, -AcceptConflict goes on all the same. Nothing was changed.";
    SCRIPT_FILE_EXISTS: ResourceExists, "ScriptFileExists",
        "The file that the script was to be written to is there already.",
        "Give another -OutFile, or -Force to overwrite it.";
    SCRIPT_FILE_NOT_WRITABLE: InvalidOperation, "ScriptFileNotWritable",
        "The file that the script was to be written to can't be written.",
        "Give an -OutFile in a folder that exists and that you may write to.";
    LIFETIME_INVALID: InvalidArgument, "LifetimeInvalid",
        "The lifetime of the client secret is no duration, not positive, or ends after the year 9999.",
        "Give Runbook, Longest, an ISO 8601 duration such as P2Y or P180D, or a time span such as 180.00:00:00.";
    STEPS_CONTRADICT: InvalidArgument, "StepsContradict",
        "-Step and -Skip name the same step, or leave none.",
        "Name each step in one of the two.";
    STEP_NEEDS_EARLIER: InvalidOperation, "StepNeedsEarlierStep",
        "A chosen step builds on one that is neither done nor chosen.",
        "Choose the earlier step too, or run the whole runbook.";
    USAGE_LOCATION_INVALID: InvalidArgument, "UsageLocationInvalid",
        "The usage location is not a country code of two letters.",
        "Give the firm's own country, for example AU, NZ, GB or US.";
    PORTAL_USERS_UNREADABLE: InvalidArgument, "PortalUsersUnreadable",
        "The list of the portal's users can't be read, or its columns can't be told apart.",
        "Give a CSV or JSON file of the portal's users whose columns have names; -ColumnMap says which column is what, as @{ Username = 'Login name' }.";
    FEDERATED_DOMAIN_UNKNOWN: InvalidArgument, "FederatedDomainUnknown",
        "The domain that was named as Practice Protect's is none of the tenant's.",
        "Name a domain that the tenant has, as the Microsoft 365 admin centre shows it under Settings > Domains.";
    CONNECTION_CLOSED: InvalidOperation, "ConnectionClosed",
        "The connection was closed, or belongs to another process.",
        "Connect again with Connect-PPTenant.";
    TOO_MANY_CONNECTIONS: LimitsExceeded, "TooManyConnections",
        "This process holds as many connections as it can.",
        "Close some with Disconnect-PPTenant.";
    NETWORK_FAILED: ConnectionError, "NetworkFailed",
        "A service could not be reached.",
        "Check the network, the proxy and the addresses; then run the command again: it takes up where it stopped.";
    SERVER_NOT_TRUSTED: SecurityError, "ServerNotTrusted",
        "The certificate of a service is not one that this computer trusts. Nothing was sent to it.",
        "Check this computer's clock. Where a proxy or firewall looks into TLS, have its root certificate put into the operating system's trust store.";
    PROXY_REFUSED: AuthenticationError, "ProxyRefused",
        "The proxy on the way wants a name and a password (407), or doesn't take those it is given. The service was not reached.",
        "Give them in the environment before the session starts, in HTTPS_PROXY=http://name:password@host:port, with each special character percent-encoded (@ is %40, : is %3A). They are sent by the method Basic; NTLM, Negotiate and Kerberos are not spoken: where the proxy takes these alone, have it let this computer pass, or go by a local proxy that speaks them.";
    TENANT_UNKNOWN: ObjectNotFound, "TenantUnknown",
        "The sign-in service doesn't know the tenant.",
        "Check the tenant's id or domain, and -Environment: a tenant lives in one cloud only.";
    TENANT_ELSEWHERE: InvalidArgument, "TenantInAnotherCloud",
        "The tenant of the domain lives in another cloud than the one that was asked.",
        "Connect again with the -Environment that the message names.";
    CLIENT_UNKNOWN: AuthenticationError, "ClientUnknown",
        "The tenant has no application with this client id.",
        "Check the client id and the tenant id. An application made moments ago can take a minute to be known: try again then. A multi-tenant application takes consent in each customer's tenant first: an administrator there opens https://login.microsoftonline.com/{tenant}/adminconsent?client_id={client id} (in another cloud at its address to sign in). For a client that people sign in with, New-PPSignInClient gives the link.";
    CLIENT_SECRET_WRONG: AuthenticationError, "ClientSecretWrong",
        "The client secret is wrong.",
        "Give the secret's text (value), not its id. A secret made moments ago can take a minute to be taken: try again then.";
    CLIENT_SECRET_EXPIRED: AuthenticationError, "ClientSecretExpired",
        "The client secret has expired.",
        "Make a new secret for the application you sign in with.";
    APPLICATION_DISABLED: AuthenticationError, "ApplicationDisabled",
        "The application you sign in with is disabled or deactivated.",
        "Enable it: Entra admin centre > Enterprise applications > Properties > Enabled for users to sign-in; where it was deactivated: App registrations > the application > Activate.";
    CERTIFICATE_UNREADABLE: InvalidArgument, "CertificateUnreadable",
        "The certificate can't be read, or comes without its private key.",
        "Give a PFX file, or a PEM file that holds the certificate and its unencrypted key, in PKCS#8 or PKCS#1.";
    CERTIFICATE_FILE_NOT_FOUND: ObjectNotFound, "CertificateFileNotFound",
        "There is no certificate file at the path that was given.",
        "Check -CertificatePath; a relative path starts at PowerShell's current location.";
    CERTIFICATE_PASSWORD_WRONG: AuthenticationError, "CertificatePasswordWrong",
        "The password doesn't open the certificate file.",
        "Give the file's own password with -CertificatePassword; leave it out where the file has none.";
    CERTIFICATE_UNFIT: InvalidArgument, "CertificateUnfit",
        "The certificate's key can't sign in.",
        "Use a certificate with an RSA key of 2048 to 4096 bits, registered with the application you sign in with.";
    CERTIFICATE_OUT_OF_DATE: AuthenticationError, "CertificateOutOfDate",
        "The certificate has expired or is not valid yet.",
        "Check this computer's clock; else make a new certificate and register it with the application you sign in with.";
    CERTIFICATE_NOT_FOUND: ObjectNotFound, "CertificateNotFound",
        "The Windows certificate store has no usable certificate of this thumbprint.",
        "Look with: Get-ChildItem Cert:\\CurrentUser\\My, Cert:\\LocalMachine\\My. The account needs the right to read the private key.";
    CERTIFICATE_STORE_UNAVAILABLE: InvalidOperation, "CertificateStoreUnavailable",
        "This system has no certificate store to find a thumbprint in.",
        "Use -CertificatePath with a PFX or PEM file.";
    CERTIFICATE_KEY_NOT_EXPORTABLE: InvalidArgument, "CertificateKeyNotExportable",
        "The private key of the certificate object is missing or can't be exported, and it is in no certificate store.",
        "Use -CertificateThumbprint on Windows, or -CertificatePath with the certificate's file.";
    ASSERTION_REFUSED: AuthenticationError, "AssertionRefused",
        "The sign-in service refused the signed assertion.",
        "Check that this very certificate is registered with the application and not expired there, and this computer's clock.";
    FEDERATED_TOKEN_UNAVAILABLE: ResourceUnavailable, "FederatedTokenUnavailable",
        "There is no federated token to sign in with.",
        "See about_PPFederation_SignIn for what the cluster or the pipeline must be set up with.";
    FEDERATION_NOT_TRUSTED: AuthenticationError, "FederationNotTrusted",
        "The application trusts no federated token of this issuer, subject and audience.",
        "Compare issuer, subject and audience with the application's federated credentials: Entra admin centre > App registrations > Certificates & secrets.";
    MANAGED_IDENTITY_UNAVAILABLE: ResourceUnavailable, "ManagedIdentityUnavailable",
        "There is no managed identity endpoint here.",
        "A managed identity works only on the Azure machine or service that has it. Elsewhere sign in with a certificate.";
    IDENTITY_NOT_ASSIGNED: ObjectNotFound, "IdentityNotAssigned",
        "This machine or service has no such managed identity.",
        "Switch its system-assigned identity on, or assign the user-assigned one and give its client id with -ClientId.";
    MANAGED_IDENTITY_REFUSED: AuthenticationError, "ManagedIdentityRefused",
        "The managed identity endpoint gave no token.",
        "Read its words above. An identity assigned moments ago can take some minutes to be known.";
    USER_REFUSED: AuthenticationError, "UserRefused",
        "The sign-in service refused the user: unknown in this tenant, disabled, locked, or the password is wrong or has expired.",
        "Read its words above; check the tenant id, and the user's sign-in logs in the Entra admin centre.";
    USER_NOT_ASSIGNED: AuthenticationError, "UserNotAssigned",
        "The application takes assigned users only, and this user is not assigned.",
        "Assign the user: Entra admin centre > Enterprise applications > Users and groups. Or sign in with a client of your own, which New-PPSignInClient makes.";
    CLIENT_MISCONFIGURED: AuthenticationError, "ClientMisconfigured",
        "The application's registration doesn't fit this way to sign in.",
        "Read the service's words above: the redirect address, public client flows, or the permissions of the registration are not as this sign-in needs them. For a person, New-PPSignInClient makes a client that fits, or gives its own what it lacks.";
    DEFAULT_CLIENT_REFUSED: AuthenticationError, "DefaultClientRefused",
        "The client that people sign in with by default, Microsoft's own Graph Command Line Tools, is not for this tenant, cloud or tool.",
        "Sign in with a client of your own, by -ClientId or $env:PPFEDERATION_CLIENT_ID: New-PPSignInClient makes it, on a connection by -AccessToken or of an application; or make it in the portal, as about_PPFederation_SignIn tells.";
    SIGN_IN_BUSY: ResourceUnavailable, "SignInBusy",
        "The sign-in service can't answer now, or asks this client to slow down.",
        "Wait some minutes and connect again.";
    SIGN_IN_REFUSED: AuthenticationError, "SignInRefused",
        "The sign-in service refused.",
        "Read its words above; the AADSTS number leads to Microsoft's explanation.";
    CONDITIONAL_ACCESS: AuthenticationError, "ConditionalAccess",
        "A Conditional Access policy or the security defaults refused the sign-in.",
        "Ask whoever keeps the tenant's policies; trying again doesn't help. Where the policy is about the code of -DeviceCode, the browser on this machine (-Interactive) passes it.";
    FLOW_BLOCKED: AuthenticationError, "FlowBlocked",
        "A policy of the tenant blocks sign-ins by a device code, and sessions that were begun with one.",
        "Sign in again, not by device code: with the browser on this machine, Connect-PPTenant without -DeviceCode. Or as an application.";
    DEVICE_NOT_ACCEPTED: AuthenticationError, "DeviceNotAccepted",
        "A policy of the tenant takes sign-ins of certain devices, apps or device-bound tokens only.",
        "Where the device must be compliant or joined: -Interactive on such a device, in a browser that shows that. Where the token must be bound to it, no person's sign-in of this module passes: sign in as an application, or have the policy leave this client out.";
    USER_AT_RISK: AuthenticationError, "UserAtRisk",
        "The sign-in or the account counts as risky.",
        "The risk is resolved where the account is at home: have an administrator there look at Risky users, then sign in again.";
    USER_NOT_IN_TENANT: AuthenticationError, "UserNotInTenant",
        "This account isn't let into that tenant.",
        "Check -TenantId and the account. A partner needs an active delegated administration (GDAP) relationship, the security group of its role assignment, and the role; a guest needs an invitation.";
    RESOURCE_DISABLED: AuthenticationError, "ResourceDisabled",
        "The service principal of what is asked for, Microsoft Graph or the vault's, is switched off in this tenant or missing there.",
        "Enable it: Entra admin centre > Enterprise applications > All applications > Properties > Enabled for users to sign-in. Where it is missing, check -Environment and the addresses; else an administrator makes it in Microsoft Graph PowerShell: New-MgServicePrincipal -AppId, for Microsoft Graph 00000003-0000-0000-c000-000000000000.";
    SCOPE_UNKNOWN: AuthenticationError, "ScopeUnknown",
        "A permission that is asked for is unknown in this cloud or tenant.",
        "Ask for less with -Step, or sign in with a client of your own (-ClientId) that has the permissions this cloud knows.";
    CONSENT_MISSING: AuthenticationError, "ConsentMissing",
        "The tenant has not consented to what this client asks for, and the person may not.",
        "Have an administrator consent, or sign in as one; ask for less with -Step.";
    SIGN_IN_DECLINED: AuthenticationError, "SignInDeclined",
        "The sign-in was cancelled or declined by the person.",
        "Run Connect-PPTenant again and sign in.";
    SIGN_IN_TIMED_OUT: OperationTimeout, "SignInTimedOut",
        "Nobody signed in before the time was over.",
        "Run Connect-PPTenant again. In the browser, -TimeoutSec gives more time; where it showed an error with an AADSTS number, that is the cause: with 50011, 65002 or 700016 the client, and New-PPSignInClient makes one of your own. A job that nobody watches signs in as an application: about_PPFederation_SignIn.";
    SIGN_IN_AGAIN: AuthenticationError, "SignInAgain",
        "The sign-in has ended, or wants the person to be there again.",
        "Sign in again with Connect-PPTenant, in the same session: the sign-in then carries what Microsoft Graph has asked for. What was done is kept: run the command again.";
    MORE_FACTORS: AuthenticationError, "MoreFactorsWanted",
        "A policy wants the person to show more, as by multi-factor authentication, or to register for it first.",
        "Sign in again with the browser, Connect-PPTenant -Interactive, in the same session: the sign-in then carries what Microsoft Graph has asked for, and can ask for what the policy wants; whoever has not registered yet does so at https://aka.ms/mysecurityinfo first. What was done is kept: run the command again.";
    SIGN_IN_IMPOSSIBLE: ResourceUnavailable, "SignInImpossible",
        "This computer can't do what this kind of sign-in takes.",
        "Use another kind: -DeviceCode needs nothing of this computer. Where a policy blocks codes, sign in from another computer, or as an application.";
    TOKEN_UNFIT: AuthenticationError, "TokenUnfit",
        "The access token is for another tenant or service, has ended, or can't be read.",
        "Get a fresh token for Microsoft Graph in this tenant and connect again.";
    PERMISSION_MISSING: PermissionDenied, "PermissionMissing",
        "The sign-in lacks a permission that a step needs.",
        "Grant the permission to the application you sign in with, with admin consent, and connect again: only a new token carries it.";
    TOKEN_OUTDATED: PermissionDenied, "TokenOutdated",
        "The token lacks a permission that a step needs, and is so old that the permission may have been granted since.",
        "Connect again: only a new token carries what was granted; if that one lacks it too, grant it. With -AccessToken give a fresh one. The token of a managed identity is kept by Azure for up to 24 hours and can't be had anew before its end: wait, or sign in otherwise until then.";
    ROLE_NOT_ACTIVE: PermissionDenied, "DirectoryRoleNotActive",
        "The token has the permission, but its person holds none of the directory roles that let use it, or holds one that isn't active.",
        "If the role is an eligible one (Privileged Identity Management), activate it; else have it assigned: to a partner's person by the customer's delegated administration (GDAP), whose relationship has to have it and give it to their security group. Then connect again: only a new token shows it.";
    LICENCE_MISSING: PermissionDenied, "LicenceMissing",
        "The tenant has no licence for what was asked for.",
        "Nothing that the sign-in holds changes that. Leave out with -Skip the step that needs it, or license the tenant.";
    ACCESS_DENIED: PermissionDenied, "AccessDenied",
        "Microsoft Graph refused the call.",
        "Check the permissions and roles of the sign-in: what its token shows of them is above. After a grant made moments ago, connect again.";
    LOOK_UP_FAILED: ResourceUnavailable, "LookUpFailed",
        "Something could not be read, so nothing was planned on it.",
        "Read the reason above; run the command again.";
    APP_NOT_FOUND: ObjectNotFound, "AppNotFound",
        "The tenant has no such application.",
        "Make it with New-PPFederationApp or Invoke-PPRunbook; check -DisplayName, -AppId and -ObjectId.";
    APP_NOT_MEANT: ObjectNotFound, "AppNotMeant",
        "This module's application in the tenant is another one than the name or the id that was given.",
        "Leave that parameter out to go on with the application that is there, which is never renamed; what reads or removes takes another one with -Adopt.";
    SIGN_IN_CLIENT_NOT_FOUND: ObjectNotFound, "SignInClientNotFound",
        "The tenant has no client for people to sign in with that New-PPSignInClient made.",
        "Make one with New-PPSignInClient. One that was made by hand is removed in the portal, under App registrations.";
    APP_NOT_ADOPTED: ResourceExists, "AppNotAdopted",
        "An application of this name exists that this module did not make.",
        "If it is the one for Practice Protect, run again with -Adopt: what it has is kept. Otherwise give another -DisplayName.";
    APP_AMBIGUOUS: ResourceExists, "AppAmbiguous",
        "Several applications could be meant.",
        "Choose one with -AppId or -ObjectId. Check first which of them Practice Protect uses, and delete what is not needed.";
    APPLICATION_DELETED: ResourceExists, "ApplicationDeleted",
        "A deleted application of this module keeps its unique name for 30 days, so that no other can be made with it. Nothing was written.",
        "Say what becomes of it: -DeletedApp Restore brings it back with its ids and client secrets, Purge deletes it for good and makes another, Ignore makes another beside it, found by its tag.";
    SERVICE_PRINCIPAL_DELETED: ResourceExists, "ServicePrincipalDeleted",
        "The application's service principal (its enterprise application) was deleted, and can be restored for 30 days. No new one was made in its place.",
        "Restore-PPFederationApp brings it back, with its object id and what was assigned to it, and so does -DeletedApp Restore. -DeletedApp Ignore makes a new one, and what was assigned to the deleted one is lost.";
    NOTHING_TO_RESTORE: ObjectNotFound, "NothingToRestore",
        "The tenant has no deleted application of this module, or none with this id.",
        "Look with Get-PPFederationStatus; what was deleted more than 30 days ago is gone: New-PPFederationApp makes another.";
    DELETED_AMBIGUOUS: ResourceExists, "DeletedAppAmbiguous",
        "Several deleted applications could be restored.",
        "Name one of those listed: Restore-PPFederationApp -AppId or -ObjectId.";
    NOT_PURGED: InvalidOperation, "DeletedAppChanged",
        "What was to be deleted for good is no longer what the plan was made of. It was left alone.",
        "Run again: the tenant is read anew.";
    NAME_TAKEN: ResourceExists, "ApplicationNameTaken",
        "Microsoft Graph refuses the application, new or restored, as there already, and no look shows what is in its way.",
        "If somebody made, restored or deleted one moments ago, run again in some minutes. Else look in Entra admin centre > App registrations > Deleted applications, and say with -DeletedApp what becomes of it; Ignore makes another beside it.";
    SERVICE_PRINCIPAL_TAKEN: ResourceExists, "ServicePrincipalTaken",
        "Microsoft Graph refuses the application's service principal as there already, and no look shows one.",
        "If somebody made, restored or deleted it moments ago, run again in some minutes. Else look for it in Entra admin centre > Enterprise applications > All applications, by the application's id, and whether this sign-in may see it; a deleted one is restored by Restore-PPFederationApp.";
    PLAN_NOT_READABLE: ObjectNotFound, "PlanNotReadable",
        "The file of the plan is not there, or can't be read.",
        "Give as -Plan the path of a file that Get-PPPlan -Path has written.";
    PLAN_ALTERED: SecurityError, "PlanAltered",
        "The file of the plan is not what Get-PPPlan wrote: it was changed or cut, is something else, or its SHA-256 is not the one that was given.",
        "Nothing was written. Take the file that was approved, or make and approve another plan with Get-PPPlan -Path.";
    PLAN_OF_ANOTHER_TENANT: InvalidArgument, "PlanOfAnotherTenant",
        "The plan was made for another tenant than that of the connection.",
        "Nothing was written. Connect to the tenant that the plan names, or give the plan of this one.";
    PLAN_OF_ANOTHER_SCHEMA: InvalidArgument, "PlanOfAnotherSchema",
        "The plan was written by a version of the module whose plans have another form.",
        "Nothing was written. Carry it out with the version that it names, or make another plan with Get-PPPlan -Path.";
    PLAN_MOVED: InvalidOperation, "PlanMoved",
        "The tenant has moved since the plan was made, in what its changes build on.",
        "See what has moved, and make another plan with Get-PPPlan -Path: it holds what is left to change.";
    PERMANENT_DELETION_REFUSED: PermissionDenied, "PermanentDeletionRefused",
        "The tenant doesn't let this sign-in delete for good what was deleted.",
        "It takes the role Application Administrator or Cloud Application Administrator. A tenant can guard it as a protected action, which asks for a stronger sign-in: a person deletes it for good in the Entra admin center under App registrations > Deleted applications, or leaves it: it goes by itself after 30 days.";
    PLAN_FILE_EXISTS: ResourceExists, "PlanFileExists",
        "The file that the plan was to be written to is there already.",
        "Give another -Path, or -Force to overwrite it.";
    PLAN_FILE_NOT_WRITABLE: InvalidOperation, "PlanFileNotWritable",
        "The file that the plan was to be written to can't be written.",
        "Give a -Path in a folder that exists and that you may write to.";
    REPORT_FORMAT_UNKNOWN: InvalidArgument, "ReportFormatUnknown",
        "The file's name doesn't say what the report is to be.",
        "Give a -Path that ends in .html, .csv or .json, or -Format Html, Csv or Json.";
    REPORT_ROW_INVALID: InvalidArgument, "ReportRowInvalid",
        "What was piped is no row of a comparison of attributes.",
        "Pipe what Compare-PPAttribute gives, whole: Where-Object and Sort-Object may stand between, not Select-Object with fewer properties.";
    REPORT_FILE_EXISTS: ResourceExists, "ReportFileExists",
        "The file that the report was to be written to is there already.",
        "Give another -Path, or -Force to overwrite it.";
    REPORT_FILE_NOT_WRITABLE: InvalidOperation, "ReportFileNotWritable",
        "The file that the report was to be written to can't be written. Nothing of it is left.",
        "Give a -Path in a folder that exists, that you may write to, and whose disk has room for the report twice.";
    BACKUP_EXISTS: ResourceExists, "BackupFileExists",
        "The file that the attributes were to be written to is there already.",
        "Give another -Path, or -Force to overwrite it.";
    BACKUP_NOT_WRITABLE: InvalidOperation, "BackupFileNotWritable",
        "The file that the attributes are written to can't be written, or can't be written any more: the disk may be full.",
        "Give a -Path in a folder that exists and that you may write to, or make room. Running Export-PPAttributeBackup again within a day with the same -Path and without -Force goes on where it stopped.";
    BACKUP_IN_THE_WAY: ResourceExists, "BackupUnfinishedOfAnother",
        "Beside the path lies a backup that was not finished, and it is of another tenant, of a version with other attributes, another user's file, altered, being written, or something else.",
        "Give another -Path, or -Force to begin anew: what lies there is kept, with a number behind its name.";
    BACKUP_NOT_READABLE: ObjectNotFound, "BackupNotReadable",
        "The file of the backup is not there, or can't be read.",
        "Give a file that Export-PPAttributeBackup has written.";
    BACKUP_ALTERED: SecurityError, "BackupAltered",
        "The file is not what Export-PPAttributeBackup wrote: it was changed or cut, was not finished, or is something else.",
        "Nothing was written. Give another backup. One that was not finished is finished by running Export-PPAttributeBackup again within a day with the same -Path: who is in it stays as before, who isn't is read now. Where users were provisioned since, keep the file in any case: the values before are in it alone.";
    BACKUP_OF_ANOTHER_TENANT: InvalidArgument, "BackupOfAnotherTenant",
        "The backup is of another tenant than that of the connection.",
        "Nothing was written. Connect to the tenant that the backup names, or give the backup of this one.";
    TEMPORARY_FILE_NOT_WRITABLE: InvalidOperation, "TemporaryFileNotWritable",
        "Users that are being compared, or rows that wait for their report, can't be kept in a file: the disk for temporary files may be full.",
        "A million users take some 300 MB. Make room there, or name another folder in the environment variable TMPDIR (TMP in Windows), and run it again.";
    USER_NOT_IN_BACKUP: ObjectNotFound, "UserNotInBackup",
        "The backup has no user of this name or object id.",
        "Give a name as it was when the backup was made, or the object id, which never changes.";
    ATTRIBUTE_UNKNOWN: InvalidArgument, "AttributeUnknown",
        "An attribute is named that isn't one of those that can be restored.",
        "Name displayName, usageLocation, mail, userPrincipalName or onPremisesImmutableId, or leave -Attribute out.";
    ATTRIBUTE_NOT_RESTORED: InvalidOperation, "AttributeNotRestored",
        "The service refused to put back attributes of a user, or could not be reached.",
        "The message names the user by its object id; the rows say which attributes. Running Restore-PPAttribute again takes up what is missing.";
    LOG_EXISTS: ResourceExists, "LogFileExists",
        "The file that the log was to be written to is there already.",
        "Give another -LogPath, or -Force to overwrite it.";
    LOG_NOT_WRITABLE: InvalidOperation, "LogFileNotWritable",
        "The file that the log was to be written to can't be written.",
        "Give a -LogPath in a folder that exists and that you may write to.";
    SINK_INVALID: InvalidArgument, "SecretSinkInvalid",
        "The parameters of a secret's sink contradict each other, or one is missing.",
        "Give -VaultUri (and -SecretName) with KeyVault; -RecipientCertificate and -Path with SealedFile; none of them with a script block.";
    VAULT_URI_INVALID: InvalidArgument, "VaultUriInvalid",
        "The address is not that of a key vault in the connection's cloud.",
        "Give the vault's URI, for example https://contoso.vault.azure.net, without the name of a secret.";
    VAULT_FOREIGN: SecurityError, "VaultForeign",
        "What answers at the vault's address is no vault, or a vault of another tenant. No token was sent to it.",
        "Check the vault's address and the connection's tenant: the vault must belong to the tenant that you signed in to.";
    VAULT_NOT_FOUND: ObjectNotFound, "VaultNotFound",
        "Nothing answers at the vault's address.",
        "Check the vault's name: one that does not exist has no address. Where it exists, the network may keep this machine from it.";
    VAULT_REFUSED: PermissionDenied, "VaultRefused",
        "The key vault refused.",
        "Give the sign-in the role Key Vault Secrets Officer on the vault (Key Vault Secrets User where it only reads), or the secret permissions Get and, to write, Set in its access policy; ForbiddenByFirewall means that the vault's network rules keep this machine out.";
    VAULT_SECRET_TAKEN: ResourceExists, "VaultSecretTaken",
        "The name in the vault belongs to another secret, or to a deleted one.",
        "Give another -SecretName; or -Force to add a version to a secret of somebody else's; or purge or recover the deleted one.";
    VAULT_SECRET_NOT_FOUND: ObjectNotFound, "VaultSecretNotFound",
        "The vault has no secret of the name that a tenant's client secret should have.",
        "Check -ClientSecretName with the names in the vault; put the secret there, or recover one that was deleted.";
    VAULT_SECRET_DISABLED: InvalidOperation, "VaultSecretDisabled",
        "The newest version of a tenant's client secret in the vault is disabled.",
        "Enable that version in the vault, or put a new one there.";
    VAULT_SECRET_OUT_OF_DATE: InvalidOperation, "VaultSecretOutOfDate",
        "A tenant's client secret in the vault has ended, or does not begin until later.",
        "Make a new client secret for that application and put it into the vault; or, where only the vault's dates are wrong, correct them.";
    VAULT_FAILED: ResourceUnavailable, "VaultFailed",
        "The key vault did not answer as it should.",
        "Check the vault's address, the network and the vault's health, and run the command again.";
    LEDGER_NOT_READABLE: ObjectNotFound, "LedgerNotReadable",
        "The ledger's file is not there, or can't be read.",
        "Give as -Ledger a file that Invoke-PPFleet has written, or the address of a ledger in Azure Blob Storage.";
    LEDGER_NOT_WRITABLE: InvalidOperation, "LedgerNotWritable",
        "The ledger can't be made, or takes no line any more: the disk may be full.",
        "Give a -Ledger in a folder that exists, that you may write to and whose file system has locks, or make room; then run the same command again: what is open is taken up.";
    LEDGER_IN_USE: ResourceUnavailable, "LedgerInUse",
        "The ledger's file is open: in another process, since a file is one process's at a time, or in a fleet of this session that was stopped a moment ago and is still ending.",
        "Wait until that ends: a fleet that was stopped may still look for a client secret, for a minute. Several processes or machines share a ledger in Azure Blob Storage: -Ledger https://ACCOUNT.blob.core.windows.net/CONTAINER/NAME.";
    NOT_A_LEDGER: InvalidData, "NotALedger",
        "What lies at the ledger's place is something else: a folder, a link, another file, or no Azure Blob Storage.",
        "Give another -Ledger. Nothing was changed.";
    LEDGER_DAMAGED: InvalidData, "LedgerDamaged",
        "A line of the ledger can't be read, and it is not the last, which a machine that stops may tear. Somebody changed it, or the disk lost it.",
        "Look at the line that the message names, and take the file or the blob from a backup. It may say that a secret was asked for: it is never passed over. Nothing was changed.";
    LEDGER_OF_LATER_VERSION: InvalidData, "LedgerOfLaterVersion",
        "A later version of PPFederation has written to the ledger what this one doesn't know.",
        "Install a later version of the module, as README says; all who share the ledger need it. Nothing was changed.";
    LEDGER_ADDRESS_INVALID: InvalidArgument, "LedgerAddressInvalid",
        "The address is not one at which a ledger can lie.",
        "Give -Ledger https://ACCOUNT.blob.core.windows.net/CONTAINER/NAME, and a shared access signature apart from it, as -LedgerSas.";
    LEDGER_SAS_INVALID: InvalidArgument, "LedgerSasInvalid",
        "What was given as a shared access signature is none, has ended, or there is nothing that it could be for.",
        "Give what follows the question mark, as sv=...&sig=..., as a SecureString, with a -Ledger that is an address.";
    LEDGER_CONTAINER_NOT_FOUND: ObjectNotFound, "LedgerContainerNotFound",
        "The container that the ledger's address names is not there. It is never made by this module.",
        "Check -Ledger, or make the container, as by: az storage container create --account-name ACCOUNT --name CONTAINER --auth-mode login.";
    LEDGER_DENIED: PermissionDenied, "LedgerDenied",
        "Azure Blob Storage lets this sign-in or signature not read or write the ledger.",
        "Give the sign-in the role Storage Blob Data Contributor on the container; a -LedgerSas needs the permissions racwl and has to be within its dates; the account's firewall has to let this machine in.";
    LEDGER_BUSY: ResourceUnavailable, "LedgerBusy",
        "Azure Blob Storage was busy for longer than a command waits for a ledger.",
        "Run the same command again later.";
    LEDGER_REFUSED: InvalidOperation, "LedgerRefused",
        "Azure Blob Storage refused.",
        "Its words are in the message: look at the storage account and the container.";
    LEASE_ENDING: OperationStopped, "LeaseEnding",
        "The lease on the tenant could not be renewed, and less of it is left than a request may take: nothing was begun.",
        "Look whether the ledger's storage account can be reached. Then run the same command again: what is open is taken up.";
    LEASE_LOST: OperationStopped, "LeaseLost",
        "The lease on the tenant is gone: another worker may be at work in it. Nothing more was written to it.",
        "Nothing is to be done while another worker has the tenant. Otherwise run the same command again: what is open is taken up.";
    RECIPIENT_INVALID: InvalidArgument, "RecipientCertificateInvalid",
        "The recipient's certificate can't be used to seal a secret.",
        "Give an X.509 certificate (PEM or DER) that is valid now, with an RSA key of 2048 bits at least and key encipherment allowed.";
    FILE_EXISTS: ResourceExists, "SealedFileExists",
        "The file that the secret was to be sealed into is there already.",
        "Give another -Path, or -Force to overwrite it.";
    FILE_NOT_WRITABLE: InvalidOperation, "SealedFileNotWritable",
        "The file that the secret was to be sealed into can't be written.",
        "Give a -Path in a folder that exists and that you may write to.";
    SECRET_NOT_PLACED: ResourceUnavailable, "SecretNotPlaced",
        "The client secret was made, but its sink did not take it.",
        "This session holds it until it is claimed: Get-PPClientSecret -Unclaimed gives it, Save-PPClientSecret puts it in place. Whoever enters it by hand says so with Update-PPClientSecret -Complete -KeyId. Or remove it with Remove-PPClientSecret and the key id above, and make another.";
    SECRET_PLACE_UNKNOWN: InvalidOperation, "SecretPlaceUnknown",
        "A client secret works, none is known to be in place, and a new one was to be made only if it is due.",
        "If it is in use, as entered in the portal by hand, say so: Update-PPClientSecret -Complete -KeyId and its key id. If nobody has it, Remove-PPClientSecret -Force -KeyId removes it, and the next run makes another. Update-PPClientSecret without -RenewWithinDays makes another in any case; the older ones then go after the overlap.";
    APP_ID_INVALID: InvalidArgument, "AppIdInvalid",
        "An application's id that was given is not a GUID.",
        "Give the ids that Get-PPFederationApp shows, or those of the application's page in the Entra portal.";
    KEY_ID_INVALID: InvalidArgument, "KeyIdInvalid",
        "The key id of a client secret is not a GUID.",
        "Give the KeyId that Get-PPClientSecret lists, not the secret's text or name.";
    SECRET_NOT_FOUND: ObjectNotFound, "SecretNotFound",
        "The application has no client secret with this key id.",
        "List them with Get-PPClientSecret. It may be another tenant's or application's, or gone already.";
    SECRET_NOT_HELD: ObjectNotFound, "SecretNotHeld",
        "This session holds no unclaimed client secret of this key id for this tenant and application.",
        "List those it holds with Get-PPClientSecret -Unclaimed. The text of any other can't be read again: make another secret with New-PPClientSecret -NewSecret.";
    SEVERAL_UNCLAIMED: InvalidArgument, "SeveralUnclaimed",
        "This session holds several unclaimed client secrets of this tenant, and none was chosen.",
        "Choose one with -KeyId. Get-PPClientSecret -Unclaimed lists them, and can be piped.";
    LAST_SECRET: InvalidOperation, "LastSecret",
        "It is the last client secret that works: whoever signs in with it would be locked out.",
        "Make another with New-PPClientSecret -NewSecret and put it in place first, or remove this one with -Force.";
    SECRETS_FORBIDDEN: SecurityError, "SecretsForbiddenByPolicy",
        "An app management policy forbids client secrets: the tenant's, or the application's own.",
        "Practice Protect needs one. Three moves. First: Invoke-PPRunbook -Skip ClientSecret, DirSync. Then whoever keeps the policy exempts that application by a policy of its own, in Microsoft Graph PowerShell: $own = New-MgPolicyAppManagementPolicy -DisplayName 'Practice Protect' -IsEnabled -Restrictions @{passwordCredentials = @(@{restrictionType = 'passwordAddition'; state = 'disabled'}, @{restrictionType = 'passwordLifetime'; state = 'disabled'})}; $graph = (Get-MgEnvironment -Name (Get-MgContext).Environment).GraphEndpoint; New-MgApplicationAppManagementPolicyByRef -ApplicationId (Get-PPFederationApp).ObjectId -OdataId \"$graph/v1.0/policies/appManagementPolicies/$($own.Id)\". Last: Invoke-PPRunbook, which does the rest. Where a limit of lifetimes is to stay, leave out passwordLifetime, and give -ClientSecretLifetime a duration within the limit, as P180D. An application has one policy of its own at most: where it has one, change that.";
    LIFETIME_FORBIDDEN: SecurityError, "LifetimeForbiddenByPolicy",
        "An app management policy caps the lifetime of client secrets: the tenant's, or the application's own.",
        "Use -ClientSecretLifetime Longest, or a duration within the policy, as -ClientSecretLifetime P180D: where the policy can't be read from here, only a duration does. The secret must then be renewed in time.";
    LOCK_NOT_OFFERED: InvalidOperation, "CredentialLockNotOffered",
        "This cloud doesn't know the lock of a service principal's credentials.",
        "Run it again without -LockCredentials: all else is the same. Whoever may change applications there can then add a credential to the service principal; Get-PPClientSecret shows those of the application only, so look at the service principal now and then.";
    REFUSED_BY_POLICY: SecurityError, "RefusedByPolicy",
        "A policy of the tenant refused a call.",
        "Ask whoever keeps the tenant's policies; then run the command again: it takes up where it stopped.";
    SERVICE_REFUSED: InvalidOperation, "ServiceRefused",
        "Microsoft Graph refused a call for a reason that waiting doesn't cure.",
        "Read its words above. The request id is what Microsoft's support asks for.";
    SERVICE_UNREADABLE: InvalidResult, "ServiceUnreadable",
        "An answer is not what the service's contract says.",
        "A proxy may have answered in its place. Check the network and run the command again.";
    LIST_ENDLESS: InvalidResult, "ListEndless",
        "A list of Microsoft Graph leads back to a page that was read already, so it has no end.",
        "Run the command again. If it stays, report it to Microsoft's support: the list can't be read whole.";
    NOT_CONVERGED: ResourceUnavailable, "NotConverged",
        "The retry budget was spent before the tenant showed all that was written.",
        "Wait some minutes and run the command again: it takes up where it stopped and makes nothing twice.";
    DIR_SYNC_ON: InvalidOperation, "DirSyncIsOn",
        "Directory synchronization is on.",
        "Switch it off with Disable-PPDirSync first.";
    DIR_SYNC_ON_AGAIN: InvalidOperation, "DirSyncIsOnAgain",
        "Directory synchronization was switched off, and is on again.",
        "A synchronization client or an administrator has switched it on. Uninstall Entra Connect, or switch Cloud Sync off, then run Disable-PPDirSync again; Get-PPDirSync says when a client last reported.";
    DIR_SYNC_WAIT_TIMED_OUT: OperationTimeout, "DirSyncWaitTimedOut",
        "Directory synchronization was not off by the end of the wait.",
        "It can take up to 72 hours and goes on without this module. Wait again later with Wait-PPDirSync. Where it takes longer, Get-PPDirSync names objects that are left, for a support case with Microsoft.";
    DEMO_FAILED: ResourceUnavailable, "DemoFailed",
        "The demo tenant could not be started, or this library was built without it.",
        "Check that programs may listen on loopback.";
    // Those with which Import-Module ends; their messages say what to do too.
    LANGUAGE_CONSTRAINED: PermissionDenied, "LanguageModeConstrained",
        "PowerShell's language mode, as App Control (WDAC) or another policy sets it, keeps the module from working.",
        "Have the module signed by a publisher that the policy trusts, or its folder allowed in the policy.";
    PROCESS_UNFIT: InvalidOperation, "ProcessUnfit",
        "The module can't work in this process: 32 bits, musl in place of glibc, an old .NET Framework, or a system without a library.",
        "Use a 64-bit PowerShell on Windows, macOS or a Linux with glibc 2.34 or later; in Windows PowerShell, .NET Framework 4.7.2 or later.";
    LIBRARY_BLOCKED: PermissionDenied, "LibraryBlocked",
        "The system keeps a file of the module from being loaded: the mark of the web, a policy, or a file system from which no program may run.",
        "Unblock the files with Unblock-File, have them allowed in the policy, or move the module to a folder from which programs may run.";
    MODULE_INCOMPLETE: ObjectNotFound, "ModuleIncomplete",
        "A part of the module is missing, can't be loaded or is of another version.",
        "Install the module again, and import it in a new session.";
    MODULE_LOADED_ELSEWHERE: ResourceExists, "ModuleLoadedElsewhere",
        "The session has loaded the module from another folder, and a process can hold one copy only.",
        "Open a new session.";
    WRITE_WITHHELD: OperationStopped, "WriteWithheld",
        "A change was not begun: the fleet's ledger can't be written, or holds the tenant for this worker no longer.",
        "Look whether the ledger can be reached and written to. Then run the same command again: what is open is taken up.";
    FLEET_EMPTY: InvalidArgument, "FleetEmpty",
        "A fleet has no tenants.",
        "Give -TenantId or -TenantPath, or pipe objects with the property TenantId, as from Import-Csv.";
    FLEET_LIST_INVALID: InvalidData, "FleetListInvalid",
        "The list of a fleet's tenants can't be taken: a row without a tenant, one that is there twice, or one with an Environment that there isn't.",
        "Give each tenant one row with the column TenantId, an id or a domain. Nothing was begun.";
    FLEET_OPTION_INVALID: InvalidArgument, "FleetOptionInvalid",
        "An option of a fleet can't be taken as it is given.",
        "The message says what is wrong with it. Nothing was begun.";
    FLEET_NEEDS_SINK: InvalidArgument, "FleetNeedsSink",
        "A fleet would make client secrets, and nothing says where they go.",
        "Give -SecretSink KeyVault with -VaultUri, or -SecretSink SealedFile with -RecipientCertificate and a -Path in which {TenantId} stands; or leave the step out with -Skip ClientSecret.";
    FLEET_SIGN_IN_MISSING: AuthenticationError, "FleetSignInMissing",
        "Nothing says how to sign in to a tenant of a fleet.",
        "Give one of the sign-ins of Connect-PPTenant, as -ClientId with -CertificatePath; a ClientSecret with each tenant; or a ClientId with -ClientSecretVaultUri and -ClientSecretName.";
    FLEET_TENANT_FAILED: OperationStopped, "FleetTenantFailed",
        "A tenant of a fleet came to no good end, without an error of its own.",
        "Look at the row's Detail and Warnings, then run the same command again.";
    // Those that the module itself reports, and the refusals of the C ABI, which the bridge reports by their names.
    NOT_CONNECTED: ConnectionError, "NotConnected",
        "There is no connection to a tenant in this session.",
        "Run Connect-PPTenant first, or pass -Connection.";
    NO_CONNECTION_CHOSEN: InvalidOperation, "NoConnectionChosen",
        "Connections are open, and none of them is chosen: the last Connect-PPTenant failed, or the chosen one was closed.",
        "Choose one with Select-PPConnection, or pass -Connection.";
    CONNECTION_NOT_FOUND: ObjectNotFound, "ConnectionNotFound",
        "No open connection of this session is to that tenant.",
        "List those there are with Get-PPConnection -ListAvailable; open another with Connect-PPTenant.";
    CONNECTION_AMBIGUOUS: InvalidArgument, "ConnectionAmbiguous",
        "Several open connections of this session could be meant.",
        "Pipe the one that you mean to Select-PPConnection: Get-PPConnection -ListAvailable lists them.";
    CONNECTION_OF_ANOTHER: InvalidArgument, "ConnectionOfAnother",
        "A row of one tenant was given with the connection to another.",
        "Leave -Connection out: what is piped goes to the connection of its own tenant.";
    NOT_A_CONNECTION: InvalidArgument, "NotAConnection",
        "What was given as -Connection is none.",
        "Pass one object that Connect-PPTenant returned; to use several, pipe them.";
    REPORT_INCOMPLETE: InvalidOperation, "ReportIncomplete",
        "A comparison failed while its rows were being put into a report. Nothing was written.",
        "See the error of Compare-PPAttribute. Compare that tenant once more, or leave its connection out.";
    CANNOT_ASK: InvalidOperation, "CannotAsk",
        "A confirmation can't be asked for: nobody is at the keyboard.",
        "Nothing was changed, unless the error says what was. Look at the plan with -WhatIf, then run it unattended with -Confirm:$false.";
    CANCELLED: OperationStopped, "Cancelled",
        "Something other than the cmdlet itself ended its work.",
        "Run the same command again: it takes up what is missing.";
    NO_SCREEN: InvalidOperation, "NoScreen",
        "There is no screen to show a client secret on: output or input is redirected, or the host has no console.",
        "Run it at a console, or send the secret where it belongs with -SecretSink.";
    INVALID_TEXT: InvalidOperation, "InvalidText",
        "A text that was given is not Unicode.",
        "Look for half of a surrogate pair in it, as a cut text has at its end.";
    BAD_REQUEST: InvalidOperation, "BadRequest",
        "The module and its library disagree about a request.",
        "Install the module again. If that doesn't help, report what you ran.";
    BUSY: InvalidOperation, "Busy",
        "64 commands run in this process at once, or two read one's results.",
        "Run fewer at a time.";
    BAD_LENGTH: InvalidOperation, "BadLength",
        "The request is longer than 16 MiB.",
        "Give less at once.";
    BAD_HANDLE: InvalidOperation, "BadHandle",
        "The command's work is over, or belongs to another process.",
        "Run the command again.";
    BAD_UTF8: InvalidOperation, "BadUtf8",
        "The request is not UTF-8: a bug of the module.",
        "Report what you ran.";
    NULL_POINTER: InvalidOperation, "NullPointer",
        "A pointer was missing: a bug of the module.",
        "Report what you ran.";
    PANIC: InvalidOperation, "Panic",
        "The library met a bug of its own and caught it.",
        "Report what you ran. Run the command again: it takes up where it stopped.";
}
