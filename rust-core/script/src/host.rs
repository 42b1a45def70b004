//! What the portal offers to a script, as far as public documentation knows: `isPerson`, `isGroup`, `trace`, `reject`,
//! `getSourcePropertyByName`, `addToStringList`, `source` and `destination`. Names are taken as they are written: whether the
//! portal takes them in capitals and small letters alike is not documented.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use rquickjs::{Coerced, Ctx, Exception, Filter, Function, Object, Value};

use crate::{Assumed, Kind, Written, known};

/// How many bytes of text a run may hand out: more than any script has to say of a user.
const MOST: usize = 256 * 1024;

/// The part of it that is JavaScript.
const IN_ENGINE: &str = include_str!("host.js");

/// A host of one run: the user, and what the script did.
pub(crate) struct Host {
    attributes: Rc<BTreeMap<String, String>>,
    assumed: Rc<Assumed>,
    kind: Kind,
    seen: Rc<RefCell<Seen>>,
}

/// What a script did.
#[derive(Default)]
struct Seen {
    written: Written,
    bytes: usize,
    undocumented: BTreeSet<String>,
    absent: BTreeSet<String>,
    assumed: BTreeSet<String>,
    varying: BTreeSet<String>,
}

impl Host {
    pub(crate) fn new(attributes: &BTreeMap<String, String>, assumed: &Assumed, kind: Kind) -> Self {
        let (attributes, assumed) = (Rc::new(attributes.clone()), Rc::new(assumed.clone()));
        Self { attributes, assumed, kind, seen: Rc::default() }
    }

    /// Puts all of it into the engine's global object, and gives `destination`.
    pub(crate) fn install<'js>(&self, ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
        let globals = ctx.globals();
        let kind = self.kind;
        globals.set("isPerson", Function::new(ctx.clone(), move || kind == Kind::Person)?)?;
        globals.set("isGroup", Function::new(ctx.clone(), move || kind == Kind::Group)?)?;
        globals.set("trace", self.trace(ctx)?)?;
        globals.set("addToStringList", self.add_to_list(ctx)?)?;
        let user = Object::new(ctx.clone())?;
        for (name, value) in self.attributes.iter() {
            user.set(name.as_str(), value.as_str())?;
        }
        let in_engine: Function<'js> = ctx.eval(IN_ENGINE)?;
        in_engine.call::<_, ()>((user, self.ask(ctx)?, self.note(ctx)?, self.refuse(ctx)?))?;
        let destination = Object::new(ctx.clone())?;
        globals.set("destination", destination.clone())?;
        Ok(destination)
    }

    fn trace<'js>(&self, ctx: &Ctx<'js>) -> rquickjs::Result<Function<'js>> {
        let seen = self.seen.clone();
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, text: Coerced<String>| {
            let mut seen = seen.borrow_mut();
            seen.take_room(&ctx, &text.0)?;
            seen.written.trace.push(text.0);
            rquickjs::Result::Ok(())
        })
    }

    fn add_to_list<'js>(&self, ctx: &Ctx<'js>) -> rquickjs::Result<Function<'js>> {
        let seen = self.seen.clone();
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, name: Coerced<String>, value: Coerced<String>| {
            let mut seen = seen.borrow_mut();
            seen.take_room(&ctx, &name.0)?;
            seen.take_room(&ctx, &value.0)?;
            seen.undocumented.extend(known::of_destination(&name.0));
            seen.written.lists.entry(name.0).or_default().push(value.0);
            rquickjs::Result::Ok(())
        })
    }

    /// The user's attribute of a name; the question is remembered.
    fn ask<'js>(&self, ctx: &Ctx<'js>) -> rquickjs::Result<Function<'js>> {
        let (attributes, assumed, seen) = (self.attributes.clone(), self.assumed.clone(), self.seen.clone());
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, name: String| {
            let value = attributes.get(&name).cloned();
            let header = assumed.get(&name);
            let doubt = match header {
                Some(header) => Some(known::assumed(&name, header)),
                None => known::of_source(&name, attributes.keys().map(String::as_str)),
            };
            if doubt.is_some() || value.is_none() {
                let mut seen = seen.borrow_mut();
                seen.take_room(&ctx, &name)?;
                seen.undocumented.extend(doubt);
                if header.is_some() {
                    seen.assumed.insert(name.clone());
                }
                if value.is_none() {
                    seen.absent.insert(name);
                }
            }
            rquickjs::Result::Ok(value)
        })
    }

    /// Remembers that something was used on whose account the outcome is to be read with care.
    fn note<'js>(&self, ctx: &Ctx<'js>) -> rquickjs::Result<Function<'js>> {
        let seen = self.seen.clone();
        Function::new(ctx.clone(), move |what: String| {
            let mut seen = seen.borrow_mut();
            if what == "reject" {
                seen.undocumented.insert("reject (named in documentation, its form is not)".into());
            } else {
                seen.varying.insert(what);
            }
        })
    }

    fn refuse<'js>(&self, ctx: &Ctx<'js>) -> rquickjs::Result<Function<'js>> {
        let seen = self.seen.clone();
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, text: String| {
            let mut seen = seen.borrow_mut();
            seen.take_room(&ctx, &text)?;
            seen.written.rejected = Some(text);
            rquickjs::Result::Ok(())
        })
    }

    /// Takes what is in `destination`.
    pub(crate) fn take(&self, ctx: &Ctx<'_>, destination: &Object<'_>) -> rquickjs::Result<()> {
        for entry in destination.own_props::<String, Value<'_>>(Filter::new().string().enum_only()) {
            let (name, value) = entry?;
            let value =
                if value.is_null() || value.is_undefined() { None } else { Some(value.get::<Coerced<String>>()?.0) };
            let mut seen = self.seen.borrow_mut();
            seen.take_room(ctx, &name)?;
            seen.take_room(ctx, value.as_deref().unwrap_or_default())?;
            seen.undocumented.extend(known::of_destination(&name));
            seen.written.destination.insert(name, value);
        }
        Ok(())
    }

    /// What the script did so far.
    pub(crate) fn written(&self) -> Written {
        let seen = self.seen.borrow();
        Written {
            undocumented: seen.undocumented.iter().cloned().collect(),
            absent: seen.absent.iter().cloned().collect(),
            assumed: seen.assumed.iter().cloned().collect(),
            varying: seen.varying.iter().cloned().collect(),
            ..seen.written.clone()
        }
    }
}

impl Seen {
    /// Counts a text that is kept, and throws once there is too much: the engine's limit on memory doesn't see it.
    fn take_room(&mut self, ctx: &Ctx<'_>, text: &str) -> rquickjs::Result<()> {
        self.bytes = self.bytes.saturating_add(text.len()).saturating_add(size_of::<String>());
        if self.bytes <= MOST {
            return Ok(());
        }
        Err(Exception::throw_range(ctx, "the script writes and traces more than 256 KiB for one user"))
    }
}
