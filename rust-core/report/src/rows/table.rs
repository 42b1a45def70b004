//! The rows that leave a cmdlet, by name.
#![expect(clippy::doc_markdown, reason = "the texts are those of the classes too, which have other marks")]

use std::time::Duration;

use time::OffsetDateTime;

use super::{InSession, People, Person, Secret, StepColumns, Tenant, rows};

rows! {
    /// The application, and its new client secret where one was made.
    App {
        /// Whose it is.
        tenant: Tenant => "Tenant",
        /// The application (client) id.
        app_id: String => "AppId",
        /// The application's object id.
        object_id: String => "ObjectId",
        /// The object id of its service principal.
        service_principal_id: Option<String> => "ServicePrincipalId",
        /// Its display name.
        display_name: Option<String> => "DisplayName",
        /// The key id of the secret that was made.
        secret_id: Option<String> => "SecretId",
        /// When that secret ends.
        secret_end: Option<OffsetDateTime> => "SecretEndDateTime",
        /// The secret's text, where it didn't go into a sink.
        secret: Secret => "ClientSecret",
        /// The sink that has it: KeyVault, SealedFile or ScriptBlock.
        secret_sink: Option<&'static str> => "SecretSink",
        /// Where in the sink it is.
        secret_location: Option<String> => "SecretLocation",
    }

    /// A backup of the attributes of a tenant's users.
    AttributeBackup {
        /// Whose it is.
        tenant: Tenant => "Tenant",
        /// The file.
        path: String => "Path",
        /// How many lines of users are in it: one who changed while it was written may be there twice.
        users: u64 => "Users",
        /// When it was begun, by the service's time.
        time: OffsetDateTime => "Time",
        /// Of how many users it took up a backup that was stopped; 0 for none.
        taken_up: u64 => "TakenUp",
        /// SHA-256 of the file, as Get-FileHash shows it.
        hash: String => "Hash",
    }

    /// What Practice Protect will write to one attribute of one user.
    AttributeDifference of people {
        /// Whose it is.
        tenant: Tenant => "Tenant",
        /// LockedOut, Unknown, Renamed, Changed or Equal.
        severity: &'static str => "Severity",
        /// The user's sign-in name.
        user_principal_name: Option<String> => "UserPrincipalName",
        /// Microsoft Graph's name of the attribute.
        attribute: &'static str => "Attribute",
        /// The value that Microsoft 365 has.
        before: Option<String> => "Before",
        /// The value that there will be; none where there is none, and where that isn't known.
        after: Option<String> => "After",
        /// Why.
        reason: String => "Reason",
        /// What to do.
        advice: Option<String> => "Advice",
        /// The user's object id; none for a user of the portal without an account.
        user_id: Option<String> => "UserId",
        /// Where the portal's user stands in the file; none for an account without one.
        portal_place: Option<u64> => "PortalPlace",
        /// Whether the user is still synchronized: True, False, or null for converted and never synchronized.
        on_premises_sync_enabled: Option<bool> => "OnPremisesSyncEnabled",
    }

    /// Who owns a user's attribute once federation is on.
    AttributeOwnership {
        /// The attribute, as Microsoft 365 admin centre calls it.
        attribute: &'static str => "Attribute",
        /// The properties of Microsoft Graph's user.
        graph_property: String => "GraphProperty",
        /// Where it is changed from then on.
        owner: &'static str => "Owner",
        /// What becomes of a change that is made elsewhere.
        effect: &'static str => "Effect",
        /// What writes it, and where the value comes from.
        written_by: &'static str => "WrittenBy",
        /// What an administrator can still change, and where.
        can_change: &'static str => "CanChange",
    }

    /// A client secret of the application, without its text.
    ClientSecret {
        /// Whose it is.
        tenant: Tenant => "Tenant",
        /// The application (client) id.
        app_id: String => "AppId",
        /// The secret's key id.
        key_id: String => "KeyId",
        /// Its name.
        name: Option<String> => "Name",
        /// The first letters of its text.
        hint: Option<String> => "Hint",
        /// From when it is valid.
        start: Option<OffsetDateTime> => "StartDateTime",
        /// When it ends.
        end: Option<OffsetDateTime> => "EndDateTime",
        /// Whole days until then.
        days_left: Option<i64> => "DaysLeft",
        /// Valid, Expired or NotYetValid.
        state: &'static str => "State",
        /// Whether the runbook made it: its name is PPToken.
        of_runbook: bool => "OfRunbook",
        /// When a sink confirmed that it has the secret; null where nothing is known of that.
        placed: Option<OffsetDateTime> => "PlacedDateTime",
        /// What to mind.
        detail: String => "Detail",
    }

    /// A connection to a tenant, which the other cmdlets take as -Connection.
    Connection {
        /// Whose it is.
        tenant: Tenant => "Tenant",
        /// The organization's default domain; empty where the sign-in may not read it.
        default_domain: Option<String> => "DefaultDomain",
        /// In this session.
        session: InSession => "InSession",
        /// The cloud; Demo for a demonstration tenant.
        environment: &'static str => "Environment",
        /// How it signed in.
        sign_in: &'static str => "SignIn",
        /// Who signed in, where that is a person.
        user: Option<Person> => "User",
        /// The application (client) id that it signed in with.
        client_id: Option<String> => "ClientId",
        /// Where tokens come from.
        login_endpoint: String => "LoginEndpoint",
        /// Where Microsoft Graph is.
        graph_endpoint: String => "GraphEndpoint",
        /// The permissions that the token names.
        permissions: Option<Vec<String>> => "Permissions",
        /// For each step what it needs, what of that the token holds, and what is missing.
        steps: Vec<StepPermission> => "Steps",
        /// The steps that the token doesn't suffice for, each with what is missing.
        missing_for_steps: Vec<String> => "MissingForSteps",
        /// When the token expires.
        expires_on: OffsetDateTime => "ExpiresOn",
    }

    /// Where directory synchronization stands.
    DirSync {
        /// Whose it is.
        tenant: Tenant => "Tenant",
        /// On, Pending, Off or Unknown.
        state: &'static str => "State",
        /// The organization's onPremisesSyncEnabled.
        enabled: Option<bool> => "OnPremisesSyncEnabled",
        /// When it was last synchronized.
        last_sync: Option<OffsetDateTime> => "OnPremisesLastSyncDateTime",
        /// Users that still count as synchronized; empty where that could not be read.
        users: Option<i64> => "SyncedUsers",
        /// Groups likewise.
        groups: Option<i64> => "SyncedGroups",
        /// Contacts likewise.
        contacts: Option<i64> => "SyncedContacts",
        /// Running, Silent (its last synchronization is more than three hours ago) or Unknown: the client on the firm's side.
        client: &'static str => "SyncClient",
        /// The first ten users, groups and contacts of those, by name and object id.
        objects: People => "SyncedObjects",
        /// In a sentence.
        detail: String => "Detail",
    }

    /// A value for the Practice Protect portal, and where it goes.
    HandoverItem {
        /// Whose it is.
        tenant: Tenant => "Tenant",
        /// Its place in the order in which all are entered.
        order: i32 => "Order",
        /// Where in the portal.
        place: &'static str => "Place",
        /// Which field or button.
        field: &'static str => "Field",
        /// What goes there.
        value: String => "Value",
        /// What to mind.
        note: String => "Note",
    }

    /// One of the runbook's permissions: declared, granted, and how that is known.
    Permission {
        /// Whose it is.
        tenant: Tenant => "Tenant",
        /// The permission's name.
        name: &'static str => "Name",
        /// Delegated or Application.
        kind: &'static str => "Type",
        /// Whether the application declares it.
        declared: bool => "Declared",
        /// Granted, NotGranted, NotOffered (Microsoft Graph in this tenant has no such permission) or Unknown.
        status: &'static str => "Status",
        /// How that is known.
        evidence: String => "Evidence",
        /// The permission's id.
        id: String => "PermissionId",
    }

    /// A provisioning script with the runbook's two lines in it.
    MergedScript {
        /// The country that it sets.
        usage_location: String => "UsageLocation",
        /// Inserted (into the isPerson block), Appended (as a block of its own) or AlreadyThere.
        result: &'static str => "Result",
        /// The line that the first new line is on; where none is new, that of the block that has them.
        line: i32 => "Line",
        /// The lines that are new.
        added: Vec<String> => "Added",
        /// The file that it was written to; empty where it was not.
        path: Option<String> => "Path",
        /// The whole script.
        script: String => "Script",
        /// What to mind.
        note: &'static str => "Note",
    }

    /// A change that a run would make.
    PlanItem {
        /// Whose it is.
        tenant: Tenant => "Tenant",
        /// The step of the runbook that it belongs to.
        step: &'static str => "Step",
        /// What is changed.
        change: String => "Change",
        /// How it is now.
        before: String => "Before",
        /// How it is afterwards.
        after: String => "After",
        /// Whether it can be taken back.
        reversible: bool => "Reversible",
        /// Why it can't be taken back; else empty.
        reason: String => "Reason",
        /// What is sent for it: method and path, headers, body; what is known only by then stands in braces.
        request: String => "Request",
        /// The SHA-256 of the file that the plan was written to; empty where it was not.
        plan_hash: Option<String> => "PlanHash",
    }

    /// The provisioning script for the Practice Protect portal.
    ProvisioningScript {
        /// The country that it sets.
        usage_location: String => "UsageLocation",
        /// The script.
        script: String => "Script",
        /// What to mind.
        note: &'static str => "Note",
    }

    /// What a run of the runbook did in one tenant.
    RunResult {
        /// Whose it is.
        tenant: Tenant => "Tenant",
        /// Done, Pending, Skipped, NotConfirmed or Failed: what the steps come to.
        result: &'static str => "Result",
        /// How many steps are done, and what comes next.
        detail: String => "Detail",
        /// What became of each step.
        each: StepColumns => "Step",
        /// The application (client) id.
        app_id: Option<String> => "AppId",
        /// The application's object id.
        object_id: Option<String> => "ObjectId",
        /// The object id of its service principal.
        service_principal_id: Option<String> => "ServicePrincipalId",
        /// The application's display name.
        display_name: Option<String> => "DisplayName",
        /// The key id of the secret that was made.
        secret_id: Option<String> => "SecretId",
        /// When that secret ends.
        secret_end: Option<OffsetDateTime> => "SecretEndDateTime",
        /// The secret's text, where one was made and didn't go into a sink.
        secret: Secret => "ClientSecret",
        /// The sink that has it: KeyVault, SealedFile or ScriptBlock.
        secret_sink: Option<&'static str> => "SecretSink",
        /// Where in the sink it is.
        secret_location: Option<String> => "SecretLocation",
        /// How long it took to apply and check, without the questions.
        duration: Duration => "Duration",
        /// A row a step, with action and detail.
        steps: Vec<StepResult> => "Steps",
    }

    /// What a provisioning script would write for one user of the portal.
    ScriptResult of people {
        /// Where the user stands in the file or the pipeline.
        place: u64 => "Place",
        /// The user's sign-in name.
        user: Option<String> => "User",
        /// Written, Rejected or Failed.
        result: &'static str => "Result",
        /// The same in a sentence: what is written, why it failed.
        detail: String => "Detail",
        /// What it sets and adds, a line each: Mail = ada@contoso.com.
        written: Vec<String> => "Written",
        /// What it gives to trace.
        trace: Vec<String> => "Trace",
        /// What went wrong; empty where nothing did.
        error: Option<String> => "Error",
        /// The line of the script where it did.
        line: Option<i32> => "Line",
        /// The character in that line.
        column: Option<i32> => "Column",
        /// What it asks source for that this user doesn't have.
        absent: Vec<String> => "Absent",
        /// Names it uses that no documentation knows.
        undocumented: Vec<String> => "Undocumented",
        /// What it uses that gives another result another time.
        varying: Vec<String> => "Varying",
        /// What the result leaves open.
        note: &'static str => "Note",
    }

    /// What became of an attribute that was to be put back.
    RestoredAttribute of people {
        /// Whose it is.
        tenant: Tenant => "Tenant",
        /// Restored, Skipped or Failed.
        result: &'static str => "Result",
        /// The user's sign-in name in the backup.
        user_principal_name: Option<String> => "UserPrincipalName",
        /// Microsoft Graph's name of the attribute; id stands for the user.
        attribute: &'static str => "Attribute",
        /// The value that Microsoft 365 had.
        before: Option<String> => "Before",
        /// The value that the backup has.
        after: Option<String> => "After",
        /// Why it wasn't put back; empty where it was.
        reason: Option<String> => "Reason",
        /// The user's object id.
        user_id: String => "UserId",
    }

    /// What became of an older client secret.
    SecretRemoval {
        /// Whose it is.
        tenant: Tenant => "Tenant",
        /// The application (client) id.
        app_id: String => "AppId",
        /// The secret's key id.
        key_id: String => "KeyId",
        /// Removed, AlreadyGone or Later.
        result: &'static str => "Result",
        /// In a sentence.
        detail: String => "Detail",
    }

    /// A public client of one's own that people sign in with.
    SignInClient {
        /// Whose it is.
        tenant: Tenant => "Tenant",
        /// The application (client) id.
        client_id: String => "ClientId",
        /// The application's object id.
        object_id: String => "ObjectId",
        /// The object id of its service principal.
        service_principal_id: Option<String> => "ServicePrincipalId",
        /// Its display name.
        display_name: Option<String> => "DisplayName",
        /// Whose people may sign in with it: AzureADMyOrg or AzureADMultipleOrgs.
        audience: Option<String> => "Audience",
        /// Made, Restored, Changed, AlreadyThere, Removed or AlreadyGone.
        result: &'static str => "Result",
        /// The line that signs in with it; empty where it was removed.
        connect: Option<String> => "Connect",
        /// The line that makes it the default of a session.
        variable: Option<String> => "Variable",
        /// For a multi-tenant client: where an administrator of a customer consents; {tenant} stands for the customer's.
        consent: Option<String> => "ConsentLink",
        /// In a sentence.
        detail: String => "Detail",
    }

    /// Where a step of the runbook stands.
    Status {
        /// Whose it is.
        tenant: Tenant => "Tenant",
        /// The step.
        step: &'static str => "Step",
        /// Done, Pending, NotDone or Unknown.
        state: &'static str => "State",
        /// In a sentence.
        detail: String => "Detail",
    }

    /// What a step of the runbook needs, and what of that a sign-in holds.
    StepPermission {
        /// Whose it is.
        tenant: Tenant => "Tenant",
        /// The step.
        step: &'static str => "Step",
        /// Permissions, a line for each: one of those in it will do.
        needs: Vec<String> => "Needs",
        /// Those of them that the token holds; empty where it can't be read.
        held: Option<Vec<String>> => "Held",
        /// The lines of which it holds none.
        missing: Option<Vec<String>> => "Missing",
        /// Directory roles, one of which the person should have.
        role: Vec<&'static str> => "Role",
        /// Whether the token shows one of them; empty where no person signed in.
        role_held: Option<bool> => "RoleHeld",
    }

    /// What a run did about one step.
    StepResult {
        /// Whose it is.
        tenant: Tenant => "Tenant",
        /// The step.
        step: &'static str => "Step",
        /// Done, AlreadyDone, Pending, Skipped, NotConfirmed or Unknown.
        result: &'static str => "Result",
        /// What was done.
        action: String => "Action",
        /// In a sentence.
        detail: String => "Detail",
    }

    /// What became of something that was to be taken back.
    TakenBack {
        /// Whose it is.
        tenant: Tenant => "Tenant",
        /// The step of the runbook that makes it.
        step: &'static str => "Step",
        /// What is taken back.
        change: String => "Change",
        /// Done, AlreadyDone, Skipped, NotConfirmed or NotDone.
        result: &'static str => "Result",
        /// In a sentence.
        detail: String => "Detail",
        /// Until when it can be restored, where it can.
        recoverable_until: Option<OffsetDateTime> => "RecoverableUntil",
    }

    /// A client secret that this session made and that nobody has claimed yet.
    UnclaimedSecret {
        /// Whose it is.
        tenant: Tenant => "Tenant",
        /// The application (client) id.
        app_id: String => "AppId",
        /// The secret's key id.
        key_id: String => "KeyId",
        /// When it ends.
        end: OffsetDateTime => "End",
        /// The secret.
        secret: Secret => "ClientSecret",
    }
}
