# YAML for the tests, read by the npm package "yaml", which PPFEDERATION_YAML names the folder of. Dot-source it in BeforeAll; where that
# names none, build.ps1 Test has said so.

# Every document as JSON; the first error or warning of any, as a key that stands there twice, ends it.
$yamlProgram = @'
const { parseAllDocuments } = require(process.argv[1] + '/node_modules/yaml');
const documents = parseAllDocuments(require('fs').readFileSync(process.argv[2], 'utf8'));
for (const { errors, warnings } of documents) {
    const wrong = [...errors, ...warnings][0];
    if (wrong) throw wrong;
}
console.log(JSON.stringify(documents.map(document => document.toJS())));
'@

function Read-TestYaml {
    # The documents of a file.
    param([string]$Path)

    $json = & node -e $yamlProgram $env:PPFEDERATION_YAML $Path
    if ($LASTEXITCODE -ne 0) {
        throw "$Path is no YAML."
    }
    "$json" | ConvertFrom-Json | ForEach-Object { $_ }
}
