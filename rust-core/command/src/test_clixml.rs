//! The op that gives PowerShell values of every kind, each beside what it must be there. Never in a packaged build.

use serde::Deserialize;

use crate::Op;
use crate::output::Output;
use crate::test_values::objects;
use pp_report::clixml::{Object, Value};
use pp_report::error::OpError;

/// .NET counts in 100 ns from the year 1.
const TICKS_AT_1970: i128 = 621_355_968_000_000_000;

/// `test.values`: the objects that so many bytes of a seed make, each as it is and spelled out in ASCII.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Values {
    seed: u64,
    bytes: usize,
}

impl Op for Values {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        for object in objects(&seeded(self.seed, self.bytes)) {
            let spelled = spelled_object(object.type_name(), object.properties());
            let pair = Object::new("PPFederation.TestValue").with("Value", object).with("Spelled", spelled);
            output.object(&pair)?;
        }
        Ok(())
    }
}

/// So many bytes of a seed: `SplitMix64`.
fn seeded(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    let words = std::iter::repeat_with(|| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    });
    words.flat_map(u64::to_le_bytes).take(length).collect()
}

/// The value as .NET must see it, in characters that nothing escapes.
fn spelled(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => format!("Boolean {value}"),
        Value::I32(value) => format!("Int32 {value}"),
        Value::I64(value) => format!("Int64 {value}"),
        Value::U64(value) => format!("UInt64 {value}"),
        Value::Text(value) | Value::Person(value) => format!("String {}", units(value)),
        Value::DateTime(value) => {
            format!("DateTime Utc {}", value.unix_timestamp_nanos().div_euclid(100) + TICKS_AT_1970)
        }
        Value::Duration(value) => format!("TimeSpan {}", value.as_nanos() / 100),
        Value::List(values) => format!("[{}]", joined(values.iter().map(spelled))),
        Value::Object(object) => spelled_object(object.type_name(), object.properties()),
        Value::SecretReference(number) => {
            let number = i32::try_from(*number).unwrap_or(i32::MAX);
            spelled_object("PPFederation.SecretReference", &[("secret", Value::I32(number))])
        }
    }
}

fn spelled_object(type_name: &str, properties: &[(&str, Value)]) -> String {
    let properties = properties.iter().map(|(name, value)| format!("{}={}", units(name), spelled(value)));
    format!("{}{{{}}}", units(type_name), joined(properties))
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(";")
}

/// The UTF-16 units of a text.
fn units(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("{unit:04x}")).collect::<Vec<_>>().concat()
}
