//! Files of the portal's users: what `Compare-PPAttribute -Path` does with them.

use std::io::BufReader;

use pp_attributes::pairing::{Builder, Claims};
use pp_attributes::portal_user::PortalUser;
use pp_attributes::portal_users::{Overrides, PortalUsers};

/// Any bytes are users one after the other, or an error and nothing behind it, however they come in; and what is kept of the users is what
/// was read.
pub(crate) fn portal_users(data: &[u8]) {
    let whole = read(data, 8192);
    assert_eq!(whole, read(data, 1), "it depends on how the file comes in");
    let (users, _) = whole;
    assert!(users.is_sorted_by(|one, next| one.place < next.place), "two users are at one place");
    assert!(users.iter().flat_map(|user| user.attributes.values()).all(|text| !text.trim().is_empty()));
    let mut index = Builder::default();
    for user in &users {
        index.push(user);
    }
    let index = index.finish();
    assert!(
        Claims::default().unclaimed(&index).map(|(_, user)| user.unpacked()).eq(users),
        "the index holds something else"
    );
}

/// The users, and what the file ends with.
fn read(data: &[u8], at_once: usize) -> (Vec<PortalUser>, Option<String>) {
    let file = match PortalUsers::open(BufReader::with_capacity(at_once, data), &Overrides::new()) {
        Ok(file) => file,
        Err(error) => return (Vec::new(), Some(error.to_string())),
    };
    let mut users = Vec::new();
    for user in file {
        match user {
            Ok(user) => users.push(user),
            Err(error) => return (users, Some(error.to_string())),
        }
    }
    (users, None)
}
