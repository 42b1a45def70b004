(function down(n) { if (n) down(n - 1); })(50);
var f = async () => { await 1; trace('later'); }; f();
function* g() { yield 1; } for (var i of g()) { trace(i); }
class A extends Map { get x() { return 1; } } trace(new A().x);
