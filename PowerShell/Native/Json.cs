using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace PPFederation.Native
{
    /// <summary>Writes the few JSON shapes of a request. netstandard2.0 brings no JSON, and a package could conflict.</summary>
    internal sealed class Json
    {
        private static readonly PropertyInfo[] RowColumns = typeof(AttributeDifference).GetProperties();

        private readonly StringBuilder text = new StringBuilder();
        private readonly Func<System.Security.SecureString, IDictionary> reference;

        /// <summary>Takes what turns a secret into its reference.</summary>
        internal Json(Func<System.Security.SecureString, IDictionary> reference)
        {
            this.reference = reference;
        }

        public override string ToString() => text.ToString();

        internal void Value(object? value)
        {
            switch (value)
            {
                case null: text.Append("null"); break;
                case string s: Text(s); break;
                case bool b: text.Append(b ? "true" : "false"); break;
                case int _:
                case long _:
                case uint _:
                case ulong _:
                    text.Append(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
                    break;
                case System.Security.SecureString secret: Value(reference(secret)); break;
                case AttributeDifference row: Map(Columns(row)); break;
                case IDictionary map: Map(map); break;
                case IEnumerable list: List(list); break;
                default:
                    throw new ArgumentException("A request cannot hold a value of type " + value.GetType().FullName + ".");
            }
        }

        // The row's columns are what its class has.
        private static IDictionary Columns(AttributeDifference row)
        {
            var columns = new Dictionary<string, object?>(RowColumns.Length);
            foreach (PropertyInfo column in RowColumns)
            {
                columns.Add(column.Name, column.GetValue(row, null));
            }
            return columns;
        }

        private void Map(IDictionary map)
        {
            string separator = "{";
            foreach (DictionaryEntry entry in map)
            {
                text.Append(separator);
                Text((string)entry.Key);
                text.Append(':');
                Value(entry.Value);
                separator = ",";
            }
            text.Append(map.Count == 0 ? "{}" : "}");
        }

        private void List(IEnumerable list)
        {
            text.Append('[');
            string separator = "";
            foreach (object? item in list)
            {
                text.Append(separator);
                Value(item);
                separator = ",";
            }
            text.Append(']');
        }

        private void Text(string value)
        {
            text.Append('"');
            foreach (char c in value)
            {
                if (c == '"' || c == '\\')
                {
                    text.Append('\\').Append(c);
                }
                else if (c < ' ')
                {
                    text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                }
                else
                {
                    text.Append(c);
                }
            }
            text.Append('"');
        }
    }
}
