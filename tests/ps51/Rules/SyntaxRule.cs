using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace PPFederation.WindowsPowerShell.Rules;

/// <summary>Syntax newer than 5.1, which its parser refuses or reads as something else.</summary>
internal static partial class SyntaxRule
{
    private static readonly Dictionary<TokenKind, string> NewTokens = new()
    {
        [TokenKind.QuestionQuestion] = "the operator ??",
        [TokenKind.QuestionQuestionEquals] = "the operator ??=",
        [TokenKind.QuestionDot] = "the operator ?.",
        [TokenKind.QuestionLBracket] = "the operator ?[]",
        [TokenKind.AndAnd] = "a chained pipeline (&&)",
        [TokenKind.OrOr] = "a chained pipeline (||)",
    };

    /// <summary>Checks one script.</summary>
    public static IEnumerable<Finding> Check(Script script)
    {
        foreach (ParseError error in script.Errors)
        {
            yield return new Finding(error.Extent.StartLineNumber, "Parse", error.Message);
        }
        foreach (Finding finding in Tokens(script).Concat(Tree(script)).Concat(Requirements(script)))
        {
            yield return finding;
        }
    }

    private static IEnumerable<Finding> Tokens(Script script)
    {
        foreach (Token token in script.Tokens.SelectMany(WithNested))
        {
            string? what = NewTokens.GetValueOrDefault(token.Kind);
            if (!string.IsNullOrEmpty(what))
            {
                yield return new Finding(token.Extent.StartLineNumber, "Syntax", what);
            }
            if (token is NumberToken && !Number51().IsMatch(token.Text))
            {
                yield return new Finding(token.Extent.StartLineNumber, "Syntax", "the number " + token.Text);
            }
            if (token is StringExpandableToken && Escape7().IsMatch(token.Text))
            {
                yield return new Finding(token.Extent.StartLineNumber, "Syntax", "the escape `e or `u{}");
            }
        }
        foreach (Token token in LeadingPipes(script.Tokens))
        {
            yield return new Finding(token.Extent.StartLineNumber, "Syntax", "a line that begins with |");
        }
    }

    private static IEnumerable<Token> WithNested(Token token) =>
        token is StringExpandableToken { NestedTokens: not null } text ? [token, .. text.NestedTokens.SelectMany(WithNested)] : [token];

    /// <summary>Pipes that continue the line before without a ` at its end.</summary>
    private static IEnumerable<Token> LeadingPipes(Token[] tokens)
    {
        Token? before = null;
        foreach (Token token in tokens.Where(each => each.Kind is not (TokenKind.NewLine or TokenKind.Comment)))
        {
            if (token.Kind == TokenKind.Pipe && before != null && before.Kind != TokenKind.LineContinuation
                && before.Extent.EndLineNumber < token.Extent.StartLineNumber)
            {
                yield return token;
            }
            before = token;
        }
    }

    private static IEnumerable<Finding> Tree(Script script)
    {
        foreach (Ast node in script.Tree.FindAll(_ => true, true))
        {
            string? what = node switch
            {
                TernaryExpressionAst => "the ternary operator",
                PipelineAst { Background: true } => "a background job by &",
                NamedBlockAst { BlockKind: TokenKind.Clean } => "a clean block",
                InvokeMemberExpressionAst { GenericTypeArguments.Count: > 0 } => "type arguments of a method",
                TypeDefinitionAst { IsEnum: true, BaseTypes.Count: > 0 } => "an enum with a type of its own",
                UsingStatementAst { UsingStatementKind: not UsingStatementKind.Namespace } => "using other than of a namespace",
                _ => null,
            };
            if (what != null)
            {
                yield return Finding.At(node, "Syntax", what);
            }
        }
    }

    private static IEnumerable<Finding> Requirements(Script script)
    {
        ScriptRequirements? asked = script.Tree.ScriptRequirements;
        if (asked?.RequiredPSVersion > new Version(5, 1) || asked?.RequiredPSEditions.Contains("Core") == true)
        {
            yield return new Finding(1, "Syntax", "#Requires what 5.1 is not");
        }
    }

    // The suffixes of 5.1 are l and d; u, ul, s, us, y, uy and n came later, binary numbers too.
    [GeneratedRegex(@"^[+-]?(0x[0-9a-f]+l?|([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?[ld]?)([kmgtp]b)?$", RegexOptions.IgnoreCase)]
    private static partial Regex Number51();

    // An even number of ` before it is a ` that is escaped itself.
    [GeneratedRegex(@"(?<!`)(``)*`(e|u\{)")]
    private static partial Regex Escape7();
}
