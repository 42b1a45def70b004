function Get-PPSink {
    # What an op is told of the sink, or $null where none was given. Which parameters go together is for the library to say.
    param(
        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Caller,

        # The exported function's $PSBoundParameters.
        [Parameter(Mandatory = $true)]
        $Bound
    )

    $sink = @{}
    if ($Bound.ContainsKey('SecretSink')) {
        $sink.kind = if ($Bound['SecretSink'] -is [scriptblock]) { 'ScriptBlock' } else { [string]$Bound['SecretSink'] }
    }
    foreach ($name in 'VaultUri', 'SecretName') {
        if ($Bound.ContainsKey($name)) {
            $sink[$name.Substring(0, 1).ToLowerInvariant() + $name.Substring(1)] = $Bound[$name]
        }
    }
    if ($Bound.ContainsKey('Path')) {
        $sink.path = $Caller.GetUnresolvedProviderPathFromPSPath($Bound['Path'])
    }
    if ($Bound.ContainsKey('RecipientCertificate')) {
        $certificate = $Bound['RecipientCertificate']
        if ($certificate -is [System.Security.Cryptography.X509Certificates.X509Certificate]) {
            $sink.certificate = [System.Convert]::ToBase64String($certificate.GetRawCertData())
        }
        else {
            $sink.certificatePath = $Caller.GetUnresolvedProviderPathFromPSPath([string]$certificate)
        }
    }
    if ($Bound.ContainsKey('Force')) {
        $sink.force = [bool]$Bound['Force']
    }
    if ($sink.Count -gt 0) {
        $sink
    }
}

function Get-PPSinkScript {
    # The script block among the parameters, where the sink is one.
    param($Bound)

    if ($Bound.ContainsKey('SecretSink') -and $Bound['SecretSink'] -is [scriptblock]) {
        $Bound['SecretSink']
    }
}
