function Invoke-PPJob {
    # Runs one op of the native library and writes its results as they come. The library never calls back: this asks every
    # 100 ms, so that Ctrl+C ends it within that time, and finally frees the job, which cancels what still runs.
    param(
        # The exported function's $PSCmdlet, in whose name errors are written.
        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Caller,

        [Parameter(Mandatory = $true)]
        [string]$Op,

        # The op's fields. A null one is left out; a SecureString never becomes text.
        [hashtable]$Field = @{},

        # The id of a failure that is taken up and not written: the caller does something about it.
        [string]$Unwritten = '',

        # A failure is one of the call itself, and ends it: there is no other tenant or object that could go on.
        [switch]$OfCall,

        # Takes up the failures that were written, for a caller who goes on otherwise then.
        [System.Collections.Generic.List[object]]$Failed = [System.Collections.Generic.List[object]]::new()
    )

    $secrets = @{}
    $activity = ''
    $progress = ''
    $drawn = [System.Diagnostics.Stopwatch]::new()
    $holder = $null
    # Some twenty of these come of each tenant, and to write each to a stream that shows nothing is more work than the tenant is.
    $unheard = [PPFederation.Native.EventKind[]]@(
        if ($VerbosePreference -in 'SilentlyContinue', 'Ignore') { 'Verbose' }
        if ($DebugPreference -in 'SilentlyContinue', 'Ignore') { 'Debug' }
        if ($ProgressPreference -in 'SilentlyContinue', 'Ignore') { 'Progress' }
    )
    $job = Open-PPJob -Caller $Caller -Op $Op -Field $Field
    try {
        do {
            $next = Read-PPJob -Caller $Caller -Job $job -Unheard $unheard
            switch ($next.Kind) {
                'Objects' {
                    foreach ($object in ConvertFrom-PPClixml -Text $next.Text -Secret $secrets) {
                        if ($object.PSObject.Properties['ClientSecret'] -and $object.ClientSecret) {
                            $holder = $object
                        }
                        Add-PPSeenSecret -Row $object
                        $object
                    }
                }
                'Secret' { $secrets[$next.SecretNumber] = $next.Secret }
                'Progress' {
                    $progress = $next.Text
                    $activity = Write-PPProgress -Text $progress
                    $drawn.Restart()
                }
                'None' {
                    # The console doesn't draw a record that comes within 200 ms of the last one, be that another operation's:
                    # what lasts is said again.
                    if ($activity -and $drawn.ElapsedMilliseconds -ge 1000) {
                        [void](Write-PPProgress -Text $progress)
                        $drawn.Restart()
                    }
                }
                'Error' {
                    $failure = ConvertFrom-PPFailure -Text $next.Text -Holder $holder -Whose (Get-PPWhose -Field $Field)
                    $failure.Terminating = [bool]$OfCall
                    $Failed.Add($failure)
                    if ($failure.Id -ne $Unwritten) {
                        Write-PPError -Caller $Caller -Failure $failure
                    }
                }
                'Cancelled' {
                    $failure = Get-PPCancelled
                    $failure.Terminating = [bool]$OfCall
                    $Failed.Add($failure)
                    Write-PPError -Caller $Caller -Failure $failure
                }
                default { Write-PPJobEvent -JobEvent $next -Whose (Get-PPWhose -Field $Field) -InformationAction Continue }
            }
        } until ($next.IsLast)
    }
    finally {
        $job.Dispose()
        if ($activity) {
            Write-Progress -Activity $activity -Completed
        }
    }
}

function ConvertFrom-PPFailure {
    # The failure of an error event, with the name of the tenant that it is about. Where a secret was made and not put in
    # place, the error carries the object that holds it: with -ErrorAction Stop nothing else reaches the caller.
    param([string]$Text, $Holder, $Whose)

    $failure = [System.Management.Automation.PSSerializer]::Deserialize($Text)
    $failure.PSObject.Properties.Add([System.Management.Automation.PSNoteProperty]::new('Terminating', $false))
    if ($Whose) {
        $failure.Message = "$($Whose.Name): $($failure.Message)"
        if (-not $failure.Target) {
            $failure.Target = $Whose.TenantId
        }
    }
    if ($failure.Id -eq 'PPFederation.SecretNotPlaced' -and $Holder) {
        $failure.Target = $Holder
    }
    $failure
}

function Open-PPJob {
    # Starts the job; a refusal of the library (misuse or a bug, not the tenant) becomes an error record.
    param($Caller, [string]$Op, [hashtable]$Field)

    try {
        return [PPFederation.Native.Job]::Start([PPFederation.Native.Request]::new($Op, $Field))
    }
    catch {
        $failure = ConvertTo-PPFailure -Exception $_.Exception.InnerException -Op $Op
    }
    Write-PPError -Caller $Caller -Failure $failure
}

function Read-PPJob {
    # The job's next event that anybody hears, or one of kind None after 100 ms.
    param($Caller, $Job, [PPFederation.Native.EventKind[]]$Unheard)

    try {
        return $Job.Next(100, $Unheard)
    }
    catch {
        $failure = ConvertTo-PPFailure -Exception $_.Exception.InnerException -Op ''
    }
    Write-PPError -Caller $Caller -Failure $failure
}

function ConvertTo-PPFailure {
    # A refusal of the native library by its name; what the bridge itself refuses is a text that is not Unicode.
    param($Exception, [string]$Op)

    $name = 'InvalidText'
    if ($Exception -is [PPFederation.Native.NativeCallException]) {
        $name = $Exception.Code
    }
    Get-PPFailure -Id "PPFederation.$name" -Category InvalidOperation -Message $Exception.Message -Target $Op
}

function Get-PPCancelled {
    # A job ends as cancelled only when something other than its own cmdlet cancelled it. An empty answer would be a lie.
    Get-PPFailure -OfOne -Id 'PPFederation.Cancelled' -Category OperationStopped -Message 'The operation was cancelled.' `
        -Advice 'Run the same command again: it takes up what is missing.'
}

function Get-PPWhose {
    # The tenant that an op is about: TenantId, TenantName where this session knows it, and Name for people.
    param([hashtable]$Field)

    if ($Field['connection']) {
        $script:PPWhose[[string]$Field.connection]
    }
    elseif ($Field['tenantId']) {
        @{ TenantId = $Field.tenantId; TenantName = $null; Name = "Tenant '$($Field.tenantId)'" }
    }
}

function Add-PPWhose {
    # Remembers it of a connection.
    param($Connection, $Row)

    $name = [PPFederation.Native.ViewText]::Tenant($Row.TenantName, $Row.TenantId)
    $script:PPWhose[[string]$Connection] = @{ TenantId = $Row.TenantId; TenantName = $Row.TenantName; Name = $name }
}
