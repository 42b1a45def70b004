# A file of its own, because only a file makes a script scope: $script: in a test means this one.
param([scriptblock] $Action)

& $Action
