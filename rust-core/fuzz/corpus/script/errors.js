try { missing(); } catch (e) { trace(e); } finally { source.x.y; }
throw { toString: function () { throw 1; } };
