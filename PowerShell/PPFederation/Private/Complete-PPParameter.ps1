function Complete-PPParameter {
    # What Tab offers for a parameter of the cmdlets: from what they know and from what this session has read. Nothing is asked
    # of a tenant, and no file is offered: where there is nothing, what was typed stays.
    param([string]$ParameterName, [string]$WordToComplete)

    $word = $WordToComplete.Trim("'", '"')
    $offer = try {
        switch ($ParameterName) {
            'CertificateThumbprint' { Get-PPCertificateOffer }
            'ClientSecretLifetime' { Get-PPLifetimeOffer }
            'Connection' { Get-PPConnectionOffer }
            'KeyId' { $script:PPSeenSecret.Values | Sort-Object -Property Tip }
            'SecretSink' { Get-PPSinkOffer }
            'TenantId' { Get-PPTenantOffer }
            'TenantName' { Get-PPTenantNameOffer }
            'UsageLocation' { Get-PPCountryOffer }
        }
    }
    catch {
        # Somebody is typing: an error would be written over the line.
        $null
    }
    # Tab can't offer an empty text.
    $nothing = Get-PPOffer -Text $(if ($word) { $word } else { "''" }) -Tip 'Nothing is known here.'
    $fits = @($offer | Where-Object { $_.Text.TrimStart('$', '(', "'").StartsWith($word.TrimStart('$', '('), 'OrdinalIgnoreCase') })
    foreach ($one in $(if ($fits) { $fits } else { $nothing })) {
        $label = if ($one.Label) { $one.Label } else { $one.Text }
        [System.Management.Automation.CompletionResult]::new($one.Text, $label, 'ParameterValue', $one.Tip)
    }
}

function Get-PPOffer {
    # One thing to offer: the text, what a list of them shows, and what is said of it.
    param([string]$Text, [string]$Tip, [string]$Label = '')

    [pscustomobject]@{ Text = $Text; Label = $Label; Tip = $Tip }
}

function Get-PPSinkOffer {
    # The sinks that have a name.
    Get-PPOffer -Text KeyVault -Tip 'Into an Azure Key Vault: give -VaultUri'
    Get-PPOffer -Text SealedFile -Tip 'Into a file that only the recipient can open: give -RecipientCertificate and -Path'
}

function Get-PPLifetimeOffer {
    # Lifetimes of a client secret that are usual.
    Get-PPOffer -Text P1Y -Tip 'One year'
    Get-PPOffer -Text P2Y -Tip 'Two years'
    Get-PPOffer -Text P180D -Tip '180 days'
    Get-PPOffer -Text Longest -Tip "As long as the tenant's app management policy allows"
    Get-PPOffer -Text Runbook -Tip '100 years, as the runbook says'
}

function Get-PPCountryOffer {
    # The countries of ISO 3166-1, with their English names where .NET knows them.
    foreach ($code in {{'Countries'}}) {
        try {
            $name = [System.Globalization.RegionInfo]::new($code).EnglishName
        }
        catch {
            $name = $code
        }
        Get-PPOffer -Text $code -Label "$code  $name" -Tip $name
    }
}

function Get-PPCertificateOffer {
    # Certificates with a private key in the Windows store; elsewhere there is none.
    if ([System.Environment]::OSVersion.Platform -ne 'Win32NT') {
        return
    }
    foreach ($location in 'CurrentUser', 'LocalMachine') {
        $store = [System.Security.Cryptography.X509Certificates.X509Store]::new('My', $location)
        try {
            $store.Open('ReadOnly')
            foreach ($certificate in $store.Certificates | Where-Object { $_.HasPrivateKey }) {
                $end = $certificate.NotAfter.ToString('yyyy-MM-dd', [cultureinfo]::InvariantCulture)
                Get-PPOffer -Text $certificate.Thumbprint -Label "$($certificate.Thumbprint)  $($certificate.Subject)" -Tip "$($certificate.Subject), until $end"
            }
        }
        finally {
            $store.Close()
        }
    }
}

function Get-PPConnectionOffer {
    # What stands for a connection: variables of the session that hold one, and the default.
    foreach ($variable in Get-Variable -Scope Global) {
        if ($variable.Value -is [PPFederation.Connection]) {
            Get-PPOffer -Text "`$$($variable.Name)" -Tip (Get-PPTenantText -Row $variable.Value)
        }
        elseif ($variable.Value -is [array] -and $variable.Value.Count -gt 0 -and $variable.Value[0] -is [PPFederation.Connection]) {
            for ($i = 0; $i -lt $variable.Value.Count; $i++) {
                Get-PPOffer -Text "`$$($variable.Name)[$i]" -Tip (Get-PPTenantText -Row $variable.Value[$i])
            }
        }
    }
    if ($script:PPSession.Chosen) {
        Get-PPOffer -Text '(Get-PPConnection)' -Tip $script:PPWhose[[string]$script:PPSession.Chosen.Number].Name
    }
}

function Get-PPTenantOffer {
    # The tenants that this session has signed in to.
    foreach ($one in $script:PPWhose.Values | Sort-Object -Property { $_.TenantId } -Unique) {
        Get-PPOffer -Text $one.TenantId -Tip $one.Name
    }
}

function Get-PPTenantNameOffer {
    # Their names, as one argument each.
    foreach ($one in $script:PPWhose.Values | Where-Object { $_.TenantName } | Sort-Object -Property { $_.TenantName } -Unique) {
        $text = "'$([System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($one.TenantName))'"
        Get-PPOffer -Text $text -Label $one.TenantName -Tip $one.Name
    }
}

function Get-PPTenantText {
    # Whose a row is, for a person.
    param($Row)

    [PPFederation.Native.ViewText]::Tenant($Row.TenantName, $Row.TenantId)
}

function Add-PPSeenSecret {
    # Remembers what Tab offers as -KeyId: ids and what is said of them, never a secret.
    param($Row)

    if ($Row -is [PPFederation.ClientSecret] -or $Row -is [PPFederation.UnclaimedSecret]) {
        $end = if ($Row -is [PPFederation.ClientSecret]) { $Row.EndDateTime } else { $Row.End }
        $day = if ($end) { ([datetime]$end).ToString('yyyy-MM-dd', [cultureinfo]::InvariantCulture) } else { 'some day' }
        $tip = "$(Get-PPTenantText -Row $Row), until $day"
        $script:PPSeenSecret[$Row.KeyId] = Get-PPOffer -Text $Row.KeyId -Label "$($Row.KeyId)  until $day" -Tip $tip
    }
    elseif ($Row -is [PPFederation.SecretRemoval] -and $Row.Result -ne 'Later') {
        $script:PPSeenSecret.Remove($Row.KeyId)
    }
}
