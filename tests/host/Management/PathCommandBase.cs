using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>A cmdlet on paths: one parameter set with wildcards, one with literal paths.</summary>
public abstract class PathCommandBase : PSCmdlet
{
    private string[] _paths = [];

    [Parameter(Position = 0, ParameterSetName = "Path", Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public virtual string[] Path
    {
        get => _paths;
        set => _paths = value;
    }

    [Parameter(ParameterSetName = "LiteralPath", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath
    {
        get => _paths;
        set
        {
            _paths = value;
            IsLiteral = true;
        }
    }

    /// <summary>Whether the paths came by -LiteralPath.</summary>
    protected bool IsLiteral { get; private set; }

    /// <summary>The items that the paths stand for. A path that stands for none is an error of its own.</summary>
    protected IEnumerable<PathInfo> Resolved()
    {
        foreach (var path in _paths)
        {
            foreach (var found in Resolved(path))
            {
                yield return found;
            }
        }
    }

    protected IReadOnlyList<PathInfo> Resolved(string path)
    {
        IReadOnlyList<PathInfo> found = [];
        Guard(path, () => found = SessionState.Path.GetResolvedPSPathFromPSPath(IsLiteral ? WildcardPattern.Escape(path) : path));
        return found;
    }

    /// <summary>The file system paths behind the paths; those of other providers are an error.</summary>
    protected IEnumerable<string> ResolvedFiles() => Resolved().Where(IsFile).Select(found => found.ProviderPath);

    /// <summary>Does one thing; what the providers and the file system say against it becomes an error record.</summary>
    protected void Guard(object target, Action action)
    {
        try
        {
            action();
        }
        catch (PipelineStoppedException)
        {
            throw;
        }
        catch (Exception problem) when (problem is IContainsErrorRecord)
        {
            WriteError(new ErrorRecord(((IContainsErrorRecord)problem).ErrorRecord, problem));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            WriteError(new ErrorRecord(problem, problem.GetType().Name, ErrorCategory.WriteError, target));
        }
    }

    private bool IsFile(PathInfo found)
    {
        if (found.Provider.Name == "FileSystem")
        {
            return true;
        }

        WriteError(new ErrorRecord(
            new PSNotSupportedException($"'{found.Path}' is not a path of the file system."),
            "NotFileSystemPath",
            ErrorCategory.InvalidArgument,
            found.Path));
        return false;
    }
}
