function Export-PPReport {
    <#
    .SYNOPSIS
    Writes a comparison of attributes to a file: a page for a browser, a CSV or JSON.

    .DESCRIPTION
    Takes the rows of Compare-PPAttribute and writes one file. It needs no connection and nothing leaves this computer.

    As HTML it is one page that fetches nothing and runs no script but its own: the verdict in a sentence, users by severity and by
    attribute, what to do next, a table of all rows that sorts and searches, and who owns which attribute. It can be read on a
    phone and printed; on paper, and where no script runs, it has the 100 gravest rows and says how many it leaves out.

    A comparison that fails leaves no report: what was there stays. Of several tenants, too: where the comparison of one failed while the
    rows came, the error names it, and nothing is written; also where they are compared beside each other, as in ForEach-Object -Parallel.
    What failed in another process (Start-Job, a remote session), or before this cmdlet began, it doesn't know.

    As CSV it has the properties of the rows as columns (RFC 4180, UTF-8 with a byte order mark). A cell that begins with =, +, -, @,
    a tab or a carriage return begins with an apostrophe instead, so that no spreadsheet takes it for a formula. As JSON it is an
    array with a row a line, whose values are those of the rows.

    Whatever a name holds, it shows as text. In the page a character that isn't seen, as one that turns the direction of a text,
    stands as its number: U+202E.

    The file can be read by its owner alone (on Windows: by whoever its folder lets). It is there whole or not at all: a disk that is
    full is an error, and leaves nothing. Where the file can't be written, that is said before the first row is asked for. Until all rows
    are there nothing lies in its folder: more than 8 MB of them wait in the folder for temporary files, in a file that ends with the process.

    .PARAMETER InputObject
    The rows of Compare-PPAttribute. What comes from another session or a file of Export-Clixml does as well.

    .PARAMETER Path
    The file to write. Its ending says what it is to be: .html, .csv or .json.

    .PARAMETER Format
    Html, Csv or Json, where the name of the file doesn't end so.

    .PARAMETER Force
    Overwrites a report, or whatever else has the name.

    .PARAMETER PassThru
    Returns the file.

    .EXAMPLE
    Compare-PPAttribute -Path ./portal-users.csv | Export-PPReport -Path ./contoso.html

    Writes the page about one tenant.

    .EXAMPLE
    $connections | ForEach-Object { Compare-PPAttribute -Connection $_ -Path "./$($_.TenantId).csv" } |
        Tee-Object -Variable rows | Export-PPReport -Path ./all.html
    $rows | Where-Object Severity -EQ 'LockedOut' | Export-PPReport -Path ./locked-out.csv

    Writes one page about several tenants, and who would be locked out for a spreadsheet.

    .EXAMPLE
    Compare-PPAttribute -Path ./portal-users.csv | Export-PPReport -Path ./contoso.html -Force -PassThru | Invoke-Item

    Writes the page anew and opens it in the browser.

    .OUTPUTS
    System.IO.FileInfo
    With -PassThru, the file; otherwise nothing.

    .LINK
    about_PPFederation_Attributes
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Low', PositionalBinding = $false)]
    [OutputType([System.IO.FileInfo])]
    param(
        [Parameter(Mandatory = $true, ValueFromPipeline = $true)]
        [AllowNull()]
        [object]$InputObject,

        [Parameter(Mandatory = $true)]
        [string]$Path,

        [ValidateSet('Html', 'Csv', 'Json')]
        [string]$Format,

        [switch]$Force,

        [switch]$PassThru
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
        $report = $null
        $file = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
        if ($PSCmdlet.ShouldProcess($file, 'Write the report')) {
            $field = @{ path = $file; force = [bool]$Force }
            if ($Format) {
                $field.format = $Format
            }
            $number = (Invoke-PPJob -Caller $PSCmdlet -OfCall -Op 'openReport' -Field $field).Number
            $report = [PPFederation.Native.ReportHandle]::new($number, (Get-PPAutomationJob))
        }
    }
    process {
        $taken = $false
        try {
            $row = ConvertTo-PPReportRow -Caller $PSCmdlet -Value $InputObject
            if ($report -and $report.Add($row)) {
                Invoke-PPJob -Caller $PSCmdlet -OfCall -Op 'reportRows' -Field @{ report = $report.Number; rows = $report.Take() }
            }
            $taken = $true
        }
        finally {
            # What ends the pipeline here leaves no turn for the end block: what waits would be kept until it is collected.
            if ($report -and -not $taken) {
                $report.Dispose()
            }
        }
    }
    end {
        if (-not $report) { return }
        try {
            $missing = $report.NotCompared
            if ($missing.Count -gt 0) {
                Write-PPError -Caller $PSCmdlet -Failure (
                    Get-PPFailure -Id 'PPFederation.ReportIncomplete' -Category InvalidOperation -Target $file `
                        -Message "The comparison of $($missing -join ', ') failed while the report's rows came: they are not whole, and $file was not written." `
                        -Advice 'See the error of Compare-PPAttribute. Compare that tenant once more, or leave its connection out.')
            }
            Invoke-PPJob -Caller $PSCmdlet -OfCall -Op 'reportRows' -Field @{ report = $report.Number; rows = $report.Take() }
            Invoke-PPJob -Caller $PSCmdlet -OfCall -Op 'writeReport' -Field @{ report = $report.Number }
        }
        finally {
            $report.Dispose()
        }
        if ($PassThru) {
            Get-Item -LiteralPath $file -Force
        }
    }
}
