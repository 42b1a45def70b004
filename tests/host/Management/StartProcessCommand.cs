using System.Collections;
using System.ComponentModel;
using System.Diagnostics;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>Stands in for Start-Process, without the Windows shell's verbs and window styles.</summary>
[Cmdlet(VerbsLifecycle.Start, "Process", SupportsShouldProcess = true)]
[OutputType(typeof(Process))]
public sealed class StartProcessCommand : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stopped = new();

    [Parameter(Mandatory = true, Position = 0)]
    [Alias("PSPath", "Path")]
    public string FilePath { get; set; } = string.Empty;

    [Parameter(Position = 1)]
    [Alias("Args")]
    public string[] ArgumentList { get; set; } = [];

    [Parameter]
    public string? WorkingDirectory { get; set; }

    [Parameter]
    [Alias("nnw")]
    public SwitchParameter NoNewWindow { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    [Parameter]
    [Alias("RSI")]
    public string? RedirectStandardInput { get; set; }

    [Parameter]
    [Alias("RSO")]
    public string? RedirectStandardOutput { get; set; }

    [Parameter]
    [Alias("RSE")]
    public string? RedirectStandardError { get; set; }

    [Parameter]
    public Hashtable? Environment { get; set; }

    [Parameter]
    public SwitchParameter Wait { get; set; }

    public void Dispose() => _stopped.Dispose();

    protected override void StopProcessing() => _stopped.Cancel();

    protected override void BeginProcessing()
    {
        if (!ShouldProcess(FilePath, "Start-Process"))
        {
            return;
        }

        try
        {
            var (process, copying) = Start();
            if (PassThru)
            {
                WriteObject(process);
            }

            if (Wait)
            {
                process.WaitForExitAsync(_stopped.Token).GetAwaiter().GetResult();
                copying.Wait(_stopped.Token);
            }
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
        catch (Exception problem) when (problem is Win32Exception or IOException or UnauthorizedAccessException)
        {
            ThrowTerminatingError(new ErrorRecord(
                new InvalidOperationException($"This command cannot be run due to the error: {problem.Message}", problem),
                "InvalidOperationException",
                ErrorCategory.InvalidOperation,
                null));
        }
    }

    /// <summary>The process, and what ends when its whole output is in the files.</summary>
    private (Process Process, Task Copying) Start()
    {
        var process = new Process { StartInfo = StartInfo() };
        var output = Create(RedirectStandardOutput);
        var error = Create(RedirectStandardError);
        process.Start();
        process.EnableRaisingEvents = true; // Keeps ExitCode for a caller that asks late.
        var copying = Task.WhenAll(
            Copy(output, () => process.StandardOutput.BaseStream),
            Copy(error, () => process.StandardError.BaseStream));
        if (RedirectStandardInput is not null)
        {
            using var input = File.OpenRead(FileTarget.Resolve(this, RedirectStandardInput));
            input.CopyTo(process.StandardInput.BaseStream);
            process.StandardInput.Close();
        }

        return (process, copying);
    }

    // As the real cmdlet: the arguments are joined by spaces and split again by the system's rules.
    private ProcessStartInfo StartInfo()
    {
        var info = new ProcessStartInfo(Executable(), string.Join(' ', ArgumentList))
        {
            WorkingDirectory = SessionState.Path.GetUnresolvedProviderPathFromPSPath(WorkingDirectory ?? "."),
            RedirectStandardInput = RedirectStandardInput is not null,
            RedirectStandardOutput = RedirectStandardOutput is not null,
            RedirectStandardError = RedirectStandardError is not null,
        };
        foreach (DictionaryEntry entry in Environment ?? [])
        {
            info.Environment[entry.Key.ToString()!] = entry.Value?.ToString();
        }

        return info;
    }

    private string Executable() =>
        InvokeCommand.GetCommand(FilePath, CommandTypes.Application) is ApplicationInfo found ? found.Path : FilePath;

    private FileStream? Create(string? path) => path is null
        ? null
        : new FileStream(FileTarget.Resolve(this, path), FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

    private static Task Copy(FileStream? file, Func<Stream> source)
    {
        if (file is null)
        {
            return Task.CompletedTask;
        }

        var from = source();
        return Task.Run(async () =>
        {
            await using (file)
            {
                await from.CopyToAsync(file);
            }
        });
    }
}
