using System.Management.Automation;

namespace PPFederation.TestHost.Engine;

internal static partial class EngineInternals
{
    /// <summary>Gives an error the position of the script that called, and keeps it when it is written.</summary>
    public static void SetInvocation(ErrorRecord record, InvocationInfo caller)
    {
        Call(record, "SetInvocationInfo", caller);
        Property(typeof(ErrorRecord), "PreserveInvocationInfoOnce").SetValue(record, true);
    }

    /// <summary>Makes Out-Default print the object as an error, as if it came down the error stream.</summary>
    public static void MarkAsError(PSObject record)
    {
        var stream = Property(typeof(PSObject), "WriteStream");
        stream.SetValue(record, Enum.Parse(stream.PropertyType, "Error"));
    }

    /// <summary>The exception by which a cmdlet tells those before it in the pipeline that it has enough.</summary>
    public static Exception StopUpstream(Cmdlet cmdlet) =>
        (Exception)Create("System.Management.Automation.StopUpstreamCommandsException", cmdlet);
}
