//! The lines of one tenant: append blobs `lines/<tenant>/<number>`, so that a tenant's lines keep their order and reading them takes one
//! request. The next one is begun before a blob is full.

use std::io::Cursor;

use pp_base::call::Call;
use pp_http::{Method, Response};
use uuid::Uuid;

use super::Terms;
use super::service::{Ask, Service};
use crate::error::LedgerError;
use crate::line::Header;
use crate::parse::lines;
use crate::state::States;

/// A blob is as long as this at most, so that it is read in one request. The service's own limit is 195 GiB.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Where the next line of a tenant goes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tail {
    /// Of the blob, from 0.
    number: u32,
    /// Its length; 0 where it isn't there, or empty.
    length: u64,
    blocks: u64,
}

/// What is written in one request, at a place.
#[derive(Debug)]
pub(super) struct Block {
    tail: Tail,
    bytes: Vec<u8>,
}

impl Block {
    /// Where the next goes, once it is written.
    fn next(&self) -> Tail {
        let Self { tail, bytes } = self;
        Tail { length: tail.length + bytes.len() as u64, blocks: tail.blocks + 1, ..*tail }
    }
}

fn name_of(tenant: Uuid, number: u32) -> String {
    format!("lines/{tenant}/{number:06}")
}

fn is_refused(error: &LedgerError, codes: &[&str]) -> bool {
    matches!(error, LedgerError::Refused(refusal) if codes.contains(&refusal.code.as_str()))
}

impl Service {
    /// Reads a tenant's lines into `states`; where the next goes.
    pub(super) fn read_tenant(
        &self,
        tenant: Uuid,
        terms: Terms,
        states: &mut States,
        call: &Call<'_>,
    ) -> Result<Tail, LedgerError> {
        let mut tail = Tail::default();
        loop {
            let Some(answer) = self.get(tenant, tail.number, call)? else { return Ok(tail) };
            tail.length = answer.body.len() as u64;
            let count = answer.header("x-ms-blob-committed-block-count").and_then(|count| count.parse().ok());
            tail.blocks = count.unwrap_or_default();
            if tail.length > 0 {
                let place = self.address.of(&name_of(tenant, tail.number));
                let end = lines(Cursor::new(&answer.body[..]), &place, |line| states.fold(line))?;
                if end.torn || end.unterminated {
                    let what = "it is not whole, though a block is written whole or not at all".to_owned();
                    return Err(LedgerError::Damaged { place, line: end.lines + u64::from(end.torn), what });
                }
            }
            if !tail.is_full(terms) {
                return Ok(tail);
            }
            tail = tail.next();
        }
    }

    /// One blob; nothing where it isn't there.
    fn get(&self, tenant: Uuid, number: u32, call: &Call<'_>) -> Result<Option<Response>, LedgerError> {
        let blob = name_of(tenant, number);
        let name = format!("GET {blob}");
        let (url, headers, body) = (self.address.of(&blob), Vec::new(), Vec::new());
        match self.send(&Ask { name: &name, method: Method::GET, url, query: "", headers, body }, call) {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if is_refused(&error, &["BlobNotFound"]) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What is to be written for a line, and where: at the end of the tenant's lines, or as the first of another blob.
    pub(super) fn block(&self, tail: Tail, line: &[u8], terms: Terms) -> Result<Block, LedgerError> {
        let tail = if tail.is_full(terms) { tail.next() } else { tail };
        let mut bytes = Vec::new();
        if tail.length == 0 {
            serde_json::to_writer(&mut bytes, &Header::new(self.clock.now())).map_err(|error| self.no_line(&error))?;
            bytes.push(b'\n');
        }
        bytes.extend_from_slice(line);
        Ok(Block { tail, bytes })
    }

    /// Writes a block; where the next goes. One whose answer was lost isn't written twice, and where somebody else has written
    /// meanwhile nothing is.
    pub(super) fn append(&self, tenant: Uuid, block: &Block, call: &Call<'_>) -> Result<Tail, LedgerError> {
        let Block { tail, bytes } = block;
        if tail.length == 0 {
            self.create(tenant, tail.number, call)?;
        }
        let blob = name_of(tenant, tail.number);
        let name = format!("PUT {blob}");
        let headers = vec![("x-ms-blob-condition-appendpos", tail.length.to_string())];
        let (url, query, body) = (self.address.of(&blob), "comp=appendblock", bytes.clone());
        match self.send(&Ask { name: &name, method: Method::PUT, url, query, headers, body }, call) {
            Ok(_) => Ok(block.next()),
            Err(error) if is_refused(&error, &["AppendPositionConditionNotMet", "BlobNotFound"]) => {
                self.look_for(tenant, block, call)?.ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Makes a blob; one that is there already is as good.
    fn create(&self, tenant: Uuid, number: u32, call: &Call<'_>) -> Result<(), LedgerError> {
        let blob = name_of(tenant, number);
        let name = format!("PUT {blob}");
        let headers = vec![("x-ms-blob-type", "AppendBlob".to_owned()), ("if-none-match", "*".to_owned())];
        let ask =
            Ask { name: &name, method: Method::PUT, url: self.address.of(&blob), query: "", headers, body: Vec::new() };
        match self.send(&ask, call) {
            Ok(_) => Ok(()),
            Err(error) if is_refused(&error, &["BlobAlreadyExists", "ConditionNotMet"]) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether a block was written: where the next goes then, or nothing. The error is for what somebody else has written there, or taken
    /// away.
    pub(super) fn look_for(&self, tenant: Uuid, block: &Block, call: &Call<'_>) -> Result<Option<Tail>, LedgerError> {
        let there = self.get(tenant, block.tail.number, call)?.map(|answer| answer.body).unwrap_or_default();
        let from = usize::try_from(block.tail.length).unwrap_or(usize::MAX);
        let why = match there.get(from..) {
            Some([]) => return Ok(None),
            Some(behind) if behind == block.bytes => return Ok(Some(block.next())),
            Some(_) => "another worker has written lines of the tenant",
            None => {
                "lines of the tenant that were there are gone: the account was failed over or restored, or somebody deleted them"
            }
        };
        Err(LedgerError::Lost { tenant, why: why.into() })
    }

    pub(super) fn no_line(&self, error: &dyn std::fmt::Display) -> LedgerError {
        LedgerError::NotWritable { place: self.address.to_string(), why: error.to_string() }
    }
}

impl Tail {
    fn is_full(self, terms: Terms) -> bool {
        self.blocks >= terms.blocks || self.length >= LONGEST
    }

    fn next(self) -> Self {
        Self { number: self.number.saturating_add(1), ..Self::default() }
    }
}
