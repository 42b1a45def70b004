<#
.PARAMETER LockCredentials
Locks the application's service principal (servicePrincipalLockConfiguration with all properties): nobody can add a client
secret or a certificate to it beside the application's own, which is how a stolen Global Administrator application is kept.
Client secrets of the application itself, PPToken among them, are made and removed as before. Off by default; a lock that
is there is never loosened, with or without this switch. An owner of the application can lift the lock.
#>
param(
    [switch]$LockCredentials
)
