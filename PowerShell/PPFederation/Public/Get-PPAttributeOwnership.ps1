function Get-PPAttributeOwnership {
    <#
    .SYNOPSIS
    Shows which user attributes Practice Protect overwrites afterwards.

    .DESCRIPTION
    Lists the attributes that belong to Practice Protect once the federation works, and those that stay with Microsoft 365, each
    with its Microsoft Graph property, what writes it and from which value, and what an administrator can still change, and
    where. It needs no connection. What of it will change for which user is what Compare-PPAttribute shows.

    .EXAMPLE
    Get-PPAttributeOwnership

    Lists all attributes.

    .EXAMPLE
    Get-PPAttributeOwnership | Where-Object Owner -eq 'PracticeProtect'

    Lists the attributes that will be overwritten.

    .EXAMPLE
    Get-PPAttributeOwnership | Format-List -Property Attribute, WrittenBy, CanChange

    Shows where each attribute comes from, and where it can still be changed.

    .OUTPUTS
    PPFederation.AttributeOwnership
    Attribute, GraphProperty, Owner (PracticeProtect, Microsoft365, Neither), Effect, WrittenBy and CanChange.

    .LINK
    about_PPFederation_Attributes
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('PPFederation.AttributeOwnership')]
    param()

    Import-PPCallerPreference -Cmdlet $PSCmdlet
    Invoke-PPJob -Caller $PSCmdlet -Op 'attributes'
}
