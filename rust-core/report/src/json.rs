//! Rows and errors as JSON, for the log that goes to whoever helps: from the same definition as the objects. Instants are in
//! UTC with `Z`, durations in ISO 8601; a secret is null, and so is the name of a person.

use serde_json::{Map, Value as Json};

use crate::clixml::{Object, Value, date_time, duration};

/// What stands where a text had the name that a person signs in with, or an address of mail.
const SOMEBODY: &str = "(a person's name)";

/// The properties in their order.
pub fn object(object: &Object) -> Json {
    let property = |(name, property): &(&'static str, Value)| ((*name).to_owned(), value(property));
    Json::Object(object.properties().iter().map(property).collect::<Map<_, _>>())
}

/// The value of a property.
pub fn value(value: &Value) -> Json {
    match value {
        Value::Null | Value::Person(_) | Value::SecretReference(_) => Json::Null,
        Value::Bool(value) => (*value).into(),
        Value::I32(value) => (*value).into(),
        Value::I64(value) => (*value).into(),
        Value::U64(value) => (*value).into(),
        Value::Text(text) => without_people(text).into(),
        Value::DateTime(value) => date_time(*value).into(),
        Value::Duration(value) => duration(*value).into(),
        Value::List(values) => values.iter().map(self::value).collect(),
        Value::Object(inner) => object(inner),
    }
}

/// The text without names that people sign in with: services repeat them in their errors.
pub fn without_people(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(ends_name).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        clean.push_str(if is_name(word) { SOMEBODY } else { word });
        let next = after.chars().next().map_or(0, char::len_utf8);
        clean.push_str(&after[..next]);
        rest = &after[next..];
    }
    clean
}

/// What no name or address of mail has in it, as far as texts tell them apart.
fn ends_name(character: char) -> bool {
    character.is_whitespace() || "'\"`<>()[]{},;:=/\\|".contains(character)
}

fn is_name(word: &str) -> bool {
    word.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && !domain.trim_end_matches('.').is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_keeps_its_properties_and_loses_secrets_and_people() {
        let inner = Object::new("PPFederation.B").with("N", 1_i64);
        let row = Object::new("PPFederation.A")
            .with("Z", "text")
            .with("At", time::OffsetDateTime::UNIX_EPOCH)
            .with("Took", std::time::Duration::from_millis(90_500))
            .with("Secret", Value::SecretReference(1))
            .with("User", Value::Person("ada@contoso.example".into()))
            .with("Rows", vec![inner]);
        let wanted = r#"{"Z":"text","At":"1970-01-01T00:00:00Z","Took":"P0DT0H1M30.5000000S","Secret":null,"User":null,"Rows":[{"N":1}]}"#;
        assert_eq!(object(&row).to_string(), wanted);
    }

    #[test]
    fn names_of_people_are_left_out_of_texts() {
        let cases = [
            ("User 'ada@contoso.example' is not assigned.", "User '(a person's name)' is not assigned."),
            ("ada_a.b#EXT#@c.onmicrosoft.com.", "(a person's name)"),
            ("for ada@contoso.example: no", "for (a person's name): no"),
            ("GET /a/@odata.count, @x and y@", "GET /a/@odata.count, @x and y@"),
            ("{\"mail\":\"b@c.d\"}", "{\"mail\":\"(a person's name)\"}"),
        ];
        for (text, wanted) in cases {
            assert_eq!(without_people(text), wanted);
        }
    }
}
