//! Directory synchronization: on, being switched off, off.

use std::time::Duration;

use serde_json::Value;
use time::OffsetDateTime;

use super::crowd::CLEARED;
use super::store::Store;
use crate::schema::Object;

/// The conversion of every synchronized object after synchronization was switched off.
#[derive(Debug, Default)]
pub(crate) struct Conversion {
    /// When it begins and ends; set once it has begun.
    course: Option<(OffsetDateTime, OffsetDateTime)>,
}

impl Conversion {
    /// Plans the conversion: evenly over `completion`, the last object exactly at its end.
    pub(crate) fn begin(&mut self, now: OffsetDateTime, completion: Duration) {
        self.course = Some((now, now + completion));
    }

    /// Converts the objects whose time has come.
    pub(crate) fn settle(&self, store: &mut Store, now: OffsetDateTime) {
        let Some((begins, ends)) = self.course else { return };
        let parts = |span: time::Duration| u128::try_from(span.whole_nanoseconds()).unwrap_or_default();
        let (done, whole) = if now < ends { (parts(now - begins), parts(ends - begins)) } else { (1, 1) };
        store.convert(done, whole, convert);
    }

    /// Whether a conversion has begun and is not over.
    pub(crate) fn pending(&self, now: OffsetDateTime) -> bool {
        self.course.is_some_and(|(_, ends)| now < ends)
    }
}

fn convert(object: &mut Object) {
    for property in CLEARED {
        if let Some(value) = object.get_mut(property) {
            *value = Value::Null;
        }
    }
}
