using System.Management.Automation;
using System.Text;

namespace Microsoft.PowerShell.Commands;

/// <summary>The encodings that PowerShell's -Encoding parameters name.</summary>
internal static class TextEncodings
{
    /// <summary>UTF-8 without a byte order mark, PowerShell 7's default.</summary>
    public static readonly Encoding Default = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    public static Encoding Named(string name) => name.ToLowerInvariant() switch
    {
        "utf8" or "utf8nobom" or "default" => Default,
        "utf8bom" => new UTF8Encoding(encoderShouldEmitUTF8Identifier: true),
        "ascii" => Encoding.ASCII,
        "unicode" or "string" or "unknown" => Encoding.Unicode,
        "bigendianunicode" => Encoding.BigEndianUnicode,
        "utf32" => Encoding.UTF32,
        "bigendianutf32" => new UTF32Encoding(bigEndian: true, byteOrderMark: true),
        "latin1" => Encoding.Latin1,
        _ => Encoding.GetEncoding(name),
    };
}

/// <summary>Lets an -Encoding parameter take a name, a code page or an Encoding.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class EncodingArgumentAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        try
        {
            return value switch
            {
                string name => TextEncodings.Named(name),
                int codePage => Encoding.GetEncoding(codePage),
                _ => value,
            };
        }
        catch (Exception problem) when (problem is ArgumentException or NotSupportedException)
        {
            throw new ArgumentTransformationMetadataException(
                $"'{value}' is not the name of an encoding. Use utf8, utf8BOM, ascii, unicode, latin1 or a code page.",
                problem);
        }
    }
}
