using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace PPFederation.TestHost.Shell;

/// <summary>Reads lines from stdin so that Ctrl+C ends the wait for them.</summary>
internal sealed class LineReader
{
    private static readonly TimeSpan s_keyPoll = TimeSpan.FromMilliseconds(20);

    // A read that Ctrl+C left waiting; the next question takes it over, since it can't be called off.
    private Task<string?>? _pending;

    /// <exception cref="HostException">At the end of input.</exception>
    public string Read(CancellationToken stopping)
    {
        _pending ??= Task.Run(Console.In.ReadLine);
        try
        {
            _pending.Wait(stopping);
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }

        var line = _pending.Result;
        _pending = null;
        return line ?? throw EndOfInput();
    }

    /// <summary>A line that a terminal does not show while it is typed.</summary>
    /// <exception cref="HostException">At the end of input.</exception>
    public SecureString ReadSecret(CancellationToken stopping)
    {
        var secret = new SecureString();
        if (Console.IsInputRedirected)
        {
            foreach (var letter in Read(stopping))
            {
                secret.AppendChar(letter);
            }
        }
        else
        {
            ReadKeys(secret, stopping);
        }

        secret.MakeReadOnly();
        return secret;
    }

    private static void ReadKeys(SecureString secret, CancellationToken stopping)
    {
        while (true)
        {
            var key = ReadKey(stopping);
            if (key.Key == ConsoleKey.Enter)
            {
                Console.Out.WriteLine();
                return;
            }

            if (key.Key == ConsoleKey.Backspace)
            {
                if (secret.Length > 0)
                {
                    secret.RemoveAt(secret.Length - 1);
                }
            }
            else if (key.KeyChar != '\0')
            {
                secret.AppendChar(key.KeyChar);
            }
        }
    }

    private static ConsoleKeyInfo ReadKey(CancellationToken stopping)
    {
        while (!Console.KeyAvailable)
        {
            if (stopping.WaitHandle.WaitOne(s_keyPoll))
            {
                throw new PipelineStoppedException();
            }
        }

        return Console.ReadKey(intercept: true);
    }

    private static HostException EndOfInput() => new(
        "The script asks a question, and the input has ended. Give the answer as a parameter, "
        + "for a confirmation -Confirm:$false.",
        null,
        "EndOfInput",
        ErrorCategory.InvalidOperation);
}
