destination.Mail = { toString: function () { return 'm'; } }; destination.DisplayName = [1, 2];
trace(JSON.stringify(source), Object.keys(destination), Symbol.iterator in source);
with (source) { trace(Email); }
