function Write-PPError {
    # Writes one failure as an error record, in the name of the exported function. What is wrong with the call itself ends it;
    # what befell one tenant or object is that one's error, and whoever pipes several gets the others.
    param(
        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Caller,

        # Id, Message, Category, Target, HttpStatus, Code, RequestId, Advice, as the library's error event has them, and
        # Terminating: whether the call itself is wrong.
        [Parameter(Mandatory = $true)]
        $Failure
    )

    $record = ConvertTo-PPErrorRecord -Failure $Failure
    if ($Failure.Terminating) {
        $Caller.ThrowTerminatingError($record)
    }
    $Caller.WriteError($record)
}

function ConvertTo-PPErrorRecord {
    # The exception carries the parts for scripts; the details carry the sentence that people read.
    param($Failure)

    $exception = [PPFederation.Native.FederationException]::new(
        $Failure.Message, [int]$Failure.HttpStatus, $Failure.Code, $Failure.RequestId, $Failure.Advice)
    $record = [System.Management.Automation.ErrorRecord]::new(
        $exception, $Failure.Id, [System.Management.Automation.ErrorCategory]$Failure.Category, $Failure.Target)
    $sentence = $Failure.Message
    if ($Failure.RequestId) {
        $sentence = "$sentence (request id $($Failure.RequestId))"
    }
    if ($Failure.Advice -and $PSVersionTable.PSVersion.Major -lt 7) {
        # PowerShell 7 shows the recommended action in a line of its own; Windows PowerShell does not show it.
        $sentence = "$sentence $($Failure.Advice)"
    }
    $record.ErrorDetails = [System.Management.Automation.ErrorDetails]::new($sentence)
    $record.ErrorDetails.RecommendedAction = $Failure.Advice
    $record
}

function Get-PPFailure {
    # A failure that the module itself finds, in the shape of the native library's error event: something is wrong with the call.
    param(
        [string]$Id,
        [string]$Category,
        [string]$Message,
        [string]$Advice = '',
        $Target = $null,

        # It is the trouble of one tenant or object of several: the call goes on.
        [switch]$OfOne
    )

    [pscustomobject]@{
        Id = $Id; Category = $Category; Message = $Message; Advice = $Advice; Target = $Target
        HttpStatus = 0; Code = ''; RequestId = ''; Terminating = -not $OfOne
    }
}
