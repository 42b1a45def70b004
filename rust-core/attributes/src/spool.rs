//! Records between those who give them and the one who reads them, as what is to be said of each hangs on all others: packed, in a file
//! that the caller gives. So nothing is read twice, and memory doesn't grow with them.

use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::ops::Range;

use crate::account::Account;
use crate::packed;
use crate::pairing::{Found, Key, Number};

/// So much is written and read at once.
const BUFFER: usize = 64 * 1024;

/// A kind of what can be kept in a spool.
pub trait Record {
    /// One of it, whose texts may be those that it was packed into.
    type Of<'p>;

    /// Appends one to these bytes, packed.
    fn pack(one: &Self::Of<'_>, into: &mut Vec<u8>) -> io::Result<()>;

    /// The one that was packed into these bytes.
    fn unpack(packed: &[u8]) -> io::Result<Self::Of<'_>>;
}

/// A user of a walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walked<'p> {
    /// At which place it came.
    pub place: u32,
    /// The users of the portal that were found for it.
    pub found: Found,
    /// The user.
    pub account: Account<&'p str>,
}

/// Users of a walk.
#[derive(Debug)]
pub struct WalkedUsers;

impl Record for WalkedUsers {
    type Of<'p> = Walked<'p>;

    fn pack(one: &Walked<'_>, into: &mut Vec<u8>) -> io::Result<()> {
        packed::number(into, u64::from(one.place));
        let (by, found) = one.found.as_ref().map_or((0, &[][..]), |(by, found)| (*by as u64, &found[..]));
        packed::number(into, found.len() as u64);
        packed::number(into, by);
        for number in found {
            packed::number(into, u64::from(number.0));
        }
        packed::account(into, &one.account);
        Ok(())
    }

    fn unpack(packed: &[u8]) -> io::Result<Walked<'_>> {
        Ok(walked(packed).ok_or(io::ErrorKind::InvalidData)?)
    }
}

fn walked(mut packed: &[u8]) -> Option<Walked<'_>> {
    let mut number = || packed::taken(&mut packed).and_then(|number| u32::try_from(number).ok());
    let (place, many, by) = (number()?, number()?, number()?);
    let found = (0..many).map(|_| number().map(Number)).collect::<Option<Vec<_>>>()?;
    let by = Key::ALL.get(by as usize).copied().filter(|_| many > 0);
    Some(Walked { place, found: by.map(|by| (by, found)), account: packed::taken_account(packed)? })
}

/// The file while it is written.
#[derive(Debug)]
pub struct Spool<R, F: Write> {
    file: BufWriter<F>,
    packed: Vec<u8>,
    records: u64,
    of: PhantomData<R>,
}

impl<R: Record, F: Read + Write + Seek> Spool<R, F> {
    /// In this file, which is empty.
    pub fn new(file: F) -> Self {
        Self { file: BufWriter::with_capacity(BUFFER, file), packed: Vec::new(), records: 0, of: PhantomData }
    }

    /// Takes a record.
    pub fn push(&mut self, record: &R::Of<'_>) -> io::Result<()> {
        self.packed.clear();
        R::pack(record, &mut self.packed)?;
        let length = u32::try_from(self.packed.len()).map_err(io::Error::other)?;
        self.file.write_all(&length.to_le_bytes())?;
        self.file.write_all(&self.packed)?;
        self.records += 1;
        Ok(())
    }

    /// All that were taken are in the file: what it takes no more of is told here at the latest.
    pub fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }

    /// Forgets those that were taken.
    pub fn begin_anew(&mut self) -> io::Result<()> {
        self.records = 0;
        self.file.seek(SeekFrom::Start(0)).map(drop)
    }

    /// Its records, to be read.
    pub fn finish(self) -> io::Result<Spooled<R, F>> {
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        let file = BufReader::with_capacity(BUFFER, file);
        Ok(Spooled { file, left: self.records, of: PhantomData })
    }
}

/// The file while it is read: the records in the order in which they came.
#[derive(Debug)]
pub struct Spooled<R, F> {
    file: BufReader<F>,
    left: u64,
    of: PhantomData<R>,
}

impl<R: Record, F: Read> Spooled<R, F> {
    /// How many there are still to come.
    pub fn len(&self) -> u64 {
        self.left
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.left == 0
    }

    /// The next records, so many or what is left; none where there are no more.
    pub fn read_next(&mut self, most: usize) -> Option<io::Result<Records<R>>> {
        let many = usize::try_from(self.left).unwrap_or(usize::MAX).min(most);
        (many > 0).then(|| self.read(many))
    }

    fn read(&mut self, many: usize) -> io::Result<Records<R>> {
        let mut records = Records { packed: Vec::new(), ends: Vec::with_capacity(many), of: PhantomData };
        for _ in 0..many {
            let mut length = [0; 4];
            self.file.read_exact(&mut length)?;
            let begin = records.packed.len();
            let end = begin + usize::try_from(u32::from_le_bytes(length)).map_err(io::Error::other)?;
            records.packed.resize(end, 0);
            self.file.read_exact(&mut records.packed[begin..])?;
            records.ends.push(end);
            self.left -= 1;
        }
        Ok(records)
    }
}

impl<R: for<'p> Record<Of<'p> = R>, F: Read> Iterator for Spooled<R, F> {
    type Item = io::Result<R>;

    fn next(&mut self) -> Option<Self::Item> {
        let one = self.read_next(1)?;
        one.and_then(|one| one.part(0..1).next().transpose()).transpose()
    }
}

/// Records that were read together, still packed.
#[derive(Debug)]
pub struct Records<R> {
    packed: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
    of: PhantomData<R>,
}

impl<R: Record> Records<R> {
    /// How many.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Those at these places, as far as there are any.
    pub fn part(&self, places: Range<usize>) -> impl Iterator<Item = io::Result<R::Of<'_>>> {
        places.take_while(|place| *place < self.len()).map(|place| {
            let begin = place.checked_sub(1).map_or(0, |before| self.ends[before]);
            R::unpack(&self.packed[begin..self.ends[place]])
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn users_come_back_as_they_came_and_none_of_a_walk_that_began_anew() -> io::Result<()> {
        let user = |place, id, found| Walked {
            place,
            found,
            account: Account { id, proxy_addresses: vec!["SMTP:somebody@contoso.com"], ..Account::default() },
        };
        let mut spool = Spool::<WalkedUsers, _>::new(Cursor::new(Vec::new()));
        for place in 0..1000 {
            spool.push(&user(place, "of a walk that was lost", None))?;
        }
        spool.begin_anew()?;
        let several = Some((Key::Mail, vec![Number(0), Number(u32::MAX)]));
        let users = [user(3, "a", None), user(u32::MAX, "b", several), user(4, "c", None)];
        users.iter().try_for_each(|user| spool.push(user))?;
        let mut back = spool.finish()?;
        let first = back.read_next(1).transpose()?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let rest = back.read_next(9).transpose()?.ok_or(io::ErrorKind::UnexpectedEof)?;
        assert_eq!((first.len(), rest.len(), back.len()), (1, 2, 0));
        let all = first.part(0..9).chain(rest.part(0..1)).chain(rest.part(1..9));
        assert_eq!(all.collect::<io::Result<Vec<_>>>()?, users);
        assert!(back.read_next(9).is_none());
        Ok(())
    }
}
