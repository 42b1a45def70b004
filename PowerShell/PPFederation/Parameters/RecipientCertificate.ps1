<#
.PARAMETER RecipientCertificate
For SealedFile: the certificate of whoever may open the file, as a path (PEM or DER) or an X509Certificate2. RSA.
#>
param(
    [object]$RecipientCertificate
)
