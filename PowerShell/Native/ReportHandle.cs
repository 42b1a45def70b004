using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace PPFederation.Native
{
    /// <summary>
    /// A report of the library that takes rows. Rows are kept here until there are enough to hand over; a report that nobody
    /// wrote, as after Ctrl+C, is let go of by the collector, and its rows with it.
    /// </summary>
    public sealed class ReportHandle : SafeHandle
    {
        // About half a megabyte.
        private const int RowsAtOnce = 1000;

        // Of all sessions of the process: what fills a report may be compared in another one, as in ForEach-Object -Parallel.
        private static readonly List<string> notCompared = new List<string>();

        private readonly List<AttributeDifference> rows = new List<AttributeDifference>();
        private readonly int notComparedBefore;

        /// <summary>Takes over the report of this number.</summary>
        public ReportHandle(ulong number) : base(IntPtr.Zero, true)
        {
            Number = number;
            SetHandle(unchecked((IntPtr)(long)number));
            lock (notCompared)
            {
                notComparedBefore = notCompared.Count;
            }
        }

        /// <summary>Remembers a tenant whose comparison came to no end: a report whose rows came meanwhile lacks it.</summary>
        public static void AddNotCompared(string tenant)
        {
            lock (notCompared)
            {
                notCompared.Add(tenant);
            }
        }

        /// <summary>The tenants whose comparison came to no end since the report was opened, in their order.</summary>
        public string[] NotCompared
        {
            get
            {
                lock (notCompared)
                {
                    return notCompared.GetRange(notComparedBefore, notCompared.Count - notComparedBefore).ToArray();
                }
            }
        }

        /// <summary>The report's number in the library.</summary>
        public ulong Number { get; }

        /// <inheritdoc/>
        public override bool IsInvalid => handle == IntPtr.Zero;

        /// <summary>Keeps a row; whether there are enough to hand over.</summary>
        public bool Add(AttributeDifference row)
        {
            rows.Add(row);
            return rows.Count == RowsAtOnce;
        }

        /// <summary>The rows that are kept, which are not from now on.</summary>
        public AttributeDifference[] Take()
        {
            AttributeDifference[] taken = rows.ToArray();
            rows.Clear();
            return taken;
        }

        /// <inheritdoc/>
        protected override bool ReleaseHandle()
        {
            return Job.LetGo("closeReport", "report", unchecked((ulong)(long)handle));
        }
    }
}
