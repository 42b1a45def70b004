//! What the CLIXML writer writes is XML that gives the same values back, whatever they are.

#[path = "../../report/tests/clixml/decoder.rs"]
mod decoder;
#[path = "../../report/tests/clixml/expected.rs"]
mod expected;
#[path = "../../command/src/test_values.rs"]
mod values;

use decoder::{Decoded, decode};
use expected::expected_object;
use pp_report::clixml::{document, documents};

/// The values of the bytes survive, in one document and cut into many.
pub(crate) fn clixml(data: &[u8]) {
    let objects = values::objects(data);
    let wanted: Vec<Decoded> = objects.iter().map(expected_object).collect();
    assert_eq!(decode(&document(&objects)).as_ref(), Ok(&wanted));
    let limit = data.first().map_or(0, |byte| usize::from(*byte) * 16);
    let parts: Result<Vec<_>, _> = documents(&objects, limit).iter().map(|part| decode(part)).collect();
    assert_eq!(parts.map(|parts| parts.concat()), Ok(wanted));
}
