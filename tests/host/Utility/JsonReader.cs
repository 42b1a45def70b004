using System.Management.Automation;
using System.Numerics;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Microsoft.PowerShell.Commands;

/// <summary>Reads JSON as PowerShell 7 does: text that looks like an ISO 8601 time becomes a DateTime.</summary>
internal static class JsonReader
{
    private static readonly JsonSerializerSettings s_plain = new()
    {
        TypeNameHandling = TypeNameHandling.None,
        MetadataPropertyHandling = MetadataPropertyHandling.Ignore,
    };

    /// <exception cref="JsonException">The text is not JSON, or nested deeper than asked for.</exception>
    public static object? Read(string text, bool asHashtable, int depth)
    {
        s_plain.MaxDepth = depth;
        var token = JsonConvert.DeserializeObject(text, s_plain);
        return token is JToken parsed ? Convert(parsed, asHashtable) : token;
    }

    private static object? Convert(JToken token, bool asHashtable) => token switch
    {
        JObject item when asHashtable => Table(item),
        JObject item => Object(item),
        JArray list => list.Select(entry => Convert(entry, asHashtable)).ToArray(),
        JValue { Value: BigInteger big } => big,
        JValue value => value.Value,
        _ => throw new JsonException($"Unexpected {token.Type} in the JSON text."),
    };

    // A hashtable keeps names that differ by case apart; an object cannot.
    private static OrderedHashtable Table(JObject item)
    {
        var table = new OrderedHashtable();
        foreach (var (name, value) in item)
        {
            table[name] = Convert(value!, asHashtable: true);
        }

        return table;
    }

    private static PSObject Object(JObject item)
    {
        var result = new PSObject();
        foreach (var (name, value) in item)
        {
            if (result.Properties[name] is not null)
            {
                throw new JsonException(
                    $"The JSON text has the names '{result.Properties[name].Name}' and '{name}', which differ only by case. Use -AsHashtable.");
            }

            result.Properties.Add(new PSNoteProperty(name, Convert(value!, asHashtable: false)));
        }

        return result;
    }
}
