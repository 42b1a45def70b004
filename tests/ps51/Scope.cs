using System.Management.Automation.Language;

namespace PPFederation.WindowsPowerShell;

/// <summary>Where a node stands.</summary>
internal static class Scope
{
    /// <summary>The function around a node, or the whole script.</summary>
    public static Ast Of(Ast node)
    {
        Ast at = node;
        while (at.Parent != null && at is not FunctionDefinitionAst)
        {
            at = at.Parent;
        }
        return at;
    }

    /// <summary>Whether a node lies in a catch block, where $_ is the error.</summary>
    public static bool IsInCatch(Ast node)
    {
        for (Ast? at = node; at != null; at = at.Parent)
        {
            if (at is CatchClauseAst)
            {
                return true;
            }
            if (at is ScriptBlockExpressionAst or FunctionDefinitionAst)
            {
                return false;
            }
        }
        return false;
    }
}
