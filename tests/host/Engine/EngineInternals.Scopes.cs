using System.Management.Automation;

namespace PPFederation.TestHost.Engine;

/// <summary>
/// Variables and aliases at a named or numbered scope. A scope is "global", "script", "local" or how many
/// scopes up from the caller's, as in the cmdlets' -Scope.
/// </summary>
internal static partial class EngineInternals
{
    public static IEnumerable<PSVariable> Variables(SessionState state, string? scope)
    {
        var table = scope is null
            ? Call(Scopes(state), "GetVariableTable")
            : Call(Scopes(state), "GetVariableTableAtScope", scope);
        return ((IDictionary<string, PSVariable>)table!).Values;
    }

    public static PSVariable? Variable(SessionState state, string name, string? scope) =>
        scope is null ? state.PSVariable.Get(name) : (PSVariable?)Call(Scopes(state), "GetVariableAtScope", name, scope);

    /// <summary>Sets or makes the variable; the old one's options guard it unless forced.</summary>
    public static void SetVariable(SessionState state, PSVariable variable, string? scope, bool force)
    {
        if (scope is null)
        {
            Call(Scopes(state), "SetVariable", variable, force, CommandOrigin.Internal);
        }
        else
        {
            Call(Scopes(state), "SetVariableAtScope", variable, scope, force, CommandOrigin.Internal);
        }
    }

    /// <summary>Makes the variable; one of that name in that scope is an error unless forced.</summary>
    public static void NewVariable(SessionState state, PSVariable variable, string? scope, bool force) =>
        Call(Scopes(state), "NewVariableAtScope", variable, scope ?? "local", force);

    public static void RemoveVariable(SessionState state, PSVariable variable, string? scope, bool force)
    {
        if (scope is null)
        {
            Call(Scopes(state), "RemoveVariable", variable, force);
        }
        else
        {
            Call(Scopes(state), "RemoveVariableAtScope", variable, scope, force);
        }
    }

    public static IEnumerable<AliasInfo> Aliases(SessionState state, string? scope)
    {
        var table = scope is null
            ? Call(Scopes(state), "GetAliasTable")
            : Call(Scopes(state), "GetAliasTableAtScope", scope);
        return ((IDictionary<string, AliasInfo>)table!).Values;
    }

    public static AliasInfo SetAlias(
        SessionState state, string name, string definition, ScopedItemOptions options, string? scope, bool force)
    {
        var context = Get(Scopes(state), "ExecutionContext");
        var alias = (AliasInfo)Create(typeof(AliasInfo).FullName!, name, definition, context, options);
        return (AliasInfo)Call(Scopes(state), "SetAliasItemAtScope", alias, scope ?? "local", force, CommandOrigin.Internal)!;
    }

    /// <summary>One CLIXML document of several objects.</summary>
    public static string Serialize(IList<object?> objects, int depth)
    {
        var method = typeof(PSSerializer).GetMethod("Serialize", Any, [typeof(IList<object>), typeof(int), typeof(bool)])
            ?? throw Missing(typeof(PSSerializer), "Serialize");
        return (string)method.Invoke(null, [objects, depth, false])!;
    }

    private static object Scopes(SessionState state) => Get(state, "Internal")!;
}
