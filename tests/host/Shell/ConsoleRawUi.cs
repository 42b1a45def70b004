using System.Management.Automation.Host;

namespace PPFederation.TestHost.Shell;

/// <summary>The size and the colours of the console, as far as the engine's formatting asks for them.</summary>
internal sealed class ConsoleRawUi : PSHostRawUserInterface
{
    // What pwsh assumes for redirected output; here COLUMNS may say otherwise.
    private const int RedirectedWidth = 120;

    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;

    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

    public override Size BufferSize
    {
        get => new(WindowWidth(), 3000);
        set => throw Unsupported();
    }

    public override Size WindowSize
    {
        get => new(WindowWidth(), 50);
        set => throw Unsupported();
    }

    public override Size MaxPhysicalWindowSize => WindowSize;

    public override Size MaxWindowSize => WindowSize;

    public override Coordinates CursorPosition
    {
        get => new(0, 0);
        set => throw Unsupported();
    }

    public override Coordinates WindowPosition
    {
        get => new(0, 0);
        set => throw Unsupported();
    }

    public override int CursorSize { get; set; } = 25;

    public override string WindowTitle { get; set; } = string.Empty;

    public override bool KeyAvailable => !Console.IsInputRedirected && Console.KeyAvailable;

    public static int WindowWidth()
    {
        if (Console.IsOutputRedirected)
        {
            return int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), out var told) ? told : RedirectedWidth;
        }

        var width = Console.WindowWidth;
        return width > 0 ? width : RedirectedWidth;
    }

    public override void FlushInputBuffer()
    {
    }

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw Unsupported();

    public override KeyInfo ReadKey(ReadKeyOptions options) => throw Unsupported();

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) =>
        throw Unsupported();

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw Unsupported();

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw Unsupported();

    private static NotSupportedException Unsupported() => new("This host cannot do that with its console.");
}
