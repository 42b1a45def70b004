using System.Collections;
using System.Management.Automation;
using System.Net;
using System.Text;
using Newtonsoft.Json;

namespace Microsoft.PowerShell.Commands;

/// <summary>An answer whose status is no success; Response has the status and the headers.</summary>
public sealed class HttpResponseException(string message, HttpResponseMessage response)
    : HttpRequestException(message, null, response.StatusCode)
{
    public HttpResponseMessage Response { get; } = response;
}

/// <summary>What Invoke-RestMethod and Invoke-WebRequest have in common.</summary>
public abstract class WebRequestCommandBase : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stopped = new();

    [Parameter(Position = 0, Mandatory = true)]
    public Uri? Uri { get; set; }

    [Parameter]
    public string Method { get; set; } = "GET";

    [Parameter(ValueFromPipeline = true)]
    public object? Body { get; set; }

    [Parameter]
    public string? ContentType { get; set; }

    [Parameter]
    public IDictionary? Headers { get; set; }

    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0, int.MaxValue)]
    public int ConnectionTimeoutSeconds { get; set; }

    [Parameter]
    public SwitchParameter SkipHttpErrorCheck { get; set; }

    /// <summary>Has no effect, as in PowerShell 7.</summary>
    [Parameter]
    public SwitchParameter UseBasicParsing { get; set; }

    public void Dispose() => _stopped.Dispose();

    protected override void StopProcessing() => _stopped.Cancel();

    protected override void ProcessRecord()
    {
        using var client = new HttpClient();
        client.Timeout = ConnectionTimeoutSeconds > 0 ? TimeSpan.FromSeconds(ConnectionTimeoutSeconds) : Timeout.InfiniteTimeSpan;
        try
        {
            using var request = Request();
            var response = client.SendAsync(request, _stopped.Token).GetAwaiter().GetResult();
            var text = response.Content.ReadAsStringAsync(_stopped.Token).GetAwaiter().GetResult();
            if (!response.IsSuccessStatusCode && !SkipHttpErrorCheck)
            {
                Refused(request, response, text);
            }

            Answer(response, text);
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (Exception problem) when (problem is HttpRequestException or OperationCanceledException)
        {
            Fail(problem, Uri!, details: null);
        }
    }

    /// <summary>Writes what the cmdlet answers for a response.</summary>
    protected abstract void Answer(HttpResponseMessage response, string text);

    private HttpRequestMessage Request()
    {
        var request = new HttpRequestMessage(HttpMethod.Parse(Method), Uri);
        var body = Body is PSObject wrapped ? wrapped.BaseObject : Body;
        request.Content = body switch
        {
            null => null,
            IDictionary form => new FormUrlEncodedContent(form.Cast<DictionaryEntry>()
                .Select(e => KeyValuePair.Create(e.Key.ToString()!, LanguagePrimitives.ConvertTo<string>(e.Value)))),
            byte[] bytes => new ByteArrayContent(bytes),
            _ => new ByteArrayContent(Encoding.UTF8.GetBytes(LanguagePrimitives.ConvertTo<string>(body))),
        };
        if (request.Content is not null && ContentType is not null)
        {
            request.Content.Headers.Remove("Content-Type");
            request.Content.Headers.TryAddWithoutValidation("Content-Type", ContentType);
        }

        foreach (DictionaryEntry header in Headers ?? new Hashtable())
        {
            request.Headers.TryAddWithoutValidation(header.Key.ToString()!, LanguagePrimitives.ConvertTo<string>(header.Value));
        }

        return request;
    }

    private void Refused(HttpRequestMessage request, HttpResponseMessage response, string text)
    {
        var message = $"Response status code does not indicate success: {(int)response.StatusCode} ({response.ReasonPhrase}).";
        Fail(new HttpResponseException(message, response), request, text.Length > 0 ? text : null);
    }

    private void Fail(Exception problem, object target, string? details)
    {
        var record = new ErrorRecord(problem, "WebCmdletWebResponseException", ErrorCategory.InvalidOperation, target);
        record.ErrorDetails = details is null ? null : new ErrorDetails(details);
        ThrowTerminatingError(record);
    }
}

/// <summary>Stands in for Invoke-RestMethod: JSON answers become objects, all else text.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "RestMethod")]
public sealed class InvokeRestMethodCommand : WebRequestCommandBase
{
    [Parameter]
    public string? StatusCodeVariable { get; set; }

    protected override void Answer(HttpResponseMessage response, string text)
    {
        if (StatusCodeVariable is not null)
        {
            SessionState.PSVariable.Set(StatusCodeVariable, (int)response.StatusCode);
        }

        WriteObject(Parsed(text), enumerateCollection: false);
    }

    private static object? Parsed(string text)
    {
        try
        {
            return JsonReader.Read(text, asHashtable: false, depth: 1024);
        }
        catch (JsonException)
        {
            return text;
        }
    }
}

/// <summary>What Invoke-WebRequest answers.</summary>
public sealed class BasicHtmlWebResponseObject
{
    public int StatusCode { get; internal init; }

    public string? StatusDescription { get; internal init; }

    public string Content { get; internal init; } = string.Empty;

    public Dictionary<string, IEnumerable<string>> Headers { get; internal init; } = [];
}

/// <summary>Stands in for Invoke-WebRequest, without the parsing of HTML.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "WebRequest")]
public sealed class InvokeWebRequestCommand : WebRequestCommandBase
{
    protected override void Answer(HttpResponseMessage response, string text) => WriteObject(new BasicHtmlWebResponseObject
    {
        StatusCode = (int)response.StatusCode,
        StatusDescription = response.ReasonPhrase,
        Content = text,
        Headers = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key, header => header.Value, StringComparer.OrdinalIgnoreCase),
    });
}
