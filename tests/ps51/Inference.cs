using System.Management.Automation.Language;
using System.Reflection;

namespace PPFederation.WindowsPowerShell;

/// <summary>
/// The type of an expression, where the script says it: by a literal, a constraint, a constructor, a member of such a type. Null
/// where only running would tell, and for what gets its members while it runs.
/// </summary>
internal sealed class Inference(Framework framework)
{
    // The automatic variables whose members scripts use.
    private static readonly Dictionary<string, string> Automatic = new(StringComparer.OrdinalIgnoreCase)
    {
        ["PSCmdlet"] = "System.Management.Automation.PSCmdlet",
        ["MyInvocation"] = "System.Management.Automation.InvocationInfo",
        ["ExecutionContext"] = "System.Management.Automation.EngineIntrinsics",
        ["Host"] = "System.Management.Automation.Host.PSHost",
        ["PSScriptRoot"] = "System.String",
        ["PSCommandPath"] = "System.String",
        ["PID"] = "System.Int32",
    };

    private readonly HashSet<string> pending = [];

    /// <summary>The type of an expression, or null.</summary>
    public Type? Of(ExpressionAst expression) => expression switch
    {
        StringConstantExpressionAst or ExpandableStringExpressionAst => framework.Named("System.String"),
        ConstantExpressionAst constant => framework.Named(constant.Value.GetType().FullName!),
        ConvertExpressionAst convert => Known(framework.Resolve(convert.Type.TypeName)),
        TypeExpressionAst => framework.Named("System.Type"),
        HashtableAst => framework.Named("System.Collections.Hashtable"),
        ScriptBlockExpressionAst => framework.Named("System.Management.Automation.ScriptBlock"),
        ArrayLiteralAst or ArrayExpressionAst => framework.Named("System.Object")!.MakeArrayType(),
        ParenExpressionAst { Pipeline: PipelineAst pipeline } => pipeline.GetPureExpression() is ExpressionAst inner ? Of(inner) : null,
        BinaryExpressionAst { Operator: TokenKind.Join or TokenKind.Format } => framework.Named("System.String"),
        BinaryExpressionAst { Operator: TokenKind.Plus, Left: var left } => Text(Of(left)),
        InvokeMemberExpressionAst call => OfCall(call),
        MemberExpressionAst member => OfMember(member),
        IndexExpressionAst index => OfIndex(Of(index.Target)),
        VariableExpressionAst variable => OfVariable(variable),
        _ => null,
    };

    /// <summary>The members of that name that a script can reach on the type, or from the type itself with ::.</summary>
    public static IEnumerable<MemberInfo> Members(Type type, string name, bool isStatic)
    {
        BindingFlags flags = BindingFlags.Public | (isStatic ? BindingFlags.Static | BindingFlags.FlattenHierarchy : BindingFlags.Instance);
        IEnumerable<Type> places = type.IsInterface ? [type, .. type.GetInterfaces()] : [type];
        return places.SelectMany(each => each.GetMembers(flags)).Where(each => string.Equals(each.Name, name, StringComparison.OrdinalIgnoreCase));
    }

    private static Type? Text(Type? type) => type?.FullName == "System.String" ? type : null;

    /// <summary>Nothing is known of an object, nor of one whose members are its data.</summary>
    private static Type? Known(Type? type) =>
        type?.FullName is "System.Object" or "System.Void" or "System.Management.Automation.PSObject" or "System.Management.Automation.PSCustomObject"
            || type?.IsGenericParameter == true ? null : type;

    private Type? OfCall(InvokeMemberExpressionAst call)
    {
        Type? type = Receiver(call);
        if (type == null || call.Member is not StringConstantExpressionAst name)
        {
            return null;
        }
        if (call.Static && name.Value.Equals("new", StringComparison.OrdinalIgnoreCase))
        {
            return Known(type);
        }
        int count = call.Arguments?.Count ?? 0;
        return Same(Members(type, name.Value, call.Static).OfType<MethodInfo>()
            .Where(each => Framework.Takes(each, count)).Select(each => each.ReturnType));
    }

    private Type? OfMember(MemberExpressionAst member)
    {
        if (member.Member is not StringConstantExpressionAst name)
        {
            return null;
        }
        if (name.Value.Equals("PSObject", StringComparison.OrdinalIgnoreCase))
        {
            // Every object has it; here the members of PSObject itself are meant.
            return framework.Named("System.Management.Automation.PSObject");
        }
        return Receiver(member) is not Type type ? null : Same(Members(type, name.Value, member.Static).Select(each => each switch
        {
            PropertyInfo property => property.PropertyType,
            FieldInfo field => field.FieldType,
            _ => null,
        }));
    }

    /// <summary>The type whose members a member expression names.</summary>
    public Type? Receiver(MemberExpressionAst member) => member switch
    {
        { Static: true, Expression: TypeExpressionAst type } => framework.Resolve(type.TypeName),
        // A type in a variable.
        { Static: true } => null,
        _ => Of(member.Expression),
    };

    private Type? OfIndex(Type? target)
    {
        if (target == null || target.IsArray)
        {
            return Known(target?.GetElementType());
        }
        return Same(target.GetDefaultMembers().OfType<PropertyInfo>().Select(each => each.PropertyType));
    }

    private Type? OfVariable(VariableExpressionAst variable)
    {
        string name = variable.VariablePath.UserPath;
        if (name is "_" or "PSItem")
        {
            return Scope.IsInCatch(variable) ? framework.Named("System.Management.Automation.ErrorRecord") : null;
        }
        if (Automatic.TryGetValue(name, out string? automatic))
        {
            return framework.Named(automatic);
        }
        // A variable that is set from itself says nothing.
        if (!pending.Add(name))
        {
            return null;
        }
        try
        {
            return Same(Sources(Scope.Of(variable), name));
        }
        finally
        {
            pending.Remove(name);
        }
    }

    /// <summary>The types of all that a function puts in a variable; null among them where one is not known.</summary>
    private IEnumerable<Type?> Sources(Ast scope, string name)
    {
        bool Is(ExpressionAst each) => each is VariableExpressionAst { VariablePath.UserPath: var path } && path.Equals(name, StringComparison.OrdinalIgnoreCase);
        foreach (Ast node in scope.FindAll(_ => true, true))
        {
            if (node is ParameterAst parameter && Is(parameter.Name))
            {
                TypeConstraintAst? constraint = parameter.Attributes.OfType<TypeConstraintAst>().FirstOrDefault();
                yield return constraint == null ? null : Known(framework.Resolve(constraint.TypeName));
            }
            if (node is ForEachStatementAst loop && Is(loop.Variable))
            {
                yield return (loop.Condition as PipelineAst)?.GetPureExpression() is ExpressionAst all ? OfElement(Of(all)) : null;
            }
            if (node is AssignmentStatementAst { Left: var left } assignment)
            {
                if (left is ConvertExpressionAst convert && Is(convert.Child))
                {
                    yield return Known(framework.Resolve(convert.Type.TypeName));
                }
                else if (Is(left))
                {
                    yield return assignment.Right is CommandExpressionAst { Expression: var value } ? Of(value) : null;
                }
            }
        }
    }

    private static Type? OfElement(Type? list) => list switch
    {
        { IsArray: true } => Known(list.GetElementType()),
        { FullName: "System.String" } => list,
        _ => list?.GetInterfaces().Append(list).Where(each => each.IsGenericType && each.GetGenericTypeDefinition().FullName == "System.Collections.Generic.IEnumerable`1")
            .Select(each => Known(each.GenericTypeArguments[0])).FirstOrDefault(),
    };

    private static Type? Same(IEnumerable<Type?> types)
    {
        Type?[] distinct = types.Distinct().ToArray();
        return distinct.Length == 1 ? Known(distinct[0]) : null;
    }
}
