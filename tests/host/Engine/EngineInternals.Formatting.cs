using System.Management.Automation;
using Microsoft.PowerShell.Commands.Internal.Format;

namespace PPFederation.TestHost.Engine;

internal static partial class EngineInternals
{
    private const string FormatSpace = "Microsoft.PowerShell.Commands.Internal.Format.";

    /// <summary>Gives a Format-* cmdlet the engine's formatter of that shape: Table, List or Wide.</summary>
    public static void UseShape(OuterFormatShapeCommandBase cmdlet, string shape)
    {
        var value = Enum.Parse(EngineType(FormatSpace + "FormatShape"), shape);
        Field(cmdlet.GetType(), "implementation")
            .SetValue(cmdlet, Create(FormatSpace + "InnerFormatShapeCommand", value));
    }

    /// <summary>Prints objects to <paramref name="writer"/> as Out-Default would to a console that wide.</summary>
    public static void Print(IEnumerable<object?> objects, TextWriter writer, int columns)
    {
        var target = Create(FormatSpace + "TextWriterLineOutput", writer, columns);
        using var printer = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        // By type: a runspace may be without the name.
        var command = new CmdletInfo("Out-LineOutput", EngineType("Microsoft.PowerShell.Commands.OutLineOutputCommand"));
        printer.AddCommand(command).AddParameter("LineOutput", target);
        printer.Invoke(objects);
    }
}
