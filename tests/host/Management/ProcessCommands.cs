using System.ComponentModel;
using System.Diagnostics;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>A cmdlet on running processes.</summary>
public abstract class ProcessCommandBase : PSCmdlet
{
    [Parameter(ParameterSetName = "Id", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PID")]
    public int[] Id { get; set; } = [];

    [Parameter(ParameterSetName = "InputObject", Mandatory = true, ValueFromPipeline = true)]
    public Process[] InputObject { get; set; } = [];

    /// <summary>The processes asked for; one that is not there is an error of its own.</summary>
    protected IEnumerable<Process> Find(string[] names)
    {
        foreach (var process in InputObject)
        {
            yield return process;
        }

        foreach (var id in Id)
        {
            if (ById(id) is { } process)
            {
                yield return process;
            }
        }

        foreach (var process in names.SelectMany(ByName))
        {
            yield return process;
        }
    }

    private Process? ById(int id)
    {
        try
        {
            return Process.GetProcessById(id);
        }
        catch (ArgumentException)
        {
            WriteError(new ErrorRecord(
                new ProcessCommandException($"Cannot find a process with the process identifier {id}."),
                "NoProcessFoundForGivenId",
                ErrorCategory.ObjectNotFound,
                id));
            return null;
        }
    }

    private Process[] ByName(string name)
    {
        var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
        var found = Process.GetProcesses().Where(process => pattern.IsMatch(process.ProcessName)).ToArray();
        if (found.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
        {
            WriteError(new ErrorRecord(
                new ProcessCommandException(
                    $"Cannot find a process with the name \"{name}\". Verify the process name and call the cmdlet again."),
                "NoProcessFoundForGivenName",
                ErrorCategory.ObjectNotFound,
                name));
        }

        return found;
    }
}

/// <summary>Something that can't be done with a process.</summary>
public sealed class ProcessCommandException(string message) : SystemException(message);

/// <summary>Stands in for Get-Process.</summary>
[Cmdlet(VerbsCommon.Get, "Process", DefaultParameterSetName = "Name")]
[OutputType(typeof(Process))]
public sealed class GetProcessCommand : ProcessCommandBase
{
    [Parameter(Position = 0, ParameterSetName = "Name", ValueFromPipelineByPropertyName = true)]
    [Alias("ProcessName")]
    public string[] Name { get; set; } = [];

    protected override void ProcessRecord()
    {
        var all = ParameterSetName == "Name" && Name.Length == 0;
        var found = Find(all ? ["*"] : Name).OrderBy(process => process.ProcessName, StringComparer.OrdinalIgnoreCase);
        WriteObject(found, enumerateCollection: true);
    }
}

/// <summary>Stands in for Stop-Process.</summary>
[Cmdlet(VerbsLifecycle.Stop, "Process", SupportsShouldProcess = true, DefaultParameterSetName = "Id")]
public sealed class StopProcessCommand : ProcessCommandBase
{
    [Parameter(ParameterSetName = "Name", Mandatory = true)]
    [Alias("ProcessName")]
    public string[] Name { get; set; } = [];

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var process in Find(Name))
        {
            if (ShouldProcess($"{process.ProcessName} ({process.Id})", "Stop-Process"))
            {
                Stop(process);
            }
        }
    }

    private void Stop(Process process)
    {
        try
        {
            process.Kill();
            WriteObject(PassThru ? new[] { process } : [], enumerateCollection: true);
        }
        catch (Win32Exception problem)
        {
            WriteError(new ErrorRecord(problem, "CouldNotStopProcess", ErrorCategory.CloseError, process));
        }
    }
}

/// <summary>Stands in for Wait-Process.</summary>
[Cmdlet(VerbsLifecycle.Wait, "Process", DefaultParameterSetName = "Name")]
public sealed class WaitProcessCommand : ProcessCommandBase
{
    [Parameter(Position = 0, ParameterSetName = "Name", Mandatory = true)]
    [Alias("ProcessName")]
    public string[] Name { get; set; } = [];

    [Parameter(Position = 1)]
    [Alias("TimeoutSec")]
    public int Timeout { get; set; } = -1;

    protected override void ProcessRecord()
    {
        foreach (var process in Find(Name))
        {
            if (!process.WaitForExit(Timeout < 0 ? TimeSpan.FromMilliseconds(-1) : TimeSpan.FromSeconds(Timeout)))
            {
                WriteError(new ErrorRecord(
                    new TimeoutException($"Process \"{process.ProcessName} ({process.Id})\" was not stopped in the time-out of {Timeout} s."),
                    "ProcessNotTerminated",
                    ErrorCategory.CloseError,
                    process));
            }
        }
    }
}
