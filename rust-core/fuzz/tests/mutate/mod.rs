//! Changes inputs, drawn from a seed: bytes of any input, and values inside of one that is JSON.

use serde_json::{Value, json};

/// What parsers stumble over, spliced in anywhere.
const PIECES: [&[u8]; 12] = [
    b"null",
    b"{}",
    b"[]",
    b"\"\"",
    b"-1",
    b"1e999",
    b"18446744073709551616",
    b"\\ud800",
    b"\xFF",
    b"\0",
    b"\n",
    b"_x0041_",
];
/// Texts that mean something to some parser of the core.
const TEXTS: [&str; 17] = [
    "",
    " ",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.9999999Z",
    "2026-02-30T00:00:00Z",
    "P",
    "P2Y",
    "P106751991167300D",
    "-P106751991167300D",
    "10675199.02:48:05.4775807",
    "99999999999999999999",
    "-1",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "00000000-0000-0000-0000-000000000000",
    "\u{1F511}\u{0}",
    "AADSTS99999999999: x",
    "x x x",
];

/// An endless list of changed inputs.
pub(crate) struct Mutator<'i> {
    inputs: &'i [Vec<u8>],
    state: u64,
}

impl<'i> Mutator<'i> {
    pub(crate) fn new(seed: &str, inputs: &'i [Vec<u8>]) -> Self {
        Self { inputs, state: seed.bytes().fold(1u64, |state, byte| state.wrapping_mul(31).wrapping_add(byte.into())) }
    }

    /// The next input.
    pub(crate) fn next(&mut self) -> Vec<u8> {
        let mut input = self.inputs[self.below(self.inputs.len())].clone();
        for _ in 0..=self.below(4) {
            input = if self.below(2) == 0 { self.json(input) } else { self.bytes(input) };
        }
        input
    }

    /// `SplitMix64`.
    fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).expect("a length").max(1);
        usize::try_from(self.draw() % limit).expect("less than a length")
    }

    fn bytes(&mut self, mut input: Vec<u8>) -> Vec<u8> {
        let at = self.below(input.len() + 1);
        let end = at + self.below((input.len() - at).min(32) + 1);
        match self.below(5) {
            0 => drop(input.splice(at..end, [])),
            1 => drop(input.splice(at..at, PIECES[self.below(PIECES.len())].iter().copied())),
            2 => drop(input.splice(at..at, input[at..end].to_vec())),
            3 => input.truncate(at),
            _ => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = self.draw().to_le_bytes()[0];
                }
            }
        }
        input
    }

    /// Changes one value of the JSON that the input is, or ends with after its first line.
    fn json(&mut self, input: Vec<u8>) -> Vec<u8> {
        let line = input.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        for start in [0, line] {
            let Ok(mut json) = serde_json::from_slice::<Value>(&input[start..]) else { continue };
            let mut place = self.below(size(&json));
            self.change(&mut json, &mut place);
            return [&input[..start], json.to_string().as_bytes()].concat();
        }
        self.bytes(input)
    }

    /// Walks to the value of that number and changes it.
    fn change(&mut self, json: &mut Value, place: &mut usize) -> bool {
        if *place == 0 {
            *json = self.replacement(json);
            return true;
        }
        *place -= 1;
        match json {
            Value::Array(list) => list.iter_mut().any(|item| self.change(item, place)),
            Value::Object(object) => object.values_mut().any(|item| self.change(item, place)),
            _ => false,
        }
    }

    fn replacement(&mut self, old: &Value) -> Value {
        match self.below(12) {
            0 => Value::Null,
            1 => json!(self.below(2) == 0),
            2 => json!(self.draw()),
            3 => json!([200, 204, 400, 401, 403, 404, 409, 424, 429, 500][self.below(10)]),
            4 => json!([old]),
            5 => json!({"value": old}),
            6 => json!([old, old]),
            7 => json!({}),
            8 => without_first(old),
            _ => json!(TEXTS[self.below(TEXTS.len())]),
        }
    }
}

/// How many values a JSON has, itself included.
fn size(json: &Value) -> usize {
    1 + match json {
        Value::Array(list) => list.iter().map(size).sum(),
        Value::Object(object) => object.values().map(size).sum(),
        _ => 0,
    }
}

fn without_first(json: &Value) -> Value {
    match json {
        Value::Array(list) => list.iter().skip(1).cloned().collect(),
        Value::Object(object) => Value::Object(object.iter().skip(1).map(|(k, v)| (k.clone(), v.clone())).collect()),
        _ => Value::Null,
    }
}
