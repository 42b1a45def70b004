using System;

namespace PPFederation.Native
{
    /// <summary>What went wrong in the tenant or on the way to it: the exception behind every error record of the module.</summary>
    public sealed class FederationException : Exception
    {
        /// <summary>HTTP status of the answer that was refused; 0 where there was none.</summary>
        public int HttpStatus { get; }

        /// <summary>The service's own code, for example Request_ResourceNotFound; empty where there was none.</summary>
        public string Code { get; }

        /// <summary>Microsoft Graph's request-id, which Microsoft's support asks for; empty where there was none.</summary>
        public string RequestId { get; }

        /// <summary>What to do about it; may be empty.</summary>
        public string Advice { get; }

        /// <summary>Takes the parts of an error event. Null texts become empty ones.</summary>
        public FederationException(string message, int httpStatus, string? code, string? requestId, string? advice)
            : base(message)
        {
            HttpStatus = httpStatus;
            Code = code ?? "";
            RequestId = requestId ?? "";
            Advice = advice ?? "";
        }
    }
}
