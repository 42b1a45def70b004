using PPFederation.WindowsPowerShell.Rules;

namespace PPFederation.WindowsPowerShell;

/// <summary>All rules, for scripts that may call each other's functions.</summary>
internal sealed class Checker
{
    private readonly TypeRule types;
    private readonly Commands commands = new();
    private readonly HashSet<string> variables = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A checker for these scripts.</summary>
    public Checker(Framework framework, IEnumerable<Script> scripts)
    {
        types = new TypeRule(framework);
        foreach (Script script in scripts)
        {
            commands.AddFunctions(script);
            variables.UnionWith(VariableRule.SetBy(script));
        }
    }

    /// <summary>What one of them has that 5.1 doesn't, by line.</summary>
    public IEnumerable<Finding> Check(Script script) =>
        AsciiRule.Check(script)
            .Concat(SyntaxRule.Check(script))
            .Concat(VariableRule.Check(script, variables))
            .Concat(CommandRule.Check(script, commands))
            .Concat(types.Check(script))
            .OrderBy(each => each.Line);
}
