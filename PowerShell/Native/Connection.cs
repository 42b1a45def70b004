using System;
using PPFederation.Native;

namespace PPFederation
{
    public sealed partial class Connection
    {
        /// <summary>What keeps the connection open; none for an object that Connect-PPTenant didn't make.</summary>
        internal ConnectionHandle? Handle { get; set; }

        /// <summary>The session that the object was made in.</summary>
        internal Session? Session { get; set; }

        /// <summary>
        /// Open, Expired (its token can't be renewed and has ended by this computer's clock: whether it has is for the service to say)
        /// or Closed, at the moment it is looked at.
        /// </summary>
        public string State
        {
            get
            {
                if (Handle == null || !Handle.IsOpen)
                {
                    return "Closed";
                }
                return !Handle.Renews && ExpiresOn.ToUniversalTime() <= DateTime.UtcNow ? "Expired" : "Open";
            }
        }

        /// <summary>Whether cmdlets without -Connection use it, at the moment it is looked at.</summary>
        public bool IsDefault => Handle != null && Handle.IsOpen && Session?.Chosen == Handle;
    }
}
