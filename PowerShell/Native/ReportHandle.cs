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

        // Of all sessions of the process, each with its job: what fills a report may be compared in another one, as in ForEach-Object
        // -Parallel. Jobs of Azure Automation share a process, too, and have nothing to do with each other.
        private static readonly List<KeyValuePair<string, string>> notCompared = new List<KeyValuePair<string, string>>();

        private readonly List<AttributeDifference> rows = new List<AttributeDifference>();
        private readonly int notComparedBefore;
        private readonly string job;

        /// <summary>Takes over the report of this number, of a job of Azure Automation by its id, or of none.</summary>
        public ReportHandle(ulong number, string job) : base(IntPtr.Zero, true)
        {
            Number = number;
            this.job = job;
            SetHandle(unchecked((IntPtr)(long)number));
            lock (notCompared)
            {
                notComparedBefore = notCompared.Count;
            }
        }

        /// <summary>
        /// Remembers a tenant whose comparison came to no end, in a job or in none: a report whose rows came meanwhile lacks it.
        /// </summary>
        public static void AddNotCompared(string tenant, string job)
        {
            lock (notCompared)
            {
                notCompared.Add(new KeyValuePair<string, string>(tenant, job));
            }
        }

        /// <summary>
        /// The tenants whose comparison came to no end since the report was opened, in their order, but those of another job.
        /// </summary>
        public string[] NotCompared
        {
            get
            {
                List<string> tenants = new List<string>();
                lock (notCompared)
                {
                    for (int at = notComparedBefore; at < notCompared.Count; at++)
                    {
                        string other = notCompared[at].Value;
                        if (string.IsNullOrEmpty(job) || string.IsNullOrEmpty(other) || job == other)
                        {
                            tenants.Add(notCompared[at].Key);
                        }
                    }
                }
                return tenants.ToArray();
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
