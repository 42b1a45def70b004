using System.Management.Automation.Language;

namespace PPFederation.WindowsPowerShell.Rules;

/// <summary>
/// Variables that a script reads but nothing sets and 5.1 does not have of itself: they throw under StrictMode. So what a later
/// PowerShell adds is found without knowing its name.
/// </summary>
internal static class VariableRule
{
    // about_Automatic_Variables and about_Preference_Variables, view powershell-5.1.
    private static readonly HashSet<string> Own = Words("""
        $ ? ^ _ args ConsoleFileName Error Event EventArgs EventSubscriber ExecutionContext false foreach HOME Host input
        LASTEXITCODE Matches MyInvocation NestedPromptLevel null PID PROFILE PSBoundParameters PSCmdlet PSCommandPath PSCulture
        PSDebugContext PSEdition PSHOME PSItem PSScriptRoot PSSenderInfo PSUICulture PSVersionTable PWD Sender ShellId StackTrace
        switch this true
        ConfirmPreference DebugPreference ErrorActionPreference ErrorView FormatEnumerationLimit InformationPreference
        MaximumAliasCount MaximumDriveCount MaximumErrorCount MaximumFunctionCount MaximumHistoryCount MaximumVariableCount OFS
        OutputEncoding ProgressPreference PSDefaultParameterValues PSEmailServer PSModuleAutoLoadingPreference
        PSSessionApplicationName PSSessionConfigurationName PSSessionOption VerbosePreference WarningPreference
        WhatIfPreference
        """);

    // $PSVersionTable of PowerShell 7 has more keys; under StrictMode a missing one throws.
    private static readonly HashSet<string> NewVersionKeys = Words("OS Platform GitCommitId");

    /// <summary>Checks one script; <paramref name="set"/> are the variables that others set for it.</summary>
    public static IEnumerable<Finding> Check(Script script, IReadOnlySet<string> set)
    {
        foreach (VariableExpressionAst variable in script.All<VariableExpressionAst>())
        {
            string name = variable.VariablePath.UserPath.Split(':')[^1];
            if (!variable.VariablePath.IsDriveQualified && !Own.Contains(name) && !set.Contains(name))
            {
                yield return Finding.At(variable, "Variable", "$" + name + " is not set here and not automatic");
            }
        }
        foreach (MemberExpressionAst member in script.All<MemberExpressionAst>())
        {
            if (member is { Expression: VariableExpressionAst { VariablePath.UserPath: "PSVersionTable" }, Member: StringConstantExpressionAst key }
                && NewVersionKeys.Contains(key.Value))
            {
                yield return Finding.At(member, "Variable", "$PSVersionTable has no " + key.Value);
            }
        }
    }

    /// <summary>The names of the variables that a script sets: by assignment, as parameters, in foreach.</summary>
    public static IEnumerable<string> SetBy(Script script)
    {
        IEnumerable<VariableExpressionAst> set = script.All<AssignmentStatementAst>().SelectMany(each => Targets(each.Left))
            .Concat(script.All<ParameterAst>().Select(each => each.Name))
            .Concat(script.All<ForEachStatementAst>().Select(each => each.Variable));
        return set.Select(each => each.VariablePath.UserPath.Split(':')[^1]);
    }

    private static IEnumerable<VariableExpressionAst> Targets(ExpressionAst left) => left switch
    {
        VariableExpressionAst variable => [variable],
        AttributedExpressionAst attributed => Targets(attributed.Child),
        ArrayLiteralAst list => list.Elements.SelectMany(Targets),
        _ => [],
    };

    private static HashSet<string> Words(string text) =>
        text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.OrdinalIgnoreCase);
}
