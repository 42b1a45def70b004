function Get-PPAttributeOwnership {
    <#
    .SYNOPSIS
    Shows which user attributes Practice Protect overwrites afterwards.

    .DESCRIPTION
    Lists the attributes that belong to Practice Protect once the federation works, and those that stay with Microsoft 365, each
    with its Microsoft Graph property. It needs no connection.

    .EXAMPLE
    Get-PPAttributeOwnership

    Lists all attributes.

    .EXAMPLE
    Get-PPAttributeOwnership | Where-Object Owner -eq 'PracticeProtect'

    Lists the attributes that will be overwritten.

    .OUTPUTS
    PPFederation.AttributeOwnership
    Attribute, GraphProperty, Owner (PracticeProtect, Microsoft365, Neither) and Effect.

    .LINK
    about_PPFederation
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('PPFederation.AttributeOwnership')]
    param()

    Import-PPCallerPreference -Cmdlet $PSCmdlet
    Invoke-PPJob -Caller $PSCmdlet -Op 'attributes'
}
