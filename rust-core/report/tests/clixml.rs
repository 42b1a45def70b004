//! What the CLIXML writer writes is XML that gives the same values back, read by a decoder that shares nothing with it.

#[path = "clixml/decoder.rs"]
mod decoder;
#[path = "clixml/expected.rs"]
mod expected;

use decoder::{Decoded, decode};
use expected::expected_object;
use pp_report::clixml::{Object, Value, document, documents};
use proptest::prelude::*;
use time::{Duration, OffsetDateTime, UtcOffset};

const NAMES: [&str; 6] = ["TenantId", "_xA", "a<b>&\"'", "name with spaces", "ü\u{1F511}", "Tab\tand\u{1}"];
const TYPES: [&str; 3] = ["PPFederation.App", "PPFederation.Permission", "A_x0041_&<"];

/// Text with much of what needs an escape.
fn text() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        any::<String>(),
        "[_xX0-9A-F]{0,12}",
        "[<>&\"'\\]\\[!]{0,6}",
        "[\u{0}-\u{1F}\u{7F}-\u{9F}\u{FFFD}-\u{FFFF}\u{10000}-\u{10FFFF}]{0,6}",
        Just("_x005F_x0041_".to_owned()),
    ];
    proptest::collection::vec(parts, 0..4).prop_map(|parts| parts.concat())
}

fn instant() -> impl Strategy<Value = OffsetDateTime> {
    // From the year 2 to the year 9998, to the nanosecond, in any time zone.
    (-62_100_000_000_i64..253_300_000_000, 0_i64..1_000_000_000, -14_i8..=14).prop_filter_map(
        "in range",
        |(seconds, nanoseconds, hours)| {
            let instant = OffsetDateTime::from_unix_timestamp(seconds).ok()? + Duration::nanoseconds(nanoseconds);
            instant.checked_to_offset(UtcOffset::from_hms(hours, 0, 0).ok()?)
        },
    )
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i32>().prop_map(Value::I32),
        any::<i64>().prop_map(Value::I64),
        any::<u64>().prop_map(Value::U64),
        any::<u32>().prop_map(|millis| Value::Duration(std::time::Duration::from_millis(millis.into()))),
        text().prop_map(Value::Text),
        instant().prop_map(Value::DateTime),
        (1_u32..1000).prop_map(Value::SecretReference),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            object_of(inner).prop_map(|object| Value::Object(Box::new(object))),
        ]
    })
}

fn object_of(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Object> {
    let values = proptest::collection::vec(value, 0..NAMES.len());
    (0..TYPES.len(), values).prop_map(|(kind, values)| {
        let named = NAMES.iter().zip(values);
        named.fold(Object::new(TYPES[kind]), |object, (name, value)| object.with(name, value))
    })
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_back(objects in proptest::collection::vec(object_of(value()), 0..5)) {
        let expected: Vec<Decoded> = objects.iter().map(expected_object).collect();
        let decoded = decode(&document(&objects)).map_err(TestCaseError::fail)?;
        prop_assert_eq!(decoded, expected);
    }

    #[test]
    fn objects_are_cut_into_documents_in_order(
        objects in proptest::collection::vec(object_of(value()), 0..20),
        limit in 0_usize..3000,
    ) {
        let mut decoded = Vec::new();
        for document in documents(&objects, limit) {
            let part = decode(&document).map_err(TestCaseError::fail)?;
            prop_assert!(document.len() <= limit || part.len() == 1, "{} objects of {}", part.len(), document.len());
            prop_assert!(!part.is_empty());
            decoded.extend(part);
        }
        let expected: Vec<Decoded> = objects.iter().map(expected_object).collect();
        prop_assert_eq!(decoded, expected);
    }
}

fn written(value: impl Into<Value>) -> String {
    String::from_utf8_lossy(&document(&[Object::new("T").with("N", value)])).into_owned()
}

#[test]
fn the_document_is_in_the_form_that_powershell_reads() {
    let object = Object::new("PPFederation.App").with("Name", "n");
    let twice = String::from_utf8_lossy(&document(&[object.clone(), object])).into_owned();
    let head = r#"<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">"#;
    let types = r#"<TN RefId="0"><T>PPFederation.App</T><T>System.Management.Automation.PSCustomObject</T><T>System.Object</T></TN>"#;
    let first = format!(r#"<Obj RefId="0">{types}<MS><S N="Name">n</S></MS></Obj>"#);
    let second = r#"<Obj RefId="1"><TNRef RefId="0" /><MS><S N="Name">n</S></MS></Obj>"#;
    assert_eq!(twice, format!("{head}{first}{second}</Objs>"));
}

#[test]
fn what_looks_like_an_escape_is_escaped() {
    assert!(written("a_x0041_b").contains(">a_x005F_x0041_b<"));
    assert!(written("_X").contains(">_x005F_X<"));
    assert!(written("a\r\n\t\u{0}\u{85}\u{FFFF}").contains(">a_x000D__x000A__x0009__x0000__x0085__xFFFF_<"));
    assert!(written("<&>\"").contains(">&lt;&amp;&gt;&quot;<"));
}

#[test]
fn lists_are_wrapped_whatever_their_length() {
    assert!(written(Vec::<Value>::new()).contains(r#"<Obj N="N" RefId="1"><LST></LST></Obj>"#));
    assert!(written(vec!["a"]).contains(r#"<Obj N="N" RefId="1"><LST><S>a</S></LST></Obj>"#));
}

#[test]
fn an_instant_is_utc_with_as_many_digits_as_it_needs() -> Result<(), Box<dyn std::error::Error>> {
    let noon = OffsetDateTime::from_unix_timestamp(1_700_000_000)?;
    assert!(written(noon).contains(r#"<DT N="N">2023-11-14T22:13:20Z</DT>"#));
    assert!(written(noon + Duration::milliseconds(250)).contains(">2023-11-14T22:13:20.25Z<"));
    assert!(written(noon + Duration::nanoseconds(199)).contains(">2023-11-14T22:13:20.0000001Z<"));
    assert!(written(noon.to_offset(UtcOffset::from_hms(10, 0, 0)?)).contains(">2023-11-14T22:13:20Z<"));
    Ok(())
}

#[test]
fn an_instant_beyond_what_net_knows_becomes_its_first_or_last_second() {
    let first = time::PrimitiveDateTime::MIN.assume_utc();
    let last = time::PrimitiveDateTime::MAX.assume_offset(UtcOffset::from_hms(-14, 0, 0).unwrap_or(UtcOffset::UTC));
    assert!(written(first).contains(">0001-01-01T00:00:00Z<"));
    assert!(written(last).contains(">9999-12-31T23:59:59Z<"));
}
