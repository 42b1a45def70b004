using System;
using System.Runtime.InteropServices;

namespace PPFederation.Native
{
    /// <summary>
    /// Keeps a connection of the library open for as long as something refers to it. The collector closes one that nobody
    /// disconnected; closing one that Disconnect-PPTenant has closed already changes nothing.
    /// </summary>
    public sealed class ConnectionHandle : SafeHandle
    {
        /// <summary>Takes over the connection of this number.</summary>
        public ConnectionHandle(ulong number, bool renews) : base(IntPtr.Zero, true)
        {
            Number = number;
            Renews = renews;
            SetHandle(unchecked((IntPtr)(long)number));
        }

        /// <summary>The handle of a connection that Connect-PPTenant made in this process; none of any other object.</summary>
        public static ConnectionHandle? Of(object? connection)
        {
            return (connection as Connection)?.Handle;
        }

        /// <summary>The connection's number in the library.</summary>
        public ulong Number { get; }

        /// <summary>Whether its token is renewed when that ends.</summary>
        public bool Renews { get; }

        /// <summary>The tenant's domains, as far as they are known.</summary>
        public string[] Domains { get; set; } = new string[0];

        /// <summary>Where a demonstration tenant takes what only tests and rehearsals do, as letting time pass; else none.</summary>
        public Uri? Control { get; set; }

        /// <summary>Whether nothing has closed it yet.</summary>
        public bool IsOpen => !IsInvalid && !IsClosed;

        /// <inheritdoc/>
        public override bool IsInvalid => handle == IntPtr.Zero;

        /// <inheritdoc/>
        protected override bool ReleaseHandle()
        {
            return Job.LetGo("disconnect", "connection", unchecked((ulong)(long)handle));
        }
    }
}
