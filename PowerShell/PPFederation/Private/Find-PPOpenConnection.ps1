function Find-PPOpenConnection {
    # The one open connection of the session to a tenant, by the tenant's id, domain or name.
    param(
        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Caller,

        # An id or a domain; empty where the name is given.
        [string]$TenantId,

        # With wildcards.
        [string]$TenantName,

        # The tenant is that of a row, and what is wrong is that row's trouble; of several connections to it, the chosen one is taken.
        [switch]$OfRow
    )

    $asked = "$TenantId$TenantName"
    $found = @(Get-PPOpenConnection -Caller $Caller | Where-Object {
            $domains = [PPFederation.Native.ConnectionHandle]::Of($_).Domains
            if ($TenantId) { $_.TenantId -eq $TenantId.Trim() -or $domains -contains $TenantId.Trim() } else { $_.TenantName -like $TenantName }
        })
    if ($OfRow -and $found.Count -gt 1) {
        $chosen = @($found | Where-Object { [PPFederation.Native.ConnectionHandle]::Of($_) -eq $script:PPSession.Chosen })
        if ($chosen.Count -eq 1) {
            $found = $chosen
        }
    }
    if ($found.Count -eq 1) {
        return $found[0]
    }
    if ($found.Count -eq 0) {
        $failure = Get-PPFailure -OfOne:$OfRow -Id 'PPFederation.ConnectionNotFound' -Category ObjectNotFound -Target $asked `
            -Message "No open connection of this session is to tenant '$asked'." `
            -Advice 'List those there are with Get-PPConnection -ListAvailable; open another with Connect-PPTenant.'
    }
    else {
        $names = ($found | ForEach-Object { [PPFederation.Native.ViewText]::Tenant($_.TenantName, $_.TenantId) }) -join ', '
        $failure = Get-PPFailure -OfOne:$OfRow -Id 'PPFederation.ConnectionAmbiguous' -Category InvalidArgument -Target $asked `
            -Message "'$asked' could be $($found.Count) open connections: $names." `
            -Advice 'Pipe the one that you mean to Select-PPConnection: Get-PPConnection -ListAvailable lists them.'
    }
    Write-PPError -Caller $Caller -Failure $failure
}
