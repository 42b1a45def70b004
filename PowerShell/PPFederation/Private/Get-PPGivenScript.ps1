function Get-PPGivenScript {
    # A provisioning script as an op takes it: as a text, or as the file that was given.
    param(
        # The exported function's $PSCmdlet.
        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Caller,

        # The exported function's $PSBoundParameters.
        [Parameter(Mandatory = $true)]
        $Bound,

        [AllowEmptyString()]
        [string]$Text = '',

        # The parameter that names the file.
        [string]$PathName = 'Path'
    )

    if ($Bound.ContainsKey($PathName)) {
        return @{ path = $Caller.GetUnresolvedProviderPathFromPSPath($Bound[$PathName]) }
    }
    @{ text = $Text }
}
