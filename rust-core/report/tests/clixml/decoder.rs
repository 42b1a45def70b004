//! Reads CLIXML as `PSSerializer` does, and refuses what it would refuse.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A value as PowerShell would have it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Decoded {
    Null,
    Bool(bool),
    Number(&'static str, String),
    Text(String),
    /// Hundreds of nanoseconds since 1970, UTC.
    Ticks(i128),
    /// Hundreds of nanoseconds.
    Span(u128),
    List(Vec<Decoded>),
    Object(String, Vec<(String, Decoded)>),
}

/// An element with what is in it.
#[derive(Debug, Default)]
struct Element {
    tag: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
    text: String,
}

/// The objects of a document.
pub(crate) fn decode(document: &[u8]) -> Result<Vec<Decoded>, String> {
    let text = std::str::from_utf8(document).map_err(|error| error.to_string())?;
    if let Some(wrong) = text.chars().find(|character| !is_xml(*character)) {
        return Err(format!("{wrong:?} is not allowed in XML"));
    }
    let root = tree(text)?;
    if root.tag != "Objs" || root.attribute("Version") != Some("1.1.0.1") {
        return Err(format!("the root is {root:?}"));
    }
    let mut types = Vec::new();
    root.children.iter().map(|child| value(child, &mut types)).collect()
}

/// `Char` of XML 1.0, 2.2; without the line ends, which a reader changes.
fn is_xml(character: char) -> bool {
    !character.is_control() && !matches!(character, '\u{FFFE}' | '\u{FFFF}')
}

fn tree(text: &str) -> Result<Element, String> {
    let mut reader = Reader::from_str(text);
    let mut open = vec![Element::default()];
    loop {
        let event = reader.read_event().map_err(|error| error.to_string())?;
        match event {
            Event::Start(start) => open.push(element(&start)?),
            Event::Empty(start) => {
                let empty = element(&start)?;
                close(&mut open, empty)?;
            }
            Event::End(_) => {
                let done = open.pop().ok_or("an element ends that has not begun")?;
                close(&mut open, done)?;
            }
            Event::Text(part) => add_text(&mut open, &part.xml10_content())?,
            Event::GeneralRef(reference) => {
                let whole = format!("&{};", reference.xml10_content());
                let part = quick_xml::escape::unescape(&whole).map_err(|error| error.to_string())?.into_owned();
                add_text(&mut open, &part)?;
            }
            Event::Eof => break,
            other => return Err(format!("unexpected: {other:?}")),
        }
    }
    let mut outside = open.pop().ok_or("nothing is there")?;
    if !open.is_empty() || outside.children.len() != 1 {
        return Err("there must be one root".to_owned());
    }
    outside.children.pop().ok_or_else(|| "nothing is there".to_owned())
}

fn element(start: &BytesStart<'_>) -> Result<Element, String> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let value =
            attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
        attributes.push((name_of(attribute.key), value.into_owned()));
    }
    Ok(Element { tag: name_of(start.name()), attributes, ..Element::default() })
}

fn name_of(name: quick_xml::name::QName<'_>) -> String {
    String::from_utf8_lossy(name.as_ref().as_ref()).into_owned()
}

fn close(open: &mut [Element], done: Element) -> Result<(), String> {
    open.last_mut().ok_or("an element lies nowhere")?.children.push(done);
    Ok(())
}

fn add_text(open: &mut [Element], part: &str) -> Result<(), String> {
    open.last_mut().ok_or("text lies nowhere")?.text.push_str(part);
    Ok(())
}

impl Element {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn child(&self, tag: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.tag == tag)
    }
}

fn value(element: &Element, types: &mut Vec<String>) -> Result<Decoded, String> {
    let text = &element.text;
    Ok(match element.tag.as_str() {
        "Nil" => Decoded::Null,
        "B" => Decoded::Bool(text.parse().map_err(|_wrong| format!("not a Boolean: {text}"))?),
        "I32" => Decoded::Number("I32", text.clone()),
        "I64" => Decoded::Number("I64", text.clone()),
        "U64" => Decoded::Number("U64", text.clone()),
        "S" => Decoded::Text(unescaped(text)),
        "DT" => Decoded::Ticks(ticks(text)?),
        "TS" => Decoded::Span(span(text)?),
        "Obj" => object(element, types)?,
        other => return Err(format!("unknown element {other}")),
    })
}

fn object(element: &Element, types: &mut Vec<String>) -> Result<Decoded, String> {
    element.attribute("RefId").ok_or("an object without RefId")?;
    if let Some(list) = element.child("LST") {
        return list.children.iter().map(|item| value(item, types)).collect::<Result<_, _>>().map(Decoded::List);
    }
    let type_name = type_name(element, types)?;
    let members = element.child("MS").ok_or("an object without members")?;
    let mut properties = Vec::new();
    for member in &members.children {
        let name = member.attribute("N").ok_or("a member without a name")?;
        properties.push((unescaped(name), value(member, types)?));
    }
    Ok(Decoded::Object(type_name, properties))
}

fn type_name(element: &Element, types: &mut Vec<String>) -> Result<String, String> {
    if let Some(reference) = element.child("TNRef") {
        let number: usize = reference.attribute("RefId").and_then(|id| id.parse().ok()).ok_or("TNRef without RefId")?;
        return types.get(number).cloned().ok_or_else(|| format!("no type names {number}"));
    }
    let names = element.child("TN").ok_or("an object without type names")?;
    if names.attribute("RefId") != Some(types.len().to_string().as_str()) {
        return Err("type names out of order".to_owned());
    }
    let first = names.children.first().ok_or("no type name")?;
    types.push(unescaped(&first.text));
    Ok(unescaped(&first.text))
}

/// `_xHHHH_` is a UTF-16 unit.
fn unescaped(text: &str) -> String {
    let mut rest: Vec<u16> = Vec::new();
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut at = 0;
    while at < units.len() {
        if let Some(unit) = escape_at(&units[at..]) {
            rest.push(unit);
            at += 7;
        } else {
            rest.push(units[at]);
            at += 1;
        }
    }
    String::from_utf16_lossy(&rest)
}

fn escape_at(units: &[u16]) -> Option<u16> {
    let head: String = char::decode_utf16(units.get(..7)?.iter().copied()).collect::<Result<_, _>>().ok()?;
    let digits = head.strip_prefix("_x").or_else(|| head.strip_prefix("_X"))?.strip_suffix('_')?;
    let hexadecimal = digits.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    hexadecimal.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
}

fn ticks(text: &str) -> Result<i128, String> {
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction.trim_end_matches('Z'));
    if !text.ends_with('Z') || fraction.len() > 7 {
        return Err(format!("not an instant that .NET reads as UTC: {text}"));
    }
    let instant = OffsetDateTime::parse(text, &Rfc3339).map_err(|error| format!("{text}: {error}"))?;
    Ok(instant.unix_timestamp_nanos() / 100)
}

fn span(text: &str) -> Result<u128, String> {
    let numbers: Vec<u128> =
        text.split(|sign: char| !sign.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect();
    let signs: String = text.chars().filter(|sign| !sign.is_ascii_digit()).collect();
    match (signs.as_str(), numbers.as_slice()) {
        ("PDTHM.S", [days, hours, minutes, seconds, ticks]) => {
            Ok((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 10_000_000 + ticks)
        }
        _ => Err(format!("not a time span as the writer spells it: {text}")),
    }
}
