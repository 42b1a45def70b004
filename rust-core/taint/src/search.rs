//! Searches bytes for all forms of all texts at once.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Read};

use aho_corasick::AhoCorasick;
use anyhow::{Context as _, Result};

use crate::verdict::Text;

/// How much is read at once.
const CHUNK: usize = 4 << 20;

/// A text that was found: its index among those searched for, and the form it was in.
pub(crate) type Hit = (usize, &'static str);

/// A search for texts.
pub(crate) struct Search {
    automaton: AhoCorasick,
    meaning: Vec<Hit>,
    longest: usize,
}

impl Search {
    pub(crate) fn new(texts: &[Text]) -> Result<Self> {
        let mut meaning: HashMap<Vec<u8>, Hit> = HashMap::new();
        for (index, text) in texts.iter().enumerate() {
            for (form, pattern) in text.patterns() {
                // Two forms can be the same bytes: the first is the plainer one.
                meaning.entry(pattern).or_insert((index, form));
            }
        }
        let longest = meaning.keys().map(Vec::len).max().unwrap_or_default();
        let (patterns, meaning): (Vec<Vec<u8>>, Vec<Hit>) = meaning.into_iter().unzip();
        let automaton = AhoCorasick::new(&patterns).context("too many patterns")?;
        Ok(Self { automaton, meaning, longest })
    }

    /// What the bytes hold.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> BTreeSet<Hit> {
        self.automaton.find_overlapping_iter(bytes).map(|found| self.meaning[found.pattern().as_usize()]).collect()
    }

    /// What a stream holds, and how long it is.
    pub(crate) fn stream(&self, mut stream: impl Read) -> io::Result<(BTreeSet<Hit>, u64)> {
        let (mut hits, mut total) = (BTreeSet::new(), 0);
        let mut window = Vec::new();
        loop {
            // What lies across two chunks is found with the end of the one before.
            let kept = window.len().min(self.longest);
            window.drain(..window.len() - kept);
            let read = stream.by_ref().take(CHUNK as u64).read_to_end(&mut window)?;
            if read == 0 {
                return Ok((hits, total));
            }
            total += read as u64;
            hits.extend(self.bytes(&window));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_across_two_chunks_is_found() -> Result<()> {
        let text = "a secret that lies across two chunks".to_owned();
        let search = Search::new(&[Text::secret("", &text)])?;
        for before in [0, 1, CHUNK - text.len(), CHUNK - 1, CHUNK] {
            let bytes = [vec![b'.'; before], text.clone().into_bytes(), vec![b'.'; 9]].concat();
            let (hits, total) = search.stream(&bytes[..])?;
            assert_eq!(hits.into_iter().collect::<Vec<_>>(), [(0, "plain")], "{before}");
            assert_eq!(total, bytes.len() as u64);
        }
        Ok(())
    }
}
