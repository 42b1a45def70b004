Object.prototype.x = 1; Array.prototype.push = null; String.prototype.trim = function () { return this; }; destination = source;
trace(' a '.trim()); delete destination.Mail; isPerson = function () { return 1; };
