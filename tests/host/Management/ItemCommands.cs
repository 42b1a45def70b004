using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>Stands in for Get-Item.</summary>
[Cmdlet(VerbsCommon.Get, "Item", DefaultParameterSetName = "Path")]
public sealed class GetItemCommand : PathCommandBase
{
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var path in Path)
        {
            Guard(path, () => WriteObject(InvokeProvider.Item.Get([path], Force, IsLiteral), enumerateCollection: true));
        }
    }
}

/// <summary>Stands in for Set-Item.</summary>
[Cmdlet(VerbsCommon.Set, "Item", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
public sealed class SetItemCommand : PathCommandBase
{
    [Parameter(Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public object? Value { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var path in Path.Where(path => ShouldProcess($"Item: {path} Value: {Value}", "Set Item")))
        {
            Guard(path, () =>
            {
                var set = InvokeProvider.Item.Set([path], Value, Force, IsLiteral);
                WriteObject(PassThru ? set : [], enumerateCollection: true);
            });
        }
    }
}

/// <summary>Stands in for New-Item.</summary>
[Cmdlet(VerbsCommon.New, "Item", SupportsShouldProcess = true, DefaultParameterSetName = "pathSet")]
public sealed class NewItemCommand : PathCommandBase
{
    [Parameter(Position = 0, ParameterSetName = "pathSet", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(Position = 0, ParameterSetName = "nameSet", ValueFromPipelineByPropertyName = true)]
    public override string[] Path
    {
        get => base.Path.Length == 0 ? [string.Empty] : base.Path;
        set => base.Path = value;
    }

    [Parameter(ParameterSetName = "nameSet", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    public string? Name { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Type")]
    public string? ItemType { get; set; }

    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Target")]
    public object? Value { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var path in Path)
        {
            var kind = string.Equals(ItemType, "Directory", StringComparison.OrdinalIgnoreCase) ? "Directory" : ItemType ?? "File";
            var target = string.IsNullOrEmpty(Name) ? path : SessionState.Path.Combine(path, Name);
            if (ShouldProcess($"Destination: {target}", $"Create {kind}"))
            {
                Guard(path, () => WriteObject(
                    InvokeProvider.Item.New([path], Name, ItemType, Value, Force), enumerateCollection: true));
            }
        }
    }
}

/// <summary>Stands in for Remove-Item.</summary>
[Cmdlet(VerbsCommon.Remove, "Item", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
public sealed class RemoveItemCommand : PathCommandBase
{
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var found in Resolved().ToArray())
        {
            var isFolder = InvokeProvider.Item.IsContainer(WildcardPattern.Escape(found.Path));
            if (ShouldProcess(found.ProviderPath, isFolder ? "Remove Directory" : "Remove File") && IsMeant(found, isFolder))
            {
                Guard(found.Path, () => InvokeProvider.Item.Remove([found.Path], Recurse || isFolder, Force, literalPath: true));
            }
        }
    }

    private bool IsMeant(PathInfo found, bool isFolder) =>
        Recurse || !isFolder || found.Provider.Name != "FileSystem"
        || !Directory.EnumerateFileSystemEntries(found.ProviderPath).Any()
        || ShouldContinue(
            $"The item at {found.ProviderPath} has children and the Recurse parameter was not specified. "
            + "If you continue, all children will be removed with the item. Are you sure you want to continue?",
            "Confirm");
}

/// <summary>What Copy-Item and Move-Item have in common.</summary>
public abstract class TransferItemCommandBase : PathCommandBase
{
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    public string Destination { get; set; } = ".";

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected void Transfer(string operation, Func<string, IEnumerable<PSObject>> transfer)
    {
        foreach (var path in Path.Where(path => ShouldProcess($"Item: {path} Destination: {Destination}", operation)))
        {
            Guard(path, () =>
            {
                var results = transfer(path).ToArray();
                WriteObject(PassThru ? results : [], enumerateCollection: true);
            });
        }
    }
}

/// <summary>Stands in for Copy-Item.</summary>
[Cmdlet(VerbsCommon.Copy, "Item", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
public sealed class CopyItemCommand : TransferItemCommandBase
{
    [Parameter]
    public SwitchParameter Container { get; set; } = true;

    [Parameter]
    public SwitchParameter Recurse { get; set; }

    protected override void ProcessRecord()
    {
        var containers = Container ? CopyContainers.CopyTargetContainer : CopyContainers.CopyChildrenOfTargetContainer;
        Transfer("Copy Item", path => InvokeProvider.Item.Copy([path], Destination, Recurse, containers, Force, IsLiteral));
    }
}

/// <summary>Stands in for Move-Item.</summary>
[Cmdlet(VerbsCommon.Move, "Item", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
public sealed class MoveItemCommand : TransferItemCommandBase
{
    protected override void ProcessRecord() =>
        Transfer("Move Item", path => InvokeProvider.Item.Move([path], Destination, Force, IsLiteral));
}

/// <summary>Stands in for Rename-Item.</summary>
[Cmdlet(VerbsCommon.Rename, "Item", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
public sealed class RenameItemCommand : PathCommandBase
{
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    public string NewName { get; set; } = string.Empty;

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var path in Path.Where(path => ShouldProcess($"Item: {path} Destination: {NewName}", "Rename Item")))
        {
            Guard(path, () =>
            {
                var renamed = InvokeProvider.Item.Rename(path, NewName, Force);
                WriteObject(PassThru ? renamed : [], enumerateCollection: true);
            });
        }
    }
}
