using System.Collections;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;

namespace PPFederation
{
    /// <summary>A list of texts, which Export-Csv writes in one cell.</summary>
    public sealed class Texts : ReadOnlyCollection<string>
    {
        /// <summary>Of none.</summary>
        public Texts()
            : this(new ArrayList())
        {
        }

        /// <summary>Of what PowerShell has as a list.</summary>
        public Texts(IList texts)
            : base(new List<string>(texts.Cast<object>().Select(text => text.ToString() ?? "")))
        {
        }

        /// <summary>All of them, with semicolons between.</summary>
        public override string ToString()
        {
            return string.Join("; ", this);
        }
    }
}
