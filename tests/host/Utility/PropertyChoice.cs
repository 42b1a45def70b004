using System.Collections;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>
/// One entry of a -Property parameter: a name, perhaps with wildcards, a script block, or a hashtable
/// with Expression and Name (or Label), and for Sort-Object Descending or Ascending.
/// </summary>
internal sealed class PropertyChoice
{
    private readonly object _expression;
    private readonly string? _label;

    private PropertyChoice(object expression, string? label, bool? descending)
    {
        _expression = expression;
        _label = label;
        Descending = descending;
    }

    /// <summary>The direction that the hashtable asks for, or null.</summary>
    public bool? Descending { get; }

    private bool HasWildcard =>
        _expression is string name && WildcardPattern.ContainsWildcardCharacters(name);

    public static PropertyChoice[] Of(PSCmdlet cmdlet, object[]? properties) =>
        properties?.Select(property => Of(cmdlet, property)).ToArray() ?? [];

    /// <summary>The named values of an object. A name that the object lacks gives null, a wildcard nothing.</summary>
    public IEnumerable<KeyValuePair<string, object?>> Values(PSObject input)
    {
        if (HasWildcard)
        {
            var pattern = WildcardPattern.Get((string)_expression, WildcardOptions.IgnoreCase);
            foreach (var property in input.Properties.Where(p => pattern.IsMatch(p.Name)))
            {
                yield return new(property.Name, ValueOf(property));
            }
        }
        else
        {
            yield return new(_label ?? _expression.ToString()!.Trim(), Value(input));
        }
    }

    /// <summary>The value for comparing; null when the object has no such property or the script fails.</summary>
    public object? Value(PSObject input)
    {
        if (_expression is not ScriptBlock script)
        {
            var property = input.Properties[(string)_expression];
            return property is not null ? ValueOf(property) : Entry(input, (string)_expression);
        }

        var results = Evaluate(script, input);
        return results.Count switch { 0 => null, 1 => results[0], _ => results.ToArray() };
    }

    /// <summary>Whether the object has a property of that name; a script always has a value.</summary>
    public bool Exists(PSObject input) =>
        _expression is ScriptBlock || HasWildcard || input.Properties[(string)_expression] is not null
        || input.BaseObject is IDictionary table && table.Contains(_expression);

    private static object? Entry(PSObject input, string name) =>
        input.BaseObject is IDictionary table && table.Contains(name) ? table[name] : null;

    // As Select-Object: an error inside the expression makes the value null.
    private static List<PSObject> Evaluate(ScriptBlock script, PSObject input)
    {
        try
        {
            return [.. script.InvokeWithContext(null, [new PSVariable("_", input)])];
        }
        catch (RuntimeException problem) when (problem is not PipelineStoppedException)
        {
            return [];
        }
    }

    private static object? ValueOf(PSPropertyInfo property)
    {
        try
        {
            return property.Value;
        }
        catch (GetValueException)
        {
            return null;
        }
    }

    private static PropertyChoice Of(PSCmdlet cmdlet, object property)
    {
        var value = property is PSObject wrapped ? wrapped.BaseObject : property;
        return value switch
        {
            ScriptBlock script => new PropertyChoice(script, null, null),
            IDictionary table => OfTable(cmdlet, table),
            _ => new PropertyChoice(LanguagePrimitives.ConvertTo<string>(value), null, null),
        };
    }

    private static PropertyChoice OfTable(PSCmdlet cmdlet, IDictionary table)
    {
        object? expression = null;
        string? label = null;
        bool? descending = null;
        foreach (DictionaryEntry entry in table)
        {
            var key = entry.Key.ToString()!.ToLowerInvariant();
            if ("expression".StartsWith(key, StringComparison.Ordinal))
            {
                expression = entry.Value is PSObject wrapped ? wrapped.BaseObject : entry.Value;
            }
            else if ("name".StartsWith(key, StringComparison.Ordinal) || "label".StartsWith(key, StringComparison.Ordinal))
            {
                label = entry.Value?.ToString();
            }
            else if ("descending".StartsWith(key, StringComparison.Ordinal))
            {
                descending = LanguagePrimitives.IsTrue(entry.Value);
            }
            else if ("ascending".StartsWith(key, StringComparison.Ordinal))
            {
                descending = !LanguagePrimitives.IsTrue(entry.Value);
            }
            else
            {
                Refuse(cmdlet, $"The key '{entry.Key}' is not valid in a property; use Name (or Label) and Expression.", entry.Key);
            }
        }

        if (expression is null)
        {
            Refuse(cmdlet, "A property given as a hashtable needs the key Expression.", table);
        }

        return new PropertyChoice(expression as ScriptBlock ?? (object)expression!.ToString()!, label, descending);
    }

    private static void Refuse(PSCmdlet cmdlet, string problem, object target) =>
        cmdlet.ThrowTerminatingError(new ErrorRecord(
            new NotSupportedException(problem), "DictionaryKeyUnknown", ErrorCategory.InvalidArgument, target));
}
