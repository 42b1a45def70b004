//! What `PSSerializer` has to make of a value.

use pp_report::clixml::{Object, Value};

use super::decoder::Decoded;

fn expected(value: &Value) -> Decoded {
    match value {
        Value::Null => Decoded::Null,
        Value::Bool(value) => Decoded::Bool(*value),
        Value::I32(value) => Decoded::Number("I32", value.to_string()),
        Value::I64(value) => Decoded::Number("I64", value.to_string()),
        Value::U64(value) => Decoded::Number("U64", value.to_string()),
        Value::Text(value) | Value::Person(value) => Decoded::Text(value.clone()),
        // .NET counts in 100 ns.
        Value::DateTime(value) => Decoded::Ticks(value.unix_timestamp_nanos().div_euclid(100)),
        Value::Duration(value) => Decoded::Span(value.as_nanos() / 100),
        Value::List(values) => Decoded::List(values.iter().map(expected).collect()),
        Value::Object(object) => expected_object(object),
        Value::SecretReference(number) => Decoded::Object(
            "PPFederation.SecretReference".to_owned(),
            vec![("secret".to_owned(), Decoded::Number("I32", number.to_string()))],
        ),
    }
}

/// The same of an object.
pub(crate) fn expected_object(object: &Object) -> Decoded {
    let properties = object.properties().iter().map(|(name, value)| ((*name).to_owned(), expected(value)));
    Decoded::Object(object.type_name().to_owned(), properties.collect())
}
