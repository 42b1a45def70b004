<#
.PARAMETER Path
The file that holds the provisioning script.
#>
param(
    [Parameter(Mandatory = $true, ParameterSetName = 'File')]
    [ValidateNotNullOrEmpty()]
    [string]$Path
)
