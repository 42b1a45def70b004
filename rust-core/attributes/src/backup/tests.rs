use std::io::Cursor;

use time::macros::datetime;

use super::*;
use pp_words::upper_hex;

fn header() -> Header {
    Header {
        schema: SCHEMA.into(),
        tenant_id: "2f6e1c1a-7f0f-4a53-9f0a-0d3d8a8f5a11".into(),
        tenant_name: Some("Contoso \u{202e}Accounting".into()),
        time: datetime!(2026-11-29 14:00 UTC),
        module: "0.2.0".into(),
        select: crate::account::SELECT.into(),
    }
}

fn user(number: u8) -> Account {
    Account {
        id: format!("00000000-0000-4000-8000-0000000000{number:02x}"),
        user_principal_name: Some(format!("user{number}@contoso.com")),
        display_name: Some("A \"name\"\u{2028}of two\nlines".into()),
        proxy_addresses: vec![format!("SMTP:user{number}@contoso.com")],
        ..Account::default()
    }
}

fn is(number: u8) -> Change {
    Change::Is(user(number))
}

/// A backup of two pages, of whose users the first is deleted meanwhile, and what its writer said of it.
fn written() -> Result<(Vec<u8>, Finished), Box<dyn std::error::Error>> {
    let mut writer = Writer::begin(Vec::new(), &header())?;
    writer.page(&[is(1), is(2)], Some("https://graph/next"))?;
    writer.page(&[is(3), Change::Removed(user(1).id)], None)?;
    Ok(writer.end(Some("https://graph/delta"))?)
}

fn users(file: &[u8]) -> Result<Vec<(u64, Change)>, BackupError> {
    let mut users = Vec::new();
    verify(file, |at, user| users.push((at, user)))?;
    Ok(users)
}

#[test]
fn what_was_written_is_read_back_whole_and_one_by_one() -> Result<(), Box<dyn std::error::Error>> {
    let (file, finished) = written()?;
    let verified = verify(file.as_slice(), |_, _| ())?;
    assert_eq!(verified.header, header());
    assert_eq!((verified.end.users, finished.users), (3, 3));
    assert_eq!(verified.delta_link.as_deref(), Some("https://graph/delta"));
    assert_eq!(finished.file_sha256, upper_hex(&<sha2::Sha256 as sha2::Digest>::digest(&file)));
    let all = users(&file)?;
    let said: Vec<Change> = all.iter().map(|(_, user)| user.clone()).collect();
    assert_eq!(said, [is(1), is(2), is(3), Change::Removed(user(1).id)]);
    let mut file = Cursor::new(file);
    for (at, wanted) in all.into_iter().rev() {
        match wanted {
            Change::Is(wanted) => assert_eq!(user_at(&mut file, at)?, wanted),
            Change::Removed(_) => assert!(user_at(&mut file, at).is_err()),
        }
    }
    Ok(())
}

#[test]
fn any_byte_that_was_changed_cut_off_or_added_is_noticed() -> Result<(), Box<dyn std::error::Error>> {
    let (file, _) = written()?;
    for place in 0..file.len() {
        let mut altered = file.clone();
        altered[place] ^= 1;
        assert!(users(&altered).is_err(), "byte {place}");
        assert!(users(&file[..place]).is_err(), "cut at {place}");
    }
    assert!(matches!(users(&[file.as_slice(), b"\n"].concat()), Err(BackupError::Altered(_))));
    Ok(())
}

#[test]
fn one_that_was_stopped_anywhere_is_taken_up_with_all_that_was_whole_of_it() -> Result<(), Box<dyn std::error::Error>> {
    let (file, _) = written()?;
    let text = String::from_utf8(file.clone())?;
    let page = text.find("next\":").and_then(|at| Some(at + text[at..].find('\n')? + 1)).ok_or("no page")?;
    let first = text.find('\n').ok_or("no line")? + 1;
    let last_user = text.find("{\"delta").ok_or("no end")?;
    for stopped in first..file.len() {
        let whole = file[..stopped.min(last_user)].iter().rposition(|byte| *byte == b'\n').ok_or("no line")? + 1;
        let found = unfinished(&file[..stopped])?;
        assert_eq!(found.next.as_deref(), (stopped >= page).then_some("https://graph/next"), "{stopped}");
        let lines = text[..whole].matches("{\"user\"").count() as u64;
        assert_eq!((found.users, found.length), (lines, whole as u64), "{stopped}");
        let mut writer = Writer::go_on(Vec::new(), &found);
        writer.page(&[is(3), Change::Removed(user(1).id)], None)?;
        let (rest, _) = writer.end(Some("https://graph/delta"))?;
        let ended = [&file[..whole], rest.as_slice()].concat();
        assert_eq!(users(&ended)?.len(), text[first..whole].lines().filter(|line| !line.contains("next")).count() + 2);
    }
    Ok(())
}

#[test]
fn a_finished_one_is_known_as_such_and_one_that_was_altered_is_not_taken_up() -> Result<(), Box<dyn std::error::Error>>
{
    let (file, finished) = written()?;
    let Left::Whole(found, is) = left(file.as_slice())? else { return Err("not finished".into()) };
    assert_eq!((found, is), (header(), finished));
    let altered = String::from_utf8(file.clone())?.replacen("user1@", "user9@", 1);
    assert_ne!(altered.as_bytes(), file);
    for altered in [altered.into_bytes(), [file.as_slice(), b"\n"].concat()] {
        assert!(matches!(left(altered.as_slice()), Err(BackupError::Altered(_))));
    }
    // What is damaged within isn't torn: what stands behind it is lost where it is cut there.
    let end = file.iter().rposition(|byte| *byte == b'{').ok_or("no end")?;
    let damaged = String::from_utf8(file[..end].to_vec())?.replacen("\"id\"", "\"di\"", 1);
    assert!(matches!(left(damaged.as_bytes()), Err(BackupError::NotABackup { line: 2, .. })));
    Ok(())
}

/// Of one that was stopped.
fn unfinished(file: &[u8]) -> Result<Unfinished, BackupError> {
    match left(file)? {
        Left::Unfinished(found) => Ok(found),
        Left::Whole(..) => Err(BackupError::Altered("it is finished".into())),
    }
}

#[test]
fn who_has_the_name_for_the_time_being_by_what_was_said_last_is_known_also_of_one_that_was_taken_up()
-> Result<(), Box<dyn std::error::Error>> {
    let away = |number: u8| {
        let name = format!("ppfederation-restore-{}@contoso.onmicrosoft.com", user(number).id.replace('-', ""));
        Change::Is(Account { user_principal_name: Some(name), ..user(number) })
    };
    let mut file = Vec::new();
    let mut writer = Writer::begin(&mut file, &header())?;
    writer.page(&[away(1), away(2), away(3)], Some("https://graph/next"))?;
    drop(writer);
    let found = unfinished(&file)?;
    let mut writer = Writer::go_on(&mut file, &found);
    writer.page(&[is(1), is(4), Change::Removed(user(3).id), away(5)], None)?;
    let (_, finished) = writer.end(None)?;
    assert_eq!(finished.on_the_way, [user(2).id, user(5).id].into());
    Ok(())
}

#[test]
fn what_is_no_backup_says_where_and_why() {
    let told = |file: &str| users(file.as_bytes()).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(told("").contains("empty"), "{}", told(""));
    assert!(told("Id,Name\n1,2\n").starts_with("line 1 is no line of a backup"), "{}", told("Id,Name\n1,2\n"));
    let other = serde_json::to_string(&Line::Backup(Header { schema: "x-9".into(), ..header() })).unwrap_or_default();
    assert!(told(&format!("{other}\n")).contains("its schema is x-9"), "{}", told(&other));
    let long = format!("{{\"backup\":\"{}\"}}\n", "x".repeat(2_000_000));
    assert!(told(&long).contains("line 1"), "a line of any length isn't read into memory");
}

/// A disk that takes no more than so many bytes.
struct Full<'a>(&'a mut Vec<u8>, usize);

impl std::io::Write for Full<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let room = self.1.saturating_sub(self.0.len()).min(bytes.len());
        if room == 0 {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.0.extend_from_slice(&bytes[..room]);
        Ok(room)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_told_and_leaves_what_is_taken_up() -> Result<(), Box<dyn std::error::Error>> {
    let (whole, _) = written()?;
    for room in 0..whole.len() {
        let mut disk = Vec::new();
        let write = |to| -> std::io::Result<()> {
            let mut writer = Writer::begin(to, &header())?;
            writer.page(&[is(1), is(2)], Some("https://graph/next"))?;
            writer.page(&[is(3), Change::Removed(user(1).id)], None)?;
            writer.end(Some("https://graph/delta")).map(drop)
        };
        let error = write(Full(&mut disk, room)).err().ok_or("a full disk was not told")?;
        assert_eq!(error.kind(), std::io::ErrorKind::StorageFull, "{room}");
        assert!(whole.starts_with(&disk), "{room}");
    }
    Ok(())
}
