//! Properties as services give them and documentation doesn't: null where an absent one is meant, a flag or a number as text, an
//! instant without zone. Source: public trouble reports of Microsoft Graph, and PowerShell modules that read its answers.

use serde::{Deserialize, Deserializer};

/// An absent value and null are the same.
pub fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

/// A text that may be missing; an empty one is none.
pub fn filled<'de, D: Deserializer<'de>, T: AsRef<str> + Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    Ok(Option::<T>::deserialize(from)?.filter(|text| !text.as_ref().is_empty()))
}

/// A list that may be missing, without what is null in it.
pub fn without_nulls<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Vec<Option<T>>>::deserialize(from)?.into_iter().flatten().flatten().collect())
}

/// A flag that may be missing: `true`, `"true"` in any case, or nothing.
pub mod flag {
    use std::fmt;

    use serde::Deserializer;
    use serde::de::{Error, Visitor};

    struct Flag;

    impl Visitor<'_> for Flag {
        type Value = Option<bool>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("true or false")
        }

        fn visit_bool<E: Error>(self, flag: bool) -> Result<Self::Value, E> {
            Ok(Some(flag))
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            match text {
                _ if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
                _ if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
                _ => Err(E::custom(format!("'{text}' is neither true nor false"))),
            }
        }

        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
    }

    /// Where nothing is told from no.
    pub fn option<'de, D: Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
        from.deserialize_any(Flag)
    }

    /// The same, where nothing means no.
    pub fn or_false<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
        Ok(option(from)?.unwrap_or_default())
    }
}

/// A whole number: `5`, `"5"`, or nothing.
pub mod whole {
    use std::fmt;

    use serde::Deserializer;
    use serde::de::{Error, Visitor};

    struct Whole;

    impl Visitor<'_> for Whole {
        type Value = Option<i64>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a whole number")
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
            Ok(Some(number))
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
            i64::try_from(number).map(Some).map_err(|_| E::custom(format!("{number} is too large")))
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            text.trim().parse().map(Some).map_err(|_| E::custom(format!("'{text}' is no whole number")))
        }

        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
    }

    /// One that may be missing.
    pub fn option<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
        from.deserialize_any(Whole)
    }

    /// Of a value that is read already; nothing where it is none.
    pub fn of<'de>(value: impl Deserializer<'de>) -> Option<i64> {
        option(value).ok().flatten()
    }

    /// One that may not.
    pub fn required<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
        option(from)?.ok_or_else(|| D::Error::custom("a whole number is missing"))
    }
}

/// An instant that may be missing or empty: RFC 3339, or the same without zone, which is UTC then.
pub mod instant {
    use serde::{Deserialize, Deserializer, de};
    use time::format_description::well_known::{Iso8601, Rfc3339};
    pub use time::serde::rfc3339::option::serialize;
    use time::{OffsetDateTime, PrimitiveDateTime};

    /// Reads it.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<OffsetDateTime>, D::Error> {
        let text = Option::<String>::deserialize(from)?.filter(|text| !text.trim().is_empty());
        let Some(text) = text else { return Ok(None) };
        let zoned = OffsetDateTime::parse(&text, &Rfc3339);
        let instant =
            zoned.or_else(|_| PrimitiveDateTime::parse(&text, &Iso8601::DEFAULT).map(PrimitiveDateTime::assume_utc));
        instant.map(Some).map_err(|_| de::Error::custom(format!("'{text}' is no date and time")))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};
    use time::OffsetDateTime;

    use super::{filled, flag, instant, or_default, whole, without_nulls};

    #[derive(Debug, Default, PartialEq, Deserialize)]
    struct Answer {
        #[serde(default, deserialize_with = "or_default")]
        texts: Vec<String>,
        #[serde(default, deserialize_with = "without_nulls")]
        some: Vec<String>,
        #[serde(default, deserialize_with = "filled")]
        text: Option<String>,
        #[serde(default, deserialize_with = "flag::option")]
        flag: Option<bool>,
        #[serde(default, deserialize_with = "flag::or_false")]
        is_on: bool,
        #[serde(default, deserialize_with = "whole::option")]
        number: Option<i64>,
        #[serde(default, with = "instant")]
        at: Option<OffsetDateTime>,
    }

    fn read(answer: &Value) -> serde_json::Result<Answer> {
        // As text and as values: the two ways in which answers are read.
        let of_text = serde_json::from_str(&answer.to_string());
        let of_value = Answer::deserialize(answer);
        assert_eq!(of_text.as_ref().ok(), of_value.as_ref().ok(), "{answer}");
        of_text
    }

    #[test]
    fn null_is_what_absent_is_and_so_is_an_empty_text() -> serde_json::Result<()> {
        for name in ["texts", "some", "text", "flag", "is_on", "number", "at"] {
            assert_eq!(read(&json!({ name: null }))?, Answer::default(), "{name}");
        }
        assert_eq!(read(&json!({"some": [null, "a", null]}))?.some, ["a"]);
        assert_eq!(read(&json!({"text": ""}))?, Answer::default());
        assert_eq!(read(&json!({"text": "a"}))?.text.as_deref(), Some("a"));
        Ok(())
    }

    #[test]
    fn flags_and_numbers_are_what_their_texts_are() -> serde_json::Result<()> {
        for (written, flag) in [(json!(true), true), (json!("True"), true), (json!("false"), false)] {
            let answer = read(&json!({ "flag": written, "is_on": written }))?;
            assert_eq!((answer.flag, answer.is_on), (Some(flag), flag));
        }
        for written in [json!(1_700_000_000_i64), json!("1700000000"), json!(" 1700000000 ")] {
            assert_eq!(read(&json!({ "number": written }))?.number, Some(1_700_000_000));
        }
        assert_eq!(read(&json!({ "number": -5 }))?.number, Some(-5));
        for (wrong, words) in [
            (json!({"flag": "perhaps"}), "'perhaps' is neither true nor false"),
            (json!({"flag": 1}), "expected true or false"),
            (json!({"number": "soon"}), "'soon' is no whole number"),
            (json!({"number": u64::MAX}), "too large"),
            (json!({"number": []}), "expected a whole number"),
        ] {
            assert!(read(&wrong).is_err_and(|error| error.to_string().contains(words)), "{wrong}");
        }
        Ok(())
    }

    #[test]
    fn an_instant_without_zone_is_utc_and_no_instant_is_an_error() -> serde_json::Result<()> {
        let at = |text: &str| read(&json!({ "at": text }));
        let same = at("2026-11-24T17:01:55Z")?;
        assert_eq!(at(" ")?, Answer::default());
        assert_eq!(at("2026-11-24T17:01:55")?, same);
        assert_eq!(at("2026-11-25T04:01:55+11:00")?, same);
        assert!(at("24/11/2026").is_err_and(|error| error.to_string().contains("24/11/2026")));
        Ok(())
    }
}
