function ConvertTo-PPReportRow {
    # The row of a comparison that a report takes, as an instance of its class: what came from another session, a file of
    # Export-Clixml or Select-Object has its name and its properties. Anything else ends the call.
    param(
        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Caller,

        [AllowNull()]
        $Value
    )

    if ($Value -is [PPFederation.AttributeDifference]) {
        return $Value
    }
    $type = if ($null -eq $Value) { 'nothing' } else { $Value.PSObject.TypeNames[0] }
    if ($type -notmatch '^(Deserialized\.|Selected\.)+PPFederation\.AttributeDifference$') {
        $failure = Get-PPFailure -Id 'PPFederation.ReportRowInvalid' -Category InvalidArgument -Target $Value `
            -Message "Export-PPReport takes the rows of Compare-PPAttribute (PPFederation.AttributeDifference), and was given $type." `
            -Advice 'Pipe what Compare-PPAttribute gives, whole: Where-Object and Sort-Object may stand between, not Select-Object with fewer properties.'
        Write-PPError -Caller $Caller -Failure $failure
    }
    $row = [PPFederation.AttributeDifference]::new()
    foreach ($property in $Value.PSObject.Properties) {
        if ($null -ne $property.Value -and $row.PSObject.Properties[$property.Name]) {
            $row.($property.Name) = $property.Value
        }
    }
    $row
}
