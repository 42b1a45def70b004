//! ZIP files that are the same bytes whenever and wherever they are written: entries by name, one time stamp, no attributes.

use std::io::Write as _;

use anyhow::{Context as _, Result, ensure};
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// Version 2.0 of the format: folders and deflate.
const VERSION: u16 = 20;
const DEFLATE: u16 = 8;
/// 1 January 1980, 00:00, where the format's time begins.
const DATE: u16 = 0x21;

/// A file in an archive.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// With `/` between folders.
    pub(crate) name: String,
    pub(crate) data: Vec<u8>,
}

/// An archive of these files.
pub(crate) fn archive(entries: &[Entry]) -> Result<Vec<u8>> {
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    sorted.sort_by(|left, right| left.name.cmp(&right.name));
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for entry in &sorted {
        let offset = size(bytes.len())?;
        let (facts, packed) = pack(entry)?;
        bytes.extend_from_slice(&0x0403_4b50_u32.to_le_bytes());
        bytes.extend_from_slice(&facts);
        bytes.extend_from_slice(entry.name.as_bytes());
        bytes.extend_from_slice(&packed);
        list(&mut directory, &entry.name, &facts, offset);
    }
    let (start, count) = (size(bytes.len())?, u16::try_from(sorted.len())?);
    bytes.extend_from_slice(&directory);
    finish(&mut bytes, count, size(directory.len())?, start);
    Ok(bytes)
}

/// What the header of an entry says of it, and its packed data.
fn pack(entry: &Entry) -> Result<(Vec<u8>, Vec<u8>)> {
    ensure!(entry.name.is_ascii(), "the name {} is not ASCII", entry.name);
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&entry.data)?;
    let packed = encoder.finish()?;
    let mut crc = Crc::new();
    crc.update(&entry.data);
    let mut facts = Vec::new();
    for short in [VERSION, 0, DEFLATE, 0, DATE] {
        facts.extend_from_slice(&short.to_le_bytes());
    }
    for long in [crc.sum(), size(packed.len())?, size(entry.data.len())?] {
        facts.extend_from_slice(&long.to_le_bytes());
    }
    for short in [u16::try_from(entry.name.len())?, 0] {
        facts.extend_from_slice(&short.to_le_bytes());
    }
    Ok((facts, packed))
}

/// Adds an entry to the directory at the end of the archive.
fn list(directory: &mut Vec<u8>, name: &str, facts: &[u8], offset: u32) {
    directory.extend_from_slice(&0x0201_4b50_u32.to_le_bytes());
    directory.extend_from_slice(&VERSION.to_le_bytes());
    directory.extend_from_slice(facts);
    // No comment, disk 0, no attributes.
    directory.extend_from_slice(&[0; 10]);
    directory.extend_from_slice(&offset.to_le_bytes());
    directory.extend_from_slice(name.as_bytes());
}

/// The end of an archive: where its directory is.
fn finish(bytes: &mut Vec<u8>, count: u16, length: u32, start: u32) {
    bytes.extend_from_slice(&0x0605_4b50_u32.to_le_bytes());
    // One disk.
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(&count.to_le_bytes());
    bytes.extend_from_slice(&count.to_le_bytes());
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&start.to_le_bytes());
    // No comment.
    bytes.extend_from_slice(&[0; 2]);
}

fn size(length: usize) -> Result<u32> {
    u32::try_from(length).context("an archive of this form holds 4 GB at most")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, data: &[u8]) -> Entry {
        Entry { name: name.to_owned(), data: data.to_vec() }
    }

    #[test]
    fn the_order_of_the_files_does_not_matter() -> Result<()> {
        let (first, second) = (entry("A/a.txt", b"aaaa"), entry("A/b.txt", b"b"));
        assert_eq!(archive(&[first.clone(), second.clone()])?, archive(&[second, first])?);
        Ok(())
    }

    #[test]
    fn the_headers_are_those_of_the_format() -> Result<()> {
        let bytes = archive(&[entry("a", b"hello")])?;
        assert_eq!(bytes[..4], *b"PK\x03\x04");
        // CRC-32 of "hello", its length, and the name after a header of 30 bytes.
        assert_eq!(bytes[14..18], 0x3610_a686_u32.to_le_bytes());
        assert_eq!(bytes[22..26], 5_u32.to_le_bytes());
        assert_eq!(bytes[30..31], *b"a");
        let end = bytes.len() - 22;
        assert_eq!(bytes[end..end + 4], *b"PK\x05\x06");
        // A directory of one entry of 46 bytes and a name, right before the end.
        assert_eq!(bytes[end + 12..end + 16], 47_u32.to_le_bytes());
        assert_eq!(bytes[end - 47..end - 43], *b"PK\x01\x02");
        Ok(())
    }

    #[test]
    fn a_name_that_systems_read_differently_is_refused() {
        assert!(archive(&[entry("\u{e9}", b"")]).is_err());
    }
}
