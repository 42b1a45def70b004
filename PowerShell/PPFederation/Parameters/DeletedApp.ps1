<#
.PARAMETER DeletedApp
What becomes of this module's application where somebody has deleted it: for 30 days it keeps its unique name, so that no other
can be made with it. Restore brings it back with the ids and the client secrets it had, which work again for whoever has
them, and makes what is missing after that. Purge deletes it for good and makes another. Ignore makes another beside it, found by
its tag: whoever restores the deleted one later has two that could be meant. Without it you are asked, where somebody can be
asked; else nothing is written and the error is PPFederation.ApplicationDeleted. Where the application is there and its service principal
alone was deleted, Restore brings that back, Purge and Ignore make a new one, and without it the error is
PPFederation.ServicePrincipalDeleted. Where none is deleted it changes nothing.
#>
param(
    [ValidateSet('Restore', 'Purge', 'Ignore')]
    [string]$DeletedApp
)
