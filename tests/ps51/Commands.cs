using System.Management.Automation.Language;

namespace PPFederation.WindowsPowerShell;

/// <summary>The commands that scripts may call: those of the table, and the functions of the scripts themselves.</summary>
internal sealed class Commands
{
    // about_CommonParameters, view powershell-5.1; ProgressAction came with 7.4.
    private static readonly string[] Common =
    [
        "Verbose", "Debug", "ErrorAction", "WarningAction", "InformationAction", "ErrorVariable", "WarningVariable",
        "InformationVariable", "OutVariable", "OutBuffer", "PipelineVariable",
    ];

    private readonly Dictionary<string, Command> known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads the table of cmdlets.</summary>
    public Commands()
    {
        foreach (string[] row in Table.Read("cmdlets.txt"))
        {
            bool isCounted = int.TryParse(row.ElementAtOrDefault(1), out int positions);
            known[row[0]] = new Command(row.Skip(isCounted ? 2 : 1).Concat(Common), isCounted ? positions : int.MaxValue);
        }
    }

    /// <summary>Adds the functions that a script defines.</summary>
    public void AddFunctions(Script script)
    {
        foreach (FunctionDefinitionAst function in script.All<FunctionDefinitionAst>())
        {
            ParamBlockAst? block = function.Body.ParamBlock;
            IEnumerable<ParameterAst> parameters = function.Parameters ?? block?.Parameters ?? [];
            bool isAdvanced = block?.Attributes.Concat(parameters.SelectMany(each => each.Attributes))
                .Any(each => each.TypeName.Name is "CmdletBinding" or "Parameter") == true;
            bool asks = block?.Attributes.Any(each => each.Extent.Text.Contains("SupportsShouldProcess")) == true;
            known[function.Name] = new Command(
                [.. parameters.Select(each => each.Name.VariablePath.UserPath), .. isAdvanced ? Common : [], .. asks ? ["WhatIf", "Confirm"] : Array.Empty<string>()],
                int.MaxValue);
        }
    }

    /// <summary>The command of that name, or null.</summary>
    public Command? Find(string name) => known.GetValueOrDefault(name);

    /// <summary>A command.</summary>
    internal sealed class Command(IEnumerable<string> parameters, int positions)
    {
        private readonly HashSet<string> names = parameters.ToHashSet(StringComparer.OrdinalIgnoreCase);

        /// <summary>How many arguments it takes by position at most.</summary>
        public int Positions => positions;

        /// <summary>Whether it has the parameter, by its whole name.</summary>
        public bool Has(string parameter) => names.Contains(parameter);
    }
}
