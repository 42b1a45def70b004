using System.Management.Automation;
using Microsoft.PowerShell.Commands;

namespace PPFederation.TestHost.Shell;

/// <summary>
/// Out-Default that prints what it still holds back when the script ends with a terminating error. The
/// engine's own waits 300 ms for more rows of a table, and an error in that time would take along the rows
/// and everything that came after them. It has the engine's name, since the engine leaves the console to
/// native commands only in front of a command of that name.
/// </summary>
[Cmdlet(VerbsData.Out, "Default")]
public sealed class FlushingOutDefault : OutDefaultCommand
{
    public const string Name = "Out-Default";

    private bool _ended;

    protected override void EndProcessing()
    {
        _ended = true;
        base.EndProcessing();
    }

    protected override void InternalDispose()
    {
        try
        {
            if (!_ended)
            {
                EndProcessing();
            }
        }
        catch (PipelineStoppedException)
        {
            // Ctrl+C: nobody waits for the rest.
        }

        base.InternalDispose();
    }
}
