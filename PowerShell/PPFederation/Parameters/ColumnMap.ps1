<#
.PARAMETER ColumnMap
Which column is which attribute, where the names don't say it: a hashtable of an attribute (Username, Mail, DisplayName, ImmutableId,
ObjectId, CanonicalizeName, or any name that a provisioning script asks source for) and the column's name.
#>
param(
    [ValidateNotNull()]
    [hashtable]$ColumnMap
)
