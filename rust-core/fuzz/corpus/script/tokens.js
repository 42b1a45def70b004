var a = 'if (isPerson()) {', c = `if (isPerson()) { ${'}'} {`, d = /if \(isPerson\(\)\) [{/]/g; // {
if (isPerson()) { trace(c + 4 / 2 / 1 + d) } else { reject('no') }
