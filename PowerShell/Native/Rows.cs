// Written from rust-core/report/src/rows by its test module_files; what is changed there is written here by that test.
#nullable enable
using System;
using System.Security;

namespace PPFederation
{
    /// <summary>The application, and its new client secret where one was made.</summary>
    public sealed class App
    {
        /// <summary>The tenant's id.</summary>
        public string TenantId { get; set; } = "";

        /// <summary>The organization's display name; empty until the tenant was read.</summary>
        public string? TenantName { get; set; }

        /// <summary>The application (client) id.</summary>
        public string AppId { get; set; } = "";

        /// <summary>The application's object id.</summary>
        public string ObjectId { get; set; } = "";

        /// <summary>The object id of its service principal.</summary>
        public string? ServicePrincipalId { get; set; }

        /// <summary>Its display name.</summary>
        public string? DisplayName { get; set; }

        /// <summary>The key id of the secret that was made.</summary>
        public string? SecretId { get; set; }

        /// <summary>When that secret ends.</summary>
        public DateTime? SecretEndDateTime { get; set; }

        /// <summary>The secret's text, where it didn't go into a sink.</summary>
        public SecureString? ClientSecret { get; set; }

        /// <summary>The sink that has it: KeyVault, SealedFile or ScriptBlock.</summary>
        public string? SecretSink { get; set; }

        /// <summary>Where in the sink it is.</summary>
        public string? SecretLocation { get; set; }

        /// <inheritdoc/>
        public override string ToString() => AppId ?? "";
    }

    /// <summary>A backup of the attributes of a tenant's users.</summary>
    public sealed class AttributeBackup
    {
        /// <summary>The tenant's id.</summary>
        public string TenantId { get; set; } = "";

        /// <summary>The organization's display name; empty until the tenant was read.</summary>
        public string? TenantName { get; set; }

        /// <summary>The file.</summary>
        public string Path { get; set; } = "";

        /// <summary>How many lines of users are in it: one who changed while it was written may be there twice.</summary>
        public ulong Users { get; set; }

        /// <summary>When it was begun, by the service's time.</summary>
        public DateTime Time { get; set; }

        /// <summary>Of how many users it took up a backup that was stopped; 0 for none.</summary>
        public ulong TakenUp { get; set; }

        /// <summary>SHA-256 of the file, as Get-FileHash shows it.</summary>
        public string Hash { get; set; } = "";

        /// <inheritdoc/>
        public override string ToString() => TenantId ?? "";
    }

    /// <summary>What Practice Protect will write to one attribute of one user.</summary>
    public sealed class AttributeDifference
    {
        /// <summary>The tenant's id.</summary>
        public string TenantId { get; set; } = "";

        /// <summary>The organization's display name; empty until the tenant was read.</summary>
        public string? TenantName { get; set; }

        /// <summary>LockedOut, Unknown, Renamed, Changed or Equal.</summary>
        public string Severity { get; set; } = "";

        /// <summary>The user's sign-in name.</summary>
        public string? UserPrincipalName { get; set; }

        /// <summary>Microsoft Graph's name of the attribute.</summary>
        public string Attribute { get; set; } = "";

        /// <summary>The value that Microsoft 365 has.</summary>
        public string? Before { get; set; }

        /// <summary>The value that there will be; none where there is none, and where that isn't known.</summary>
        public string? After { get; set; }

        /// <summary>Why.</summary>
        public string Reason { get; set; } = "";

        /// <summary>What to do.</summary>
        public string? Advice { get; set; }

        /// <summary>The user's object id; none for a user of the portal without an account.</summary>
        public string? UserId { get; set; }

        /// <summary>Where the portal's user stands in the file; none for an account without one.</summary>
        public ulong? PortalPlace { get; set; }

        /// <summary>Whether the user is still synchronized: True, False, or null for converted and never synchronized.</summary>
        public bool? OnPremisesSyncEnabled { get; set; }

        /// <inheritdoc/>
        public override string ToString() => TenantId ?? "";
    }

    /// <summary>Who owns a user's attribute once federation is on.</summary>
    public sealed class AttributeOwnership
    {
        /// <summary>The attribute, as Microsoft 365 admin centre calls it.</summary>
        public string Attribute { get; set; } = "";

        /// <summary>The properties of Microsoft Graph's user.</summary>
        public string GraphProperty { get; set; } = "";

        /// <summary>Where it is changed from then on.</summary>
        public string Owner { get; set; } = "";

        /// <summary>What becomes of a change that is made elsewhere.</summary>
        public string Effect { get; set; } = "";

        /// <summary>What writes it, and where the value comes from.</summary>
        public string WrittenBy { get; set; } = "";

        /// <summary>What an administrator can still change, and where.</summary>
        public string CanChange { get; set; } = "";

        /// <inheritdoc/>
        public override string ToString() => Attribute ?? "";
    }

    /// <summary>A client secret of the application, without its text.</summary>
    public sealed class ClientSecret
    {
        /// <summary>The tenant's id.</summary>
        public string TenantId { get; set; } = "";

        /// <summary>The organization's display name; empty until the tenant was read.</summary>
        public string? TenantName { get; set; }

        /// <summary>The application (client) id.</summary>
        public string AppId { get; set; } = "";

        /// <summary>The secret's key id.</summary>
        public string KeyId { get; set; } = "";

        /// <summary>Its name.</summary>
        public string? Name { get; set; }

        /// <summary>The first letters of its text.</summary>
        public string? Hint { get; set; }

        /// <summary>From when it is valid.</summary>
        public DateTime? StartDateTime { get; set; }

        /// <summary>When it ends.</summary>
        public DateTime? EndDateTime { get; set; }

        /// <summary>Whole days until then.</summary>
        public long? DaysLeft { get; set; }

        /// <summary>Valid, Expired or NotYetValid.</summary>
        public string State { get; set; } = "";

        /// <summary>Whether the runbook made it: its name is PPToken.</summary>
        public bool OfRunbook { get; set; }

        /// <summary>When a sink confirmed that it has the secret; null where nothing is known of that.</summary>
        public DateTime? PlacedDateTime { get; set; }

        /// <summary>What to mind.</summary>
        public string Detail { get; set; } = "";

        /// <inheritdoc/>
        public override string ToString() => KeyId + ": " + State;
    }

    /// <summary>A connection to a tenant, which the other cmdlets take as -Connection.</summary>
    public sealed partial class Connection
    {
        /// <summary>The tenant's id.</summary>
        public string TenantId { get; set; } = "";

        /// <summary>The organization's display name; empty until the tenant was read.</summary>
        public string? TenantName { get; set; }

        /// <summary>The organization's default domain; empty where the sign-in may not read it.</summary>
        public string? DefaultDomain { get; set; }

        /// <summary>The cloud; Demo for a demonstration tenant.</summary>
        public string Environment { get; set; } = "";

        /// <summary>How it signed in.</summary>
        public string SignIn { get; set; } = "";

        /// <summary>Who signed in, where that is a person.</summary>
        public string? User { get; set; }

        /// <summary>The application (client) id that it signed in with.</summary>
        public string? ClientId { get; set; }

        /// <summary>Where tokens come from.</summary>
        public string LoginEndpoint { get; set; } = "";

        /// <summary>Where Microsoft Graph is.</summary>
        public string GraphEndpoint { get; set; } = "";

        /// <summary>The permissions that the token names.</summary>
        public Texts? Permissions { get; set; }

        /// <summary>For each step what it needs, what of that the token holds, and what is missing.</summary>
        public StepPermission[] Steps { get; set; } = new StepPermission[0];

        /// <summary>The steps that the token doesn't suffice for, each with what is missing.</summary>
        public Texts MissingForSteps { get; set; } = new Texts();

        /// <summary>When the token expires.</summary>
        public DateTime ExpiresOn { get; set; }

        /// <inheritdoc/>
        public override string ToString() => TenantId + ": " + State;
    }

    /// <summary>A customer's tenant, and what the delegated administration (GDAP) of it is good for.</summary>
    public sealed class CustomerTenant
    {
        /// <summary>The tenant's id.</summary>
        public string TenantId { get; set; } = "";

        /// <summary>The organization's display name; empty until the tenant was read.</summary>
        public string? TenantName { get; set; }

        /// <summary>The relationship's status, as active; none where there is no relationship.</summary>
        public string State { get; set; } = "";

        /// <summary>When the first of the steps that they suffice for loses its role; where they suffice for none, when the last active relationship ends.</summary>
        public DateTime? EndDateTime { get; set; }

        /// <summary>The roles of the active relationships.</summary>
        public Texts Roles { get; set; } = new Texts();

        /// <summary>Whether they suffice for every step of the runbook.</summary>
        public bool SufficesForSteps { get; set; }

        /// <summary>What they don't suffice for, in a sentence.</summary>
        public string Detail { get; set; } = "";

        /// <inheritdoc/>
        public override string ToString() => TenantId + ": " + State;
    }

    /// <summary>Where directory synchronization stands.</summary>
    public sealed class DirSync
    {
        /// <summary>The tenant's id.</summary>
        public string TenantId { get; set; } = "";

        /// <summary>The organization's display name; empty until the tenant was read.</summary>
        public string? TenantName { get; set; }

        /// <summary>On, Pending, Off or Unknown.</summary>
        public string State { get; set; } = "";

        /// <summary>The organization's onPremisesSyncEnabled.</summary>
        public bool? OnPremisesSyncEnabled { get; set; }

        /// <summary>When it was last synchronized.</summary>
        public DateTime? OnPremisesLastSyncDateTime { get; set; }

        /// <summary>Users that still count as synchronized; empty where that could not be read.</summary>
        public long? SyncedUsers { get; set; }

        /// <summary>Groups likewise.</summary>
        public long? SyncedGroups { get; set; }

        /// <summary>Contacts likewise.</summary>
        public long? SyncedContacts { get; set; }

        /// <summary>Running, Silent (its last synchronization is more than three hours ago) or Unknown: the client on the firm's side.</summary>
        public string SyncClient { get; set; } = "";

        /// <summary>The first ten users, groups and contacts of those, by name and object id.</summary>
        public Texts SyncedObjects { get; set; } = new Texts();

        /// <summary>In a sentence.</summary>
        public string Detail { get; set; } = "";

        /// <inheritdoc/>
        public override string ToString() => TenantId + ": " + State;
    }

    /// <summary>What an action came to in one tenant of a fleet.</summary>
    public sealed class FleetResult
    {
        /// <summary>The tenant's id.</summary>
        public string TenantId { get; set; } = "";

        /// <summary>The organization's display name; empty until the tenant was read.</summary>
        public string? TenantName { get; set; }

        /// <summary>Status, Runbook, DirSync, Rotate, Compare or Backup.</summary>
        public string Action { get; set; } = "";

        /// <summary>Done, Open, Unknown, Skipped or Failed.</summary>
        public string Result { get; set; } = "";

        /// <summary>What was done or found, or why it was not; in a sentence.</summary>
        public string Detail { get; set; } = "";

        /// <summary>How many warnings there were.</summary>
        public ulong WarningCount { get; set; }

        /// <summary>What was warned of.</summary>
        public Texts Warnings { get; set; } = new Texts();

        /// <summary>The id of the error, where there was one.</summary>
        public string? ErrorId { get; set; }

        /// <summary>The error in a sentence.</summary>
        public string? ErrorMessage { get; set; }

        /// <summary>What to do about the error.</summary>
        public string? Advice { get; set; }

        /// <summary>The key id of the client secret that was made.</summary>
        public string? SecretId { get; set; }

        /// <summary>Where that secret is.</summary>
        public string? SecretLocation { get; set; }

        /// <summary>The file that was written.</summary>
        public string? Path { get; set; }

        /// <summary>How long it took.</summary>
        public TimeSpan Duration { get; set; }

        /// <summary>The rows that the action has for this tenant alone.</summary>
        public object[] Rows { get; set; } = new object[0];

        /// <inheritdoc/>
        public override string ToString() => TenantId + ": " + Result;
    }

    /// <summary>A value for the Practice Protect portal, and where it goes.</summary>
    public sealed class HandoverItem
    {
        /// <summary>The tenant's id.</summary>
        public string TenantId { get; set; } = "";

        /// <summary>The organization's display name; empty until the tenant was read.</summary>
        public string? TenantName { get; set; }

        /// <summary>Its place in the order in which all are entered.</summary>
        public int Order { get; set; }

        /// <summary>Where in the portal.</summary>
        public string Place { get; set; } = "";

        /// <summary>Which field or button.</summary>
        public string Field { get; set; } = "";

        /// <summary>What goes there.</summary>
        public string Value { get; set; } = "";

        /// <summary>What to mind.</summary>
        public string Note { get; set; } = "";

        /// <inheritdoc/>
        public override string ToString() => TenantId ?? "";
    }

    /// <summary>Where an action stands in a tenant, as a ledger has it.</summary>
    public sealed class LedgerEntry
    {
        /// <summary>The tenant's id.</summary>
        public string TenantId { get; set; } = "";

        /// <summary>The organization's display name; empty until the tenant was read.</summary>
        public string? TenantName { get; set; }

        /// <summary>What is done in the tenant, as Runbook.</summary>
        public string Action { get; set; } = "";

        /// <summary>Open (left as it was), Begun (no end of it is known), Done or Failed.</summary>
        public string State { get; set; } = "";

        /// <summary>Since when, by the clock of the machine that wrote it; empty where it was never begun.</summary>
        public DateTime? Since { get; set; }

        /// <summary>Who wrote the last line of it.</summary>
        public string? Worker { get; set; }

        /// <summary>How often it was begun.</summary>
        public long Tries { get; set; }

        /// <summary>The secrets that were asked for, a line each: key id and where it lies, or what became of it.</summary>
        public Texts Secrets { get; set; } = new Texts();

        /// <summary>The id of the error that the last try failed with.</summary>
        public string? ErrorId { get; set; }

        /// <summary>That error in words.</summary>
        public string? Error { get; set; }

        /// <summary>Whether that passes by itself.</summary>
        public bool? Passes { get; set; }

        /// <summary>What came of it, or why it was left as it was.</summary>
        public string? Detail { get; set; }

        /// <inheritdoc/>
        public override string ToString() => TenantId + ": " + State;
    }

    /// <summary>A provisioning script with the runbook's two lines in it.</summary>
    public sealed class MergedScript
    {
        /// <summary>The country that it sets.</summary>
        public string UsageLocation { get; set; } = "";

        /// <summary>Inserted (into the isPerson block), Appended (as a block of its own) or AlreadyThere.</summary>
        public string Result { get; set; } = "";

        /// <summary>The line that the first new line is on; where none is new, that of the block that has them.</summary>
        public int Line { get; set; }

        /// <summary>The lines that are new.</summary>
        public Texts Added { get; set; } = new Texts();

        /// <summary>The file that it was written to; empty where it was not.</summary>
        public string? Path { get; set; }

        /// <summary>The whole script.</summary>
        public string Script { get; set; } = "";

        /// <summary>What to mind.</summary>
        public string Note { get; set; } = "";

        /// <inheritdoc/>
        public override string ToString() => UsageLocation + ": " + Result;
    }

    /// <summary>One of the runbook's permissions: declared, granted, and how that is known.</summary>
    public sealed class Permission
    {
        /// <summary>The tenant's id.</summary>
        public string TenantId { get; set; } = "";

        /// <summary>The organization's display name; empty until the tenant was read.</summary>
        public string? TenantName { get; set; }

        /// <summary>The permission's name.</summary>
        public string Name { get; set; } = "";

        /// <summary>Delegated or Application.</summary>
        public string Type { get; set; } = "";

        /// <summary>Whether the application declares it.</summary>
        public bool Declared { get; set; }

        /// <summary>Granted, NotGranted, NotOffered (Microsoft Graph in this tenant has no such permission) or Unknown.</summary>
        public string Status { get; set; } = "";

        /// <summary>How that is known.</summary>
        public string Evidence { get; set; } = "";

        /// <summary>The permission's id.</summary>
        public string PermissionId { get; set; } = "";

        /// <inheritdoc/>
        public override string ToString() => TenantId + ": " + Status;
    }

    /// <summary>A change that a run would make.</summary>
    public sealed class PlanItem
    {
        /// <summary>The tenant's id.</summary>
        public string TenantId { get; set; } = "";

        /// <summary>The organization's display name; empty until the tenant was read.</summary>
        public string? TenantName { get; set; }

        /// <summary>The step of the runbook that it belongs to.</summary>
        public string Step { get; set; } = "";

        /// <summary>What is changed.</summary>
        public string Change { get; set; } = "";

        /// <summary>How it is now.</summary>
        public string Before { get; set; } = "";

        /// <summary>How it is afterwards.</summary>
        public string After { get; set; } = "";

        /// <summary>Whether it can be taken back.</summary>
        public bool Reversible { get; set; }

        /// <summary>Why it can't be taken back; else empty.</summary>
        public string Reason { get; set; } = "";

        /// <summary>What is sent for it: method and path, headers, body; what is known only by then stands in braces.</summary>
        public string Request { get; set; } = "";

        /// <summary>The SHA-256 of the file that the plan was written to; empty where it was not.</summary>
        public string? PlanHash { get; set; }

        /// <inheritdoc/>
        public override string ToString() => Step ?? "";
    }

    /// <summary>The provisioning script for the Practice Protect portal.</summary>
    public sealed class ProvisioningScript
    {
        /// <summary>The country that it sets.</summary>
        public string UsageLocation { get; set; } = "";

        /// <summary>The script.</summary>
        public string Script { get; set; } = "";

        /// <summary>What to mind.</summary>
        public string Note { get; set; } = "";

        /// <inheritdoc/>
        public override string ToString() => UsageLocation ?? "";
    }

    /// <summary>What became of an attribute that was to be put back.</summary>
    public sealed class RestoredAttribute
    {
        /// <summary>The tenant's id.</summary>
        public string TenantId { get; set; } = "";

        /// <summary>The organization's display name; empty until the tenant was read.</summary>
        public string? TenantName { get; set; }

        /// <summary>Restored, Skipped or Failed.</summary>
        public string Result { get; set; } = "";

        /// <summary>The user's sign-in name in the backup.</summary>
        public string? UserPrincipalName { get; set; }

        /// <summary>Microsoft Graph's name of the attribute; id stands for the user.</summary>
        public string Attribute { get; set; } = "";

        /// <summary>The value that Microsoft 365 had.</summary>
        public string? Before { get; set; }

        /// <summary>The value that the backup has.</summary>
        public string? After { get; set; }

        /// <summary>Why it wasn't put back; empty where it was.</summary>
        public string? Reason { get; set; }

        /// <summary>The user's object id.</summary>
        public string UserId { get; set; } = "";

        /// <inheritdoc/>
        public override string ToString() => TenantId + ": " + Result;
    }

    /// <summary>What a run of the runbook did in one tenant.</summary>
    public sealed class RunResult
    {
        /// <summary>The tenant's id.</summary>
        public string TenantId { get; set; } = "";

        /// <summary>The organization's display name; empty until the tenant was read.</summary>
        public string? TenantName { get; set; }

        /// <summary>Done, Pending, Skipped, NotConfirmed or Failed: what the steps come to.</summary>
        public string Result { get; set; } = "";

        /// <summary>How many steps are done, and what comes next.</summary>
        public string Detail { get; set; } = "";

        /// <summary>What became of the step DirSync; empty where it was not asked for.</summary>
        public string? DirSync { get; set; }

        /// <summary>What became of the step Application; empty where it was not asked for.</summary>
        public string? Application { get; set; }

        /// <summary>What became of the step ServicePrincipal; empty where it was not asked for.</summary>
        public string? ServicePrincipal { get; set; }

        /// <summary>What became of the step DelegatedConsent; empty where it was not asked for.</summary>
        public string? DelegatedConsent { get; set; }

        /// <summary>What became of the step ApplicationConsent; empty where it was not asked for.</summary>
        public string? ApplicationConsent { get; set; }

        /// <summary>What became of the step GlobalAdministrator; empty where it was not asked for.</summary>
        public string? GlobalAdministrator { get; set; }

        /// <summary>What became of the step ClientSecret; empty where it was not asked for.</summary>
        public string? ClientSecretResult { get; set; }

        /// <summary>The application (client) id.</summary>
        public string? AppId { get; set; }

        /// <summary>The application's object id.</summary>
        public string? ObjectId { get; set; }

        /// <summary>The object id of its service principal.</summary>
        public string? ServicePrincipalId { get; set; }

        /// <summary>The application's display name.</summary>
        public string? DisplayName { get; set; }

        /// <summary>The key id of the secret that was made.</summary>
        public string? SecretId { get; set; }

        /// <summary>When that secret ends.</summary>
        public DateTime? SecretEndDateTime { get; set; }

        /// <summary>The secret's text, where one was made and didn't go into a sink.</summary>
        public SecureString? ClientSecret { get; set; }

        /// <summary>The sink that has it: KeyVault, SealedFile or ScriptBlock.</summary>
        public string? SecretSink { get; set; }

        /// <summary>Where in the sink it is.</summary>
        public string? SecretLocation { get; set; }

        /// <summary>How long it took to apply and check, without the questions.</summary>
        public TimeSpan Duration { get; set; }

        /// <summary>A row a step, with action and detail.</summary>
        public StepResult[] Steps { get; set; } = new StepResult[0];

        /// <inheritdoc/>
        public override string ToString() => AppId + ": " + Result;
    }

    /// <summary>What a provisioning script would write for one user of the portal.</summary>
    public sealed class ScriptResult
    {
        /// <summary>Where the user stands in the file or the pipeline.</summary>
        public ulong Place { get; set; }

        /// <summary>The user's sign-in name.</summary>
        public string? User { get; set; }

        /// <summary>Written, Rejected or Failed.</summary>
        public string Result { get; set; } = "";

        /// <summary>The same in a sentence: what is written, why it failed.</summary>
        public string Detail { get; set; } = "";

        /// <summary>What it sets and adds, a line each: Mail = ada@contoso.com.</summary>
        public Texts Written { get; set; } = new Texts();

        /// <summary>What it gives to trace.</summary>
        public Texts Trace { get; set; } = new Texts();

        /// <summary>What went wrong; empty where nothing did.</summary>
        public string? Error { get; set; }

        /// <summary>The line of the script where it did.</summary>
        public int? Line { get; set; }

        /// <summary>The character in that line.</summary>
        public int? Column { get; set; }

        /// <summary>What it asks source for that this user doesn't have.</summary>
        public Texts Absent { get; set; } = new Texts();

        /// <summary>Names it uses that no documentation knows.</summary>
        public Texts Undocumented { get; set; } = new Texts();

        /// <summary>What it uses that gives another result another time.</summary>
        public Texts Varying { get; set; } = new Texts();

        /// <summary>What the result leaves open.</summary>
        public string Note { get; set; } = "";

        /// <inheritdoc/>
        public override string ToString() => GetType().Name + ": " + Result;
    }

    /// <summary>What became of an older client secret.</summary>
    public sealed class SecretRemoval
    {
        /// <summary>The tenant's id.</summary>
        public string TenantId { get; set; } = "";

        /// <summary>The organization's display name; empty until the tenant was read.</summary>
        public string? TenantName { get; set; }

        /// <summary>The application (client) id.</summary>
        public string AppId { get; set; } = "";

        /// <summary>The secret's key id.</summary>
        public string KeyId { get; set; } = "";

        /// <summary>Removed, AlreadyGone or Later.</summary>
        public string Result { get; set; } = "";

        /// <summary>In a sentence.</summary>
        public string Detail { get; set; } = "";

        /// <inheritdoc/>
        public override string ToString() => KeyId + ": " + Result;
    }

    /// <summary>A public client of one's own that people sign in with.</summary>
    public sealed class SignInClient
    {
        /// <summary>The tenant's id.</summary>
        public string TenantId { get; set; } = "";

        /// <summary>The organization's display name; empty until the tenant was read.</summary>
        public string? TenantName { get; set; }

        /// <summary>The application (client) id.</summary>
        public string ClientId { get; set; } = "";

        /// <summary>The application's object id.</summary>
        public string ObjectId { get; set; } = "";

        /// <summary>The object id of its service principal.</summary>
        public string? ServicePrincipalId { get; set; }

        /// <summary>Its display name.</summary>
        public string? DisplayName { get; set; }

        /// <summary>Whose people may sign in with it: AzureADMyOrg or AzureADMultipleOrgs.</summary>
        public string? Audience { get; set; }

        /// <summary>Made, Restored, Changed, AlreadyThere, Removed or AlreadyGone.</summary>
        public string Result { get; set; } = "";

        /// <summary>The line that signs in with it; empty where it was removed.</summary>
        public string? Connect { get; set; }

        /// <summary>The line that makes it the default of a session.</summary>
        public string? Variable { get; set; }

        /// <summary>For a multi-tenant client: where an administrator of a customer consents; {tenant} stands for the customer's.</summary>
        public string? ConsentLink { get; set; }

        /// <summary>In a sentence.</summary>
        public string Detail { get; set; } = "";

        /// <inheritdoc/>
        public override string ToString() => TenantId + ": " + Result;
    }

    /// <summary>Where a step of the runbook stands.</summary>
    public sealed class Status
    {
        /// <summary>The tenant's id.</summary>
        public string TenantId { get; set; } = "";

        /// <summary>The organization's display name; empty until the tenant was read.</summary>
        public string? TenantName { get; set; }

        /// <summary>The step.</summary>
        public string Step { get; set; } = "";

        /// <summary>Done, Pending, NotDone or Unknown.</summary>
        public string State { get; set; } = "";

        /// <summary>In a sentence.</summary>
        public string Detail { get; set; } = "";

        /// <inheritdoc/>
        public override string ToString() => Step + ": " + State;
    }

    /// <summary>What a step of the runbook needs, and what of that a sign-in holds.</summary>
    public sealed class StepPermission
    {
        /// <summary>The tenant's id.</summary>
        public string TenantId { get; set; } = "";

        /// <summary>The organization's display name; empty until the tenant was read.</summary>
        public string? TenantName { get; set; }

        /// <summary>The step.</summary>
        public string Step { get; set; } = "";

        /// <summary>Permissions, a line for each: one of those in it will do.</summary>
        public Texts Needs { get; set; } = new Texts();

        /// <summary>Those of them that the token holds; empty where it can't be read.</summary>
        public Texts? Held { get; set; }

        /// <summary>The lines of which it holds none.</summary>
        public Texts? Missing { get; set; }

        /// <summary>Directory roles, one of which the person should have.</summary>
        public Texts Role { get; set; } = new Texts();

        /// <summary>Whether the token shows one of them; empty where no person signed in.</summary>
        public bool? RoleHeld { get; set; }

        /// <inheritdoc/>
        public override string ToString() => Step ?? "";
    }

    /// <summary>What a run did about one step.</summary>
    public sealed class StepResult
    {
        /// <summary>The tenant's id.</summary>
        public string TenantId { get; set; } = "";

        /// <summary>The organization's display name; empty until the tenant was read.</summary>
        public string? TenantName { get; set; }

        /// <summary>The step.</summary>
        public string Step { get; set; } = "";

        /// <summary>Done, AlreadyDone, Pending, Skipped, NotConfirmed or Unknown.</summary>
        public string Result { get; set; } = "";

        /// <summary>What was done.</summary>
        public string Action { get; set; } = "";

        /// <summary>In a sentence.</summary>
        public string Detail { get; set; } = "";

        /// <inheritdoc/>
        public override string ToString() => Step + ": " + Result;
    }

    /// <summary>What became of something that was to be taken back.</summary>
    public sealed class TakenBack
    {
        /// <summary>The tenant's id.</summary>
        public string TenantId { get; set; } = "";

        /// <summary>The organization's display name; empty until the tenant was read.</summary>
        public string? TenantName { get; set; }

        /// <summary>The step of the runbook that makes it.</summary>
        public string Step { get; set; } = "";

        /// <summary>What is taken back.</summary>
        public string Change { get; set; } = "";

        /// <summary>Done, AlreadyDone, Skipped, NotConfirmed or NotDone.</summary>
        public string Result { get; set; } = "";

        /// <summary>In a sentence.</summary>
        public string Detail { get; set; } = "";

        /// <summary>Until when it can be restored, where it can.</summary>
        public DateTime? RecoverableUntil { get; set; }

        /// <inheritdoc/>
        public override string ToString() => Step + ": " + Result;
    }

    /// <summary>A client secret that this session made and that nobody has claimed yet.</summary>
    public sealed class UnclaimedSecret
    {
        /// <summary>The tenant's id.</summary>
        public string TenantId { get; set; } = "";

        /// <summary>The organization's display name; empty until the tenant was read.</summary>
        public string? TenantName { get; set; }

        /// <summary>The application (client) id.</summary>
        public string AppId { get; set; } = "";

        /// <summary>The secret's key id.</summary>
        public string KeyId { get; set; } = "";

        /// <summary>When it ends.</summary>
        public DateTime End { get; set; }

        /// <summary>The secret.</summary>
        public SecureString? ClientSecret { get; set; }

        /// <inheritdoc/>
        public override string ToString() => KeyId ?? "";
    }
}
