<#
.PARAMETER Path
For SealedFile: the file. It is CMS, which openssl cms -decrypt and Unprotect-CmsMessage open.
#>
param(
    [string]$Path
)
