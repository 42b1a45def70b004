using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Numerics;
using System.Text;
using Newtonsoft.Json;

namespace Microsoft.PowerShell.Commands;

/// <summary>Writes an object as JSON in the layout of PowerShell 7: two spaces, one member a line.</summary>
internal sealed class JsonWriter(int maxDepth, bool compress, bool enumsAsStrings)
{
    private readonly StringBuilder _text = new();

    /// <summary>Whether something lay deeper than the depth and was written as text.</summary>
    public bool Truncated { get; private set; }

    public string Write(object? value)
    {
        Value(value, depth: 0);
        return _text.ToString();
    }

    private void Value(object? value, int depth)
    {
        var wrapped = value as PSObject;
        var plain = wrapped?.BaseObject ?? value;
        switch (plain)
        {
            case null or DBNull:
                _text.Append("null");
                break;
            case bool flag:
                _text.Append(flag ? "true" : "false");
                break;
            case string or char or Guid or Uri or Version:
                _text.Append(JsonConvert.ToString(plain.ToString()));
                break;
            case DateTime or DateTimeOffset:
                _text.Append(JsonConvert.SerializeObject(plain));
                break;
            case Enum choice:
                _text.Append(enumsAsStrings ? JsonConvert.ToString(choice.ToString()) : choice.ToString("D"));
                break;
            case byte or sbyte or short or ushort or int or uint or long or ulong or BigInteger or decimal or double or float:
                _text.Append(Number(plain));
                break;
            default:
                Compound(wrapped ?? PSObject.AsPSObject(plain), depth);
                break;
        }
    }

    private static string Number(object number) => number switch
    {
        double real => JsonConvert.ToString(real),
        float real => JsonConvert.ToString(real),
        decimal real => JsonConvert.ToString(real),
        _ => ((IFormattable)number).ToString(null, CultureInfo.InvariantCulture),
    };

    private void Compound(PSObject value, int depth)
    {
        if (depth > maxDepth)
        {
            Truncated = true;
            _text.Append(JsonConvert.ToString(LanguagePrimitives.ConvertTo<string>(value)));
            return;
        }

        if (value.BaseObject is IDictionary table)
        {
            Members(table.Cast<DictionaryEntry>().Select(e => (e.Key.ToString()!, e.Value)), depth);
        }
        else if (value.BaseObject is IEnumerable items)
        {
            Items([.. items.Cast<object?>()], depth);
        }
        else
        {
            Members(value.Properties.Where(p => p.IsGettable).Select(p => (p.Name, ValueOf(p))), depth);
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

    private void Members(IEnumerable<(string Name, object? Value)> members, int depth) => Block(
        '{',
        '}',
        members.ToArray(),
        depth,
        member =>
        {
            _text.Append(JsonConvert.ToString(member.Name)).Append(compress ? ":" : ": ");
            Value(member.Value, depth + 1);
        });

    private void Items(object?[] items, int depth) => Block('[', ']', items, depth, item => Value(item, depth + 1));

    private void Block<T>(char open, char close, T[] parts, int depth, Action<T> write)
    {
        _text.Append(open);
        for (var at = 0; at < parts.Length; at++)
        {
            _text.Append(at == 0 ? string.Empty : ",");
            NewLine(depth + 1);
            write(parts[at]);
        }

        if (parts.Length > 0)
        {
            NewLine(depth);
        }

        _text.Append(close);
    }

    private void NewLine(int depth)
    {
        if (!compress)
        {
            _text.Append(Environment.NewLine).Append(' ', 2 * depth);
        }
    }
}
