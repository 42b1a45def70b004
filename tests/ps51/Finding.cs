using System.Management.Automation.Language;

namespace PPFederation.WindowsPowerShell;

/// <summary>Something in a script that Windows PowerShell 5.1 doesn't have.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Rule">The name of the rule, as the samples spell it.</param>
/// <param name="Text">What was found, for people.</param>
internal sealed record Finding(int Line, string Rule, string Text)
{
    /// <summary>A finding at a node of the syntax tree.</summary>
    public static Finding At(Ast node, string rule, string text) => new(node.Extent.StartLineNumber, rule, text);
}
