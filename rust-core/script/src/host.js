// What the portal offers to a script, made in the engine from the functions that the sandbox gives: look(name) is the user's attribute
// or undefined, note(name) remembers that something was used, refuse(text) rejects. In the engine, since a value of the engine that the
// sandbox's own functions held would never be freed.
(function (user, look, note, refuse) {
    "use strict";
    function ask(name) {
        var value = look(name);
        return value === undefined ? null : value;
    }
    function offer(object, name, get, set) {
        Object.defineProperty(object, name, { get: get, set: set, configurable: true });
    }
    var own = Object.prototype.hasOwnProperty;
    var get = function Get(name) { return ask(String(name)); };
    globalThis.source = new Proxy(user, {
        get: function (target, name) {
            if (name === "Get") { return get; }
            // What every object has, as toString, and what JSON.stringify looks for.
            var ofObjects = typeof name === "symbol" || name === "toJSON" || name in Object.prototype;
            return ofObjects && !own.call(target, name) ? target[name] : ask(name);
        }
    });
    globalThis.getSourcePropertyByName = function getSourcePropertyByName(name) {
        var value = ask(String(name));
        return value === null ? null : Object.defineProperty([value], "Length", { get: function () { return this.length; } });
    };
    function reject(text) { refuse(text === undefined ? "" : String(text)); }
    offer(globalThis, "reject",
        function () { note("reject"); return reject; },
        function (value) { note("reject"); if (value) { refuse(""); } });
    var date = Date, random = Math.random;
    offer(globalThis, "Date", function () { note("Date"); return date; });
    offer(Math, "random", function () { note("Math.random"); return random; });
})
