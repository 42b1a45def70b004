using System.Management.Automation.Language;

namespace PPFederation.WindowsPowerShell;

/// <summary>The parameters in a splatted hashtable, as far as the same function spells them out.</summary>
internal static class Splatting
{
    /// <summary>The constant keys that the variable is given, as a literal or one by one.</summary>
    public static IEnumerable<(Ast Node, string Name)> Keys(VariableExpressionAst splatted)
    {
        string name = splatted.VariablePath.UserPath;
        foreach (AssignmentStatementAst assignment in Scope.Of(splatted).FindAll(node => node is AssignmentStatementAst, true).Cast<AssignmentStatementAst>())
        {
            IEnumerable<ExpressionAst> keys = assignment.Left switch
            {
                VariableExpressionAst whole when Is(whole, name) => Literal(assignment.Right),
                MemberExpressionAst { Expression: VariableExpressionAst of, Member: StringConstantExpressionAst key } when Is(of, name) => [key],
                IndexExpressionAst { Target: VariableExpressionAst of, Index: StringConstantExpressionAst key } when Is(of, name) => [key],
                _ => [],
            };
            foreach (StringConstantExpressionAst key in keys.OfType<StringConstantExpressionAst>())
            {
                yield return (key, key.Value);
            }
        }
    }

    private static IEnumerable<ExpressionAst> Literal(StatementAst right) =>
        right is CommandExpressionAst { Expression: HashtableAst table } ? table.KeyValuePairs.Select(pair => pair.Item1) : [];

    private static bool Is(VariableExpressionAst variable, string name) =>
        string.Equals(variable.VariablePath.UserPath, name, StringComparison.OrdinalIgnoreCase);
}
