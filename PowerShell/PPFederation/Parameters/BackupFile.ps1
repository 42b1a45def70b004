<#
.PARAMETER Path
The file of the backup: Export-PPAttributeBackup writes it, Restore-PPAttribute reads it.
#>
param(
    [Parameter(Mandatory = $true, Position = 0)]
    [string]$Path
)
