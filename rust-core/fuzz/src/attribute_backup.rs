//! Files of backups of attributes: what `Restore-PPAttribute` reads, and `Export-PPAttributeBackup` takes up.

use pp_attributes::account::Change;
use pp_attributes::backup::{Left, Writer, left, user_at, verify};

/// A file that is taken has all the users that it says, each at its place; and one that is taken up ends as one that is taken.
pub(crate) fn attribute_backup(data: &[u8]) {
    let mut users = Vec::new();
    let user = |at, change| {
        if let Change::Is(user) = change {
            users.push((at, user));
        }
    };
    if let Ok(verified) = verify(data, user) {
        assert_eq!(usize::try_from(verified.end.users), Ok(users.len()));
        let mut file = std::io::Cursor::new(data);
        assert!(users.iter().all(|(at, user)| user_at(&mut file, *at).is_ok_and(|again| again == *user)));
    }
    let found = match left(data) {
        Ok(Left::Unfinished(found)) => found,
        Ok(Left::Whole(..)) => return assert!(verify(data, |_, _| ()).is_ok(), "whole, and then no backup"),
        Err(_) => return,
    };
    let kept = usize::try_from(found.length).ok().and_then(|length| data.get(..length));
    let mut file = kept.map(<[u8]>::to_vec).unwrap_or_default();
    assert!(Writer::go_on(&mut file, &found).end(None).is_ok(), "a vector takes all");
    let verified = verify(file.as_slice(), |_, _| ());
    assert!(verified.is_ok_and(|verified| verified.end.users == found.users), "taken up, and then no backup");
}
